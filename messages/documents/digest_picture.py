"""Draws a digest's tables as a PNG that is legible on a phone.

The same bytes for the same numbers. Sizes are pixels of a picture 1,080 wide. matplotlib is heavy: it is imported
when the first picture is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from messages.words import Words

ROWS = 15  # of one table; what is beyond stands in one more

_WIDTH = 1080
_MARGIN = 36
_TITLE, _HEADING, _ROW, _GAP = 96, 62, 66, 40
_COLUMNS = ("overdue", "new", "answered", "on_time")
_RIGHT = (592, 702, 874, 1044)  # where the columns end
_NAME_WIDTH = 426
_GOOD, _FAIR = 90, 70  # per cent in time, from which a rate is green, or amber
_INK, _SOFT, _HEAD, _BAND, _RED, _AMBER, _GREEN = (
    *("#1b2733", "#6b7785", "#12406b", "#f2f5f8", "#c0271f", "#a86400", "#1f7a3d"),
)
_one_at_a_time = Lock()  # matplotlib's fonts are shared, and ticks draw in threads


@dataclass(frozen=True)
class PictureLine:
    """The numbers of one agency, or one field."""

    name: str
    overdue: int
    new: int
    answered: int
    on_time: int

    @property
    def empty(self) -> bool:
        return not (self.overdue or self.new or self.answered)

    @property
    def rate(self) -> int | None:
        """Answers in time, in whole per cent rounded down: 100 only where all were."""
        return 100 * self.on_time // self.answered if self.answered else None


def worst_first(lines: Sequence[PictureLine]) -> list[PictureLine]:
    """Sort lines by most overdue, most answered late, most new; leave out empty ones."""
    return sorted(
        (line for line in lines if not line.empty),
        key=lambda line: (-line.overdue, line.on_time - line.answered, -line.new, line.name),
    )


def shortened(lines: Sequence[PictureLine], others: str) -> list[PictureLine]:
    """Return at most ROWS lines, and the sum of all others as one more."""
    if len(lines) <= ROWS + 1:  # one further line takes no more room than the line of the sum
        return list(lines)
    rest = lines[ROWS:]
    total = PictureLine(
        f"{others} ({len(rest)})",
        sum(line.overdue for line in rest),
        sum(line.new for line in rest),
        sum(line.answered for line in rest),
        sum(line.on_time for line in rest),
    )
    return [*lines[:ROWS], total]


def digest_tables(
    say: Words, title: str, agencies: Sequence[PictureLine], fields: Sequence[PictureLine]
) -> bytes:
    """Draw a PNG of both tables, in the words of a language.

    An empty table is left out.
    """
    tables = [
        (heading, shortened(worst_first(lines), say.label("digest.others")))
        for heading, lines in (
            (say.label("digest.agency"), agencies),
            (say.label("digest.field"), fields),
        )
        if worst_first(lines)
    ]
    labels = [say.label(f"digest.{column}") for column in _COLUMNS]
    height = _TITLE + sum(_HEADING + _ROW * len(lines) + _GAP for _, lines in tables)
    with _one_at_a_time:
        sheet = _Sheet(height)
        sheet.write(_MARGIN, _TITLE / 2, title, size=40, bold=True, width=_WIDTH - 2 * _MARGIN)
        top = float(_TITLE)
        for heading, lines in tables:
            sheet.box(top, _HEADING, _HEAD)
            middle = top + _HEADING / 2
            sheet.write(_MARGIN, middle, heading, size=29, bold=True, colour="white", width=_NAME_WIDTH)
            for right, label in zip(_RIGHT, labels, strict=True):
                sheet.write(right, middle, label, size=25, bold=True, colour="white", right=True, width=160)
            top += _HEADING
            for at, line in enumerate(lines):
                if at % 2:
                    sheet.box(top, _ROW, _BAND)
                _line(sheet, top + _ROW / 2, line, say.label("digest.none"))
                top += _ROW
            top += _GAP
        return sheet.png()


def _line(sheet: "_Sheet", middle: float, line: PictureLine, none: str) -> None:
    sheet.write(_MARGIN, middle, line.name, size=30, width=_NAME_WIDTH)
    rate = line.rate
    tone = _SOFT if rate is None else _GREEN if rate >= _GOOD else _AMBER if rate >= _FAIR else _RED
    cells = (
        (str(line.overdue), _RED if line.overdue else _SOFT, line.overdue > 0),
        (str(line.new), _INK if line.new else _SOFT, False),
        (str(line.answered), _INK if line.answered else _SOFT, False),
        (none if rate is None else f"{rate}%", tone, rate is not None),
    )
    for right, (text, colour, bold) in zip(_RIGHT, cells, strict=True):
        sheet.write(right, middle, text, size=33, bold=bold, colour=colour, right=True, width=145)


class _Sheet:
    """A white page, drawn on by pixel from its top left corner."""

    def __init__(self, height: float) -> None:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties

        # The fonts that come with matplotlib, whatever else the machine has: they know every Vietnamese letter.
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        self._fonts = {
            False: FontProperties(fname=str(folder / "DejaVuSans.ttf")),
            True: FontProperties(fname=str(folder / "DejaVuSans-Bold.ttf")),
        }
        figure = Figure(figsize=(_WIDTH / 100, height / 100), dpi=100, facecolor="white")
        self._canvas: Any = FigureCanvasAgg(figure)
        self._axes: Any = figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, _WIDTH)
        self._axes.set_ylim(height, 0)
        self._axes.axis("off")

    def box(self, top: float, height: float, colour: str) -> None:
        from matplotlib.patches import Rectangle

        self._axes.add_patch(Rectangle((0, top), _WIDTH, height, facecolor=colour, linewidth=0))

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        bold: bool = False,
        colour: str = _INK,
        right: bool = False,
        width: float,
    ) -> None:
        """Write one line of text beside `x`, with an ellipsis beyond `width`."""
        written = self._axes.text(
            x,
            y,
            text,
            fontproperties=self._fonts[bold],
            fontsize=size * 0.72,
            color=colour,
            ha="right" if right else "left",
            va="center_baseline",
            parse_math=False,  # a dollar sign is one
        )
        renderer = self._canvas.get_renderer()
        while len(text) > 1 and written.get_window_extent(renderer).width > width:
            text = text[:-1].rstrip()
            written.set_text(f"{text}…")

    def png(self) -> bytes:
        """Return the page in few colours: a third of the size, without a visible difference."""
        from PIL import Image

        self._canvas.draw()
        drawn = Image.frombuffer("RGBA", self._canvas.get_width_height(), bytes(self._canvas.buffer_rgba()))
        page = drawn.convert("RGB").quantize(colors=64, dither=Image.Dither.NONE)
        out = BytesIO()
        page.save(out, format="PNG", optimize=True)
        return out.getvalue()
