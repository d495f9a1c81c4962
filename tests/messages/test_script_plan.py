"""The script plan's document, opened again: layout of Decree 30/2020, texts, hostile texts, broken templates."""

import tracemalloc
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from messages.documents.make_templates import make_script_plan
from messages.documents.script_plan import (
    HOUSE_TEMPLATE,
    BrokenTemplate,
    PlannedAiring,
    PlannedGuest,
    PlannedQuestion,
    ScriptPlan,
    check_template,
    paragraphs,
    place_and_date,
    script_plan_document,
)

PLAN = ScriptPlan(
    programme="Dân hỏi - Chính quyền trả lời",
    province="tỉnh An Giang",
    number="12/2026",
    title="Cấp giấy chứng nhận đất",
    version=1,
    place_and_date=place_and_date("tỉnh An Giang", date(2026, 2, 5)),
    purpose=("Giải đáp vướng mắc.", "Nghe dân nói."),
    requirements=("Trả lời ngắn gọn.",),
    questions=(
        PlannedQuestion("DH-2026-000001", "Khi nào có giấy?", "Sở NN&MT", ("Sở Xây dựng", "Sở Tư pháp")),
        PlannedQuestion("DH-2026-000002", "Phí bao nhiêu?", "Sở Tài chính"),
    ),
    guests=(
        PlannedGuest("Trần Văn Bình", "Phó Giám đốc", "Sở NN&MT"),
        PlannedGuest("Phạm Thu Hà", "", "Sở Xây dựng", "Lê Văn C"),
    ),
    recording_time="08:00, thứ Tư, ngày 18/11/2026",
    recording_place="Trường quay",
    recording_manner="Tại trường quay",
    minutes="30",
    airings=(PlannedAiring("19:50, thứ Bảy, ngày 21/11/2026", "KG"),),
    recipients=("Sở NN&MT", "Văn phòng UBND tỉnh"),
)
HOSTILE = "</w:t><w:p/> & <b> {{ 7*7 }} {% for x in y %} {_{ 7 }_} \x00\ufffe\U0001f600 “ngoặc”"


def opened(plan: ScriptPlan = PLAN, template: Path | None = None) -> WordDocument:
    return Document(BytesIO(script_plan_document(plan, template)))


def all_paragraphs(document: WordDocument) -> list[Paragraph]:
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    return [*document.paragraphs, *(paragraph for cell in cells for paragraph in cell.paragraphs)]


def found(document: WordDocument, text: str) -> Paragraph:
    (one,) = [paragraph for paragraph in all_paragraphs(document) if text in paragraph.text]
    return one


def test_everything_that_the_programmes_plan_demands_is_in_it() -> None:
    said = "\n".join(paragraph.text for paragraph in all_paragraphs(opened()))
    for text in (
        "Kỳ 12/2026: Cấp giấy chứng nhận đất",
        "Giải đáp vướng mắc.",
        "Nghe dân nói.",
        "Trả lời ngắn gọn.",
        "Câu 1 (DH-2026-000001): Khi nào có giấy?",
        "Cơ quan trả lời: Sở NN&MT. Cơ quan phối hợp: Sở Xây dựng; Sở Tư pháp.",
        "Câu 2 (DH-2026-000002): Phí bao nhiêu?",
        "Cơ quan trả lời: Sở Tài chính.",
        "- Trần Văn Bình, Phó Giám đốc, Sở NN&MT.",
        "- Phạm Thu Hà, Sở Xây dựng (thay Lê Văn C).",
        "Thời gian: 08:00, thứ Tư, ngày 18/11/2026.",
        "Địa điểm: Trường quay.",
        "Hình thức: Tại trường quay.",
        "Thời lượng chương trình: 30 phút.",
        "- 19:50, thứ Bảy, ngày 21/11/2026, kênh KG.",
        "- Văn phòng UBND tỉnh;",
    ):
        assert text in said, text
    assert "{" not in said
    assert "(Bản" not in said


def test_a_later_version_says_so() -> None:
    said = found(opened(replace(PLAN, version=2)), "(Bản 2, thay bản đã gửi trước)")
    assert said.runs[0].italic


def test_the_layout_is_that_of_decree_30() -> None:
    document = opened()
    section = document.sections[0]
    measured = (
        section.page_width, section.page_height, section.top_margin, section.bottom_margin,
        section.left_margin, section.right_margin,
    )  # fmt: skip
    # Word measures in twentieths of a point.
    assert [round((one or 0) / Mm(1), 1) for one in measured] == [210, 297, 20, 20, 30, 15]
    assert document.styles["Normal"].font.name == "Times New Roman"

    national, motto = found(document, "CỘNG HÒA XÃ HỘI"), found(document, "Độc lập - Tự do")
    assert national.text == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert motto.text == "Độc lập - Tự do - Hạnh phúc"
    (issuer,) = [one for one in document.tables[0].cell(0, 0).paragraphs if one.text == "BAN BIÊN TẬP"]
    for paragraph, size in ((national, 12), (motto, 13), (issuer, 12)):
        assert (paragraph.runs[0].bold, paragraph.runs[0].font.size) == (True, Pt(size))
        assert paragraph.alignment == WD_ALIGN_PARAGRAPH.CENTER
    number, place = found(document, "Số:"), found(document, "An Giang, ngày")
    assert number.runs[0].font.size == Pt(13)
    assert place.text == "An Giang, ngày 05 tháng 02 năm 2026"
    assert (place.runs[0].italic, place.runs[0].font.size) == (True, Pt(13))
    title = found(document, "KỊCH BẢN")
    assert (title.runs[0].bold, title.runs[0].font.size) == (True, Pt(14))
    body = found(document, "Giải đáp vướng mắc.")
    assert body.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert body.runs[0].font.size == Pt(14)
    assert Mm(9.9) < (body.paragraph_format.first_line_indent or 0) < Mm(12.7)
    to, listed = found(document, "Nơi nhận:"), found(document, "- Văn phòng UBND tỉnh")
    assert (to.runs[0].bold, to.runs[0].italic, to.runs[0].font.size) == (True, True, Pt(12))
    assert listed.runs[0].font.size == Pt(11)


def test_pages_are_numbered_from_the_second_on_top_in_the_centre() -> None:
    section = opened().sections[0]
    assert section.different_first_page_header_footer
    header = section.header.paragraphs[0]
    assert header.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert "PAGE" in header._p.xml
    assert not "".join(paragraph.text for paragraph in section.first_page_header.paragraphs)


def test_what_people_wrote_is_never_read_as_a_template_or_as_markup() -> None:
    hostile = replace(
        PLAN,
        title=HOSTILE,
        purpose=(HOSTILE,),
        requirements=paragraphs(HOSTILE),
        questions=(PlannedQuestion("DH-2026-000001", HOSTILE, HOSTILE, (HOSTILE,)),),
        guests=(PlannedGuest(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        recording_place=HOSTILE,
        airings=(PlannedAiring(HOSTILE, HOSTILE),),
        recipients=(HOSTILE,),
    )
    document = opened(hostile)
    calm = opened()
    said = "\n".join(paragraph.text for paragraph in all_paragraphs(document))
    # docxtpl reads {_{ as a brace of the text; all else arrives as it was written.
    assert said.count("</w:t><w:p/> & <b> {{ 7*7 }} {% for x in y %} {{ 7 }} \U0001f600 “ngoặc”") >= 10
    assert "49" not in said
    one_less = len(PLAN.purpose) + 2 * len(PLAN.questions) + len(PLAN.guests) - 4
    assert len(document.paragraphs) == len(calm.paragraphs) - one_less


def test_the_places_date_is_padded_as_the_decree_wants() -> None:
    assert place_and_date("tỉnh An Giang", date(2026, 11, 18)) == "An Giang, ngày 18 tháng 11 năm 2026"
    assert place_and_date("thành phố Cần Thơ", date(2026, 3, 1)) == "Cần Thơ, ngày 01 tháng 3 năm 2026"
    assert place_and_date("", date(2026, 1, 31)) == "…, ngày 31 tháng 01 năm 2026"


def test_the_houses_template_is_what_its_maker_makes() -> None:
    kept = BytesIO()
    make_script_plan().save(kept)
    assert Document(str(HOUSE_TEMPLATE))._element.xml == Document(kept)._element.xml


# --- an office's own ------------------------------------------------------------------------------------------


def own(folder: Path, *lines: str) -> Path:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(folder / "mau.docx"))
    return folder / "mau.docx"


def test_an_offices_own_template_is_used(tmp_path: Path) -> None:
    template = own(
        tmp_path, "Kỳ {{ number }}", "{%p for q in questions %}", "{{ q.on_air }}", "{%p endfor %}"
    )
    said = [paragraph.text for paragraph in opened(template=template).paragraphs]
    assert said == ["Kỳ 12/2026", "Khi nào có giấy?", "Phí bao nhiêu?"]
    check_template(template)


def test_a_template_that_was_edited_is_read_again(tmp_path: Path) -> None:
    opened(template=own(tmp_path, "Một {{ number }}"))
    template = own(tmp_path, "Hai, dài hơn {{ number }}")
    assert opened(template=template).paragraphs[0].text == "Hai, dài hơn 12/2026"


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["{{ tittle }}"], "tittle"),
        (["{%p for q in questions %}", "{{ q.on_air }}"], "endfor"),
        (["{{ number"], "unexpected"),
        (["{{ number | nothing }}"], "nothing"),
        (["{{ ().__class__.__base__.__subclasses__() }}"], "unsafe"),
        (["{{ number / 2 }}"], "unsupported operand"),
    ],
)
def test_a_broken_template_is_refused_with_what_is_wrong(tmp_path: Path, lines: list[str], what: str) -> None:
    template = own(tmp_path, *lines)
    for use in (lambda: check_template(template), lambda: script_plan_document(PLAN, template)):
        with pytest.raises(BrokenTemplate, match=what):
            use()


def test_what_is_no_word_document_is_refused(tmp_path: Path) -> None:
    missing, text, archive = tmp_path / "không có.docx", tmp_path / "text.docx", tmp_path / "zip.docx"
    text.write_text("Kỳ {{ number }}", encoding="utf-8")
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("a.txt", "b")
    for template in (missing, text, archive):
        with pytest.raises(BrokenTemplate):
            check_template(template)


MEGABYTE = 1 << 20


def bomb(place: Path, size: int, *, said: int | None = None) -> Path:
    """A Word template whose document unpacks into `size` zeros, and says `said`."""
    with ZipFile(HOUSE_TEMPLATE) as house, ZipFile(place, "w", ZIP_DEFLATED) as zipped:
        for part in house.infolist():
            if part.filename == "word/document.xml":
                with zipped.open(part.filename, "w", force_zip64=True) as stream:
                    for _ in range(size // MEGABYTE):
                        stream.write(bytes(MEGABYTE))
            else:
                zipped.writestr(part.filename, house.read(part))
        if said is not None:
            zipped.getinfo("word/document.xml").file_size = said  # in the directory at its end
    return place


@pytest.mark.parametrize("said", [None, 1000])
def test_a_template_that_unpacks_into_gigabytes_is_refused_before_it_fills_the_memory(
    tmp_path: Path, said: int | None
) -> None:
    template = bomb(tmp_path / "bomb.docx", 200 * MEGABYTE, said=said)
    assert template.stat().st_size < MEGABYTE
    tracemalloc.start()
    try:
        with pytest.raises(BrokenTemplate, match=r"50 MB|BadZipFile"):
            check_template(template)
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_template_whose_words_multiply_themselves_is_refused(tmp_path: Path) -> None:
    """Entities of entities of entities: a billion words in ten lines."""
    template = tmp_path / "laughs.docx"
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    kind = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>'
    with ZipFile(HOUSE_TEMPLATE) as house, ZipFile(template, "w", ZIP_DEFLATED) as zipped:
        for part in house.infolist():
            content = house.read(part)
            if part.filename == "word/document.xml":
                head, _, body = content.decode().partition("?>")
                content = (
                    f"{head}?>{kind}{body.replace('<w:p>', '<w:p><w:r><w:t>&a9;</w:t></w:r>', 1)}".encode()
                )
                assert b"&a9;" in content
            zipped.writestr(part.filename, content)
    tracemalloc.start()
    try:
        with pytest.raises(BrokenTemplate):
            check_template(template)
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()
