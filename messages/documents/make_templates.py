"""Makes the template `script_plan.docx`: `python -m messages.documents.make_templates`.

Layout: Decree 30/2020/NĐ-CP, Annex I (A4, margins, Times New Roman, national title, number, place and date, page
numbers from the second page on). An office copies the file, edits it in Word, and names it in its configuration.
"""

from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

SCRIPT_PLAN = Path(__file__).parent / "script_plan.docx"
FONT = "Times New Roman"
CENTRE, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT


def make_script_plan() -> WordDocument:
    """Make an episode's script plan.

    `messages.documents.script_plan.ScriptPlan` explains its fields.
    """
    document = _page()
    _head(document)
    _line(document, "KỊCH BẢN", CENTRE, bold=True, size=14, before=12)
    _line(document, "Chương trình “{{ programme }}”", CENTRE, bold=True, size=14)
    _line(document, "Kỳ {{ number }}: {{ title }}", CENTRE, bold=True, size=14)
    _block(document, "if version > 1")
    _line(document, "(Bản {{ version }}, thay bản đã gửi trước)", CENTRE, italic=True)
    _block(document, "endif")
    _heading(document, "1. Mục đích")
    _each(document, "line in purpose", "{{ line }}")
    _heading(document, "2. Yêu cầu")
    _each(document, "line in requirements", "{{ line }}")
    _heading(document, "3. Câu hỏi")
    _block(document, "for question in questions")
    asked = _body(document, "Câu {{ loop.index }} ({{ question.code }}): {{ question.on_air }}")
    asked.paragraph_format.keep_with_next = True
    _body(
        document,
        "Cơ quan trả lời: {{ question.lead }}"
        "{% if question.coordinating %}. Cơ quan phối hợp: {{ question.coordinating | join('; ') }}{% endif %}.",
    )
    _block(document, "endfor")
    _heading(document, "4. Khách mời")
    _each(
        document,
        "guest in guests",
        "- {{ guest.name }}{% if guest.position %}, {{ guest.position }}{% endif %}, {{ guest.agency }}"
        "{% if guest.substitute_for %} (thay {{ guest.substitute_for }}){% endif %}.",
    )
    _heading(document, "5. Ghi hình")
    _body(document, "Thời gian: {{ recording_time }}.")
    _body(document, "Địa điểm: {{ recording_place }}.")
    _body(document, "Hình thức: {{ recording_manner }}.")
    _body(document, "Thời lượng chương trình: {{ minutes }} phút.")
    _heading(document, "6. Phát sóng")
    _each(document, "airing in airings", "- {{ airing.time }}, kênh {{ airing.channel }}{{ airing.repeat }}.")
    _body(
        document,
        "Đề nghị các cơ quan xác nhận đã nhận kịch bản; khách mời không tham gia được thì cử người thay.",
    )
    _foot(document)
    return document


def _page() -> WordDocument:
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(kind), FONT)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True  # page numbers from the second page on
    number = section.header.paragraphs[0]
    number.alignment = CENTRE
    _field(number, "PAGE")
    about = document.core_properties
    about.author = about.last_modified_by = about.comments = ""
    about.title = "Kịch bản"
    about.created = about.modified = datetime(2026, 1, 1, tzinfo=UTC)
    return document


def _head(document: WordDocument) -> None:
    table = document.add_table(rows=2, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _widths(table, Mm(65), Mm(100))
    left, right = table.rows[0].cells
    # The parent body stands above in ordinary capitals, the issuing body in bold ones; the title on one line.
    _first(left, "ỦY BAN NHÂN DÂN", 12)
    _in(left, "{{ province | upper }}", 12)
    _in(left, "BAN BIÊN TẬP", 12, bold=True)
    _rule(_in(left, "", 2), indent=Mm(24))
    _first(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True)
    _in(right, "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    _rule(_in(right, "", 2), indent=Mm(19))
    left, right = table.rows[1].cells
    _first(left, "Số:       /KB-BBT", 13).paragraph_format.space_before = Pt(6)
    _first(right, "{{ place_and_date }}", 13, italic=True).paragraph_format.space_before = Pt(6)


def _foot(document: WordDocument) -> None:
    table = document.add_table(rows=1, cols=2)
    _widths(table, Mm(85), Mm(80))
    left, right = table.rows[0].cells
    _first(left, "Nơi nhận:", 12, bold=True, italic=True, align=LEFT).paragraph_format.space_before = Pt(12)
    for text in ("{%p for agency in recipients %}", "- {{ agency }};", "{%p endfor %}", "- Lưu: VT."):
        _in(left, text, 11, align=LEFT)
    _first(right, "TM. BAN BIÊN TẬP", 14, bold=True).paragraph_format.space_before = Pt(12)


# --- pieces ---------------------------------------------------------------------------------------------------


def _line(
    document: WordDocument,
    text: str,
    align: WD_ALIGN_PARAGRAPH,
    *,
    bold: bool = False,
    italic: bool = False,
    size: int = 14,
    before: int = 0,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    _run(paragraph, text, size, bold=bold, italic=italic)


def _heading(document: WordDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Mm(10)
    paragraph.paragraph_format.space_before = Pt(6)
    paragraph.paragraph_format.keep_with_next = True
    _run(paragraph, text, 14, bold=True)


def _body(document: WordDocument, text: str) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Mm(10)
    paragraph.paragraph_format.space_before = Pt(3)
    _run(paragraph, text, 14)
    return paragraph


def _each(document: WordDocument, each: str, text: str) -> None:
    _block(document, f"for {each}")
    _body(document, text)
    _block(document, "endfor")


def _block(document: WordDocument, tag: str) -> None:
    """Add a paragraph that only steers the template and is removed from the document."""
    document.add_paragraph(f"{{%p {tag} %}}")


def _widths(table: Table, *widths: Mm) -> None:
    """Set the widths of the columns and of each cell: some programs read the one, some the other."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _first(
    cell: _Cell, text: str, size: int, *, bold: bool = False, italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = CENTRE,
) -> Paragraph:  # fmt: skip
    """Write into the paragraph that every cell begins with."""
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    _run(paragraph, text, size, bold=bold, italic=italic)
    return paragraph


def _in(
    cell: _Cell, text: str, size: int, *, bold: bool = False, align: WD_ALIGN_PARAGRAPH = CENTRE
) -> Paragraph:
    paragraph: Paragraph = cell.add_paragraph()
    paragraph.alignment = align
    _run(paragraph, text, size, bold=bold)
    return paragraph


def _run(paragraph: Paragraph, text: str, size: int, *, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _rule(paragraph: Paragraph, *, indent: Mm) -> None:
    """Draw the line below the motto and the issuing body: as long as the words, or a third to a half."""
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = indent
    paragraph.paragraph_format.line_spacing = Pt(3)
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("w:val", "single"), ("w:sz", "6"), ("w:space", "1"), ("w:color", "000000")):
        line.set(qn(name), value)
    borders.append(line)
    # The schema wants borders before spacing, indents and alignment.
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _field(paragraph: Paragraph, code: str) -> None:
    for kind, text in (("begin", None), (None, code), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind is not None:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


if __name__ == "__main__":
    make_script_plan().save(str(SCRIPT_PLAN))
