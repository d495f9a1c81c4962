"""What is told follows the recipient's channel: its length, its choices, whether it changes a message."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from channels.outgoing import Abilities, Kind
from channels.registry import CHANNELS
from channels.telegram.compose import split
from domain.errors import Reason, RuleViolation
from messages.buttons import Act, Button, Keyboard, LinkButton
from messages.notices.answers import AnswerCorrected
from messages.notices.chat import SomethingFailed
from services import notify
from services.broadcasts.broadcasts import check_length
from services.notify import Purpose
from storage.delivery import files, outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import people
from storage.rows import FileRow, PersonRow
from storage.tables import Row
from storage.tables import outbox as outbox_table

LETTERS = Abilities(
    text_limit=300,
    caption_limit=100,
    units=len,
    split=split,
    buttons=False,
    edits=False,
    deletes=False,
    menus=False,
    album_files=1,
)

LONG = AnswerCorrected(
    code="DH-2026-000001",
    agency="Sở Xây dựng",
    went_out_at=datetime(2026, 11, 12, 3, tzinfo=UTC),
    why="Nhầm.",
    paragraphs=(),
    text="Đường sẽ được sửa. " * 60,
    official_letter=None,
    letter_changed=False,
    attachments=0,
    held_back=0,
    files_gone=(),
    taken_down=False,
)
KEYBOARD: Keyboard = [
    [Button("button.accept", Act.ACCEPT, ("7",)), Button("button.cancel", Act.CANCEL)],
    [LinkButton("Xem lại", "https://example.vn/12")],
]


@pytest.fixture
async def work(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Work]:
    monkeypatch.setitem(CHANNELS, "letters", LETTERS)
    async with database.work() as work:
        yield work


async def reader(work: Work, channel: str) -> PersonRow:
    return await people.seen(work, channel=channel, address="1", display_name="Mai", language="vi")


async def rows_for(work: Work, person: PersonRow) -> list[Row]:
    return await work.all(
        sa.select(outbox_table).where(outbox_table.c.channel == person.channel).order_by(outbox_table.c.id)
    )


async def arrived(work: Work, *rows: Row) -> None:
    for row in rows:
        await outbox.claim(work, [row.id])
        await outbox.sent(work, [(row.id, str(row.id + 100))])


def visible(html: str) -> str:
    return re.sub(r"<[^<>]*>", "", html)


async def test_a_text_is_cut_as_its_recipients_channel_takes_it(work: Work) -> None:
    for channel, limit, least in (("telegram", 4096, 1), ("letters", 300, 4)):
        person = await reader(work, channel)
        await notify.tell(work, person, LONG)
        await notify.tell_many(work, [(person, LONG, None)])
        parts = [row.content["html"] for row in await rows_for(work, person)]
        assert len(parts) >= 2 * least
        assert all(len(visible(part)) <= limit for part in parts)
        assert (len(parts) == 2) == (channel == "telegram")


async def test_a_caption_is_cut_as_its_recipients_channel_takes_it(work: Work) -> None:
    person = await reader(work, "letters")
    await notify.tell_with_picture(work, person, LONG, b"png")
    first, *more = await rows_for(work, person)
    assert (first.kind, {row.kind for row in more}) == (Kind.PICTURE, {Kind.TEXT})
    assert all(len(visible(row.content["html"])) <= LETTERS.caption_limit for row in (first, *more))


async def test_a_broadcast_is_one_message_on_every_channel(work: Work) -> None:
    check_length("a" * 300, with_photo=False)
    for html, with_photo in (("a" * 301, False), ("a" * 101, True)):
        with pytest.raises(RuleViolation) as refused:
            check_length(html, with_photo=with_photo)
        assert refused.value.reason is Reason.TOO_LONG


async def test_without_buttons_choices_are_numbered_lines_and_a_number_presses_one(work: Work) -> None:
    person = await reader(work, "letters")
    await notify.tell(work, person, SomethingFailed(), KEYBOARD)
    (row,) = await rows_for(work, person)
    assert row.content["html"].endswith("\n\n1. Nhận xử lý\n2. Hủy\nXem lại: https://example.vn/12")
    await arrived(work, row)
    accept = "ak:7"
    assert row.content["buttons"][0][0][1] == accept
    for typed, data in (
        ("1", accept),
        (" 2 ", row.content["buttons"][0][1][1]),
        ("nhận xử lý", accept),
        ("3", None),
        ("xem lại", None),
        ("", None),
    ):
        assert await notify.chosen(work, "letters", "1", typed) == data
    assert await notify.chosen(work, "telegram", "1", "1") is None


async def test_a_number_presses_one_of_the_choices_shown_last(work: Work) -> None:
    person = await reader(work, "letters")
    await notify.tell(work, person, SomethingFailed(), KEYBOARD)
    await notify.tell(work, person, SomethingFailed(), [[Button("button.cancel", Act.CANCEL)]])
    await notify.tell(work, person, SomethingFailed())
    rows = await rows_for(work, person)
    await arrived(work, *rows[:2])
    assert await notify.chosen(work, "letters", "1", "1") == rows[1].content["buttons"][0][0][1]
    await arrived(work, rows[2])  # words alone offer nothing, and take nothing away
    assert await notify.chosen(work, "letters", "1", "1") == rows[1].content["buttons"][0][0][1]


@pytest.mark.parametrize(
    ("purpose", "told"),
    [(Purpose.RESULT, [Kind.TEXT]), (Purpose.PAGE, [Kind.TEXT]), (Purpose.PROGRESS, []), (Purpose.HIDE, [])],
)
async def test_a_channel_that_changes_nothing_gets_what_the_change_is_for(
    work: Work, purpose: Purpose, told: list[Kind]
) -> None:
    person, other = await reader(work, "letters"), await reader(work, "telegram")
    for one in (person, other):
        row_id = await notify.tell(work, one, LONG)
        await arrived(work, *await rows_for(work, one))
        await notify.rewrite(work, one, SomethingFailed(), KEYBOARD, edit_of=row_id, purpose=purpose)
    after = [row for row in await rows_for(work, person) if row.state == OutboxState.QUEUED]
    assert [row.kind for row in after] == told
    assert all(len(visible(row.content["html"])) <= LETTERS.text_limit for row in after)
    assert [row.kind for row in await rows_for(work, other)] == [Kind.TEXT, Kind.EDIT]


async def test_words_that_must_go_do_not_leave_any_more_or_are_recorded_as_not_taken_back(work: Work) -> None:
    person = await reader(work, "letters")
    await notify.tell(work, person, LONG)
    sent, *waiting = await rows_for(work, person)
    await arrived(work, sent)
    await notify.rewrite(work, person, SomethingFailed(), edit_of=sent.id, purpose=Purpose.HIDE)
    await notify.take_back(work, person, edit_of=waiting[0].id)
    await notify.take_back(work, person, edit_of=sent.id)
    await notify.take_buttons_away(work, person, edit_of=sent.id)
    first, second, *rest = await rows_for(work, person)
    *rest, edit, delete = rest
    assert (first.state, second.state) == (OutboxState.SENT, OutboxState.DROPPED)
    for row, kind in ((edit, Kind.EDIT), (delete, Kind.DELETE)):
        assert (row.kind, row.state, row.error) == (kind, OutboxState.DROPPED, notify.UNCHANGEABLE)
        assert row.edit_of == sent.id
    assert {row.kind for row in rest} == {Kind.TEXT}


async def test_a_channel_without_menus_and_albums_gets_none(work: Work) -> None:
    person = await reader(work, "letters")
    await notify.show_menu(work, person, [("viec", "Việc")])
    assert await rows_for(work, person) == []
    many = [await _file(work, person, number) for number in range(3)]
    await notify.tell(work, person, SomethingFailed(), files=many)
    assert [row.kind for row in await rows_for(work, person)] == [Kind.TEXT, *[Kind.FILE] * 3]


async def _file(work: Work, person: PersonRow, number: int) -> FileRow:
    file_id = await files.add(
        work,
        person_id=person.id,
        kind="photo",
        remote_id=f"x{number}",
        name="",
        content_type="",
    )
    (row,) = await files.by_ids(work, [file_id])
    return row
