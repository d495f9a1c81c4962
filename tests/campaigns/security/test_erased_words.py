"""Every table, every file and every name of a file is walked after an erasure with words planted in every field.

The columns come from the schema: one that can hold words is planted by the story, or stands below with the reason why
nobody's words get there. Those who asked the same are there in both directions: merged into who goes, and staying.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.lists.erasures import remove_discarded
from bot.loops.fetcher import keep
from domain.questions.history import EntryKind
from storage.engine.database import Database
from storage.tables import files as files_table
from storage.tables import metadata
from tests.campaigns.security.shown_story import (
    FIELDS,
    OFFICES,
    Story,
    _photo,
    _unpacked,
    fetched,
    ids_of,
    mark,
    named,
    played,
)
from tests.conftest import SetClock
from tests.worlds.chat import House

# Columns that can hold text, and never hold what somebody wrote or who they are.
NEVER = {
    "a word of ours, a code, a checksum, a state": {
        "agencies.code", "agencies.level", "agency_aliases.kind", "agency_fields.field_code",
        "agency_successors.successor_code", "airings.kind", "airings.medium", "airings.status", "approvals.step",
        "assignments.part", "audit.act", "audit.seal", "audit.subject", "broadcast_acts.act", "broadcasts.audience",
        "broadcasts.kind", "broadcasts.occasion", "broadcasts.status", "consents.kind", "consents.topic",
        "consents.version", "conversations.step", "days.kind", "deliveries.state", "discarded_files.checksum",
        "drafts.album", "drafts.outcome", "entries.kind", "episode_questions.asker_told", "episodes.field_code",
        "extensions.outcome", "facts.key", "fields.code", "files.checksum", "files.kind", "files.state",
        "history.actor_role", "history.event", "inbox.state", "invitations.digest", "invitations.role",
        "ledger_exports.checksum", "ledger_exports.state", "links.kind", "occasions.kind", "occasions.occasion",
        "occasions.recipient", "outbox.about", "outbox.channel", "outbox.kind", "outbox.state", "outbox.supersedes",
        "people.channel", "people.language", "questions.channel", "questions.field_code", "questions.secrecy",
        "questions.status", "reminders.matter", "reminders.recipient", "reminders.rung", "roles.role", "slots.code",
        "slots.medium", "slots.weeks", "subscriptions.topic", "taken.what", "taken.who",
        "broadcasts.waits_for", "text_seals.salt", "text_seals.digest", "agency_groups.channel",
        "files.content_type", "question_drafts.step", "undos.what", "undos.before",
        "sources.word",
    },
    "an office's own: names of agencies, fields, channels, days, guests, groups, addresses of recordings": {
        "agencies.name", "agencies.short_name", "agency_aliases.alias", "agency_groups.address",
        "agency_groups.title", "airings.channel", "airings.reason", "assignments.agency_name", "days.note",
        "episode_guests.agency_name", "episode_guests.name", "episodes.recording_manner", "episodes.recording_place",
        "episodes.title",
        "fields.name", "fields.name_en", "links.url", "plan_receipts.agency_name", "slots.channel",
    },
    "what an office tells everybody, about no question": {"broadcasts.content", "broadcast_drafts.data"},
    "facts of the programme": {"facts.value", "audit.details", "history.details"},
    "what the messenger said, in its words": {"outbox.error", "deliveries.error"},
    "the messenger's number of a message, an event or a topic": {
        "deliveries.message_id", "inbox.channel", "inbox.event", "outbox.message_id", "agency_groups.topic",
    },
}  # fmt: skip


@pytest.fixture
async def story(
    database: Database, application: Any, clock: SetClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Story:
    story = await played(House(database, application), clock, monkeypatch)
    for who in ("a", "b", "c", "f"):
        chat = story.askers[who]
        await chat.send(_photo(chat, f"{mark(who, 'photo')}3", f"{mark(who, 'unsent')} chưa gửi"))
    for file in await fetched(database):
        assert file.checksum is not None
        keep(tmp_path, file.checksum, file.remote_id.encode())
    return story


def marks_of(story: Story, who: str) -> dict[str, str]:
    return {what: mark(who, what) for what in FIELDS} | {"account": str(story.askers[who].address)}


async def traces(database: Database, marks: dict[str, str]) -> set[tuple[str, ...]]:
    """(table, column, mark) of every cell that holds a mark, in a document too; of `entries` with the kind."""
    found: set[tuple[str, ...]] = set()
    async with database.reading() as work:
        for table in metadata.sorted_tables:
            for row in await work.all(sa.select(table)):
                for column in table.columns:
                    cell = getattr(row, column.name)
                    text = _unpacked(cell) if isinstance(cell, bytes) else str(cell)
                    if isinstance(cell, dict):
                        text += _unpacked(cell.get("data"))
                    if isinstance(cell, str) and "\\u" in cell:
                        text += json.dumps(json.loads(cell), ensure_ascii=False)
                    here = (table.name, column.name)
                    found |= {
                        (*here, mark, row.kind) if table.name == "entries" else (*here, mark)
                        for mark, words in marks.items()
                        if words in text
                    }
    return found


def kept_in(folder: Path, words: list[str]) -> list[str]:
    """What the files on the disk hold of these words, in their contents or names."""
    held = [
        f"{path} {path.read_bytes().decode(errors='replace')}" for path in folder.rglob("*") if path.is_file()
    ]
    return [one for one in words if any(one in text for text in held)]


async def test_every_column_that_can_hold_words_is_planted_or_never_holds_any(story: Story) -> None:
    marks = {f"{who} {what}": mark(who, what) for who in Story.WHO for what in (*FIELDS, *OFFICES)}
    marks |= {f"{who} account": str(chat.address) for who, chat in story.askers.items()}
    marks |= {f"{who} account name": chat.name for who, chat in story.askers.items()}
    planted = {f"{table}.{column}" for table, column, *_ in await traces(story.house.database, marks)}
    wordy = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.String | sa.JSON | sa.LargeBinary)
    }
    never = {name for names in NEVER.values() for name in names}
    assert sorted(wordy - planted - never) == [], "plant it in the story, or say why nobody's words get there"
    assert sorted(never & planted) == [], "it holds words"
    assert sorted(never - wordy) == []


# Whose question others were merged into, open and answered; who was merged into another's, open and answered.
@pytest.mark.parametrize(("who", "other"), [("a", "b"), ("c", "f"), ("b", "a"), ("f", "c")])
async def test_nothing_of_who_was_erased_is_left_and_all_of_who_asked_the_same(
    story: Story, tmp_path: Path, who: str, other: str
) -> None:
    database = story.house.database
    words = list(marks_of(story, who).values())
    assert mark(who, "photo") in kept_in(tmp_path, words)
    before = await traces(database, marks_of(story, other))
    stays = {one for one in before if one[0] in ("people", "files") or one[-1] == EntryKind.QUESTION}
    await story.askers[who].send("/xoadulieu")
    await story.askers[who].press("Xác nhận")
    assert await traces(database, marks_of(story, who)) == set()
    while await remove_discarded(database, tmp_path, older_than=0):
        pass
    assert kept_in(tmp_path, words) == []
    assert stays <= await traces(database, marks_of(story, other))
    assert mark(other, "photo") in kept_in(tmp_path, list(marks_of(story, other).values()))
    for chat in (story.askers[other], story.offices.officer, story.offices.leader, story.offices.editor):
        assert [one.text for one in chat.shown if any(word in one.html + one.name for word in words)] == []
    ids, _ = await ids_of(story)
    async with database.reading() as work:
        kept = await work.all(sa.select(files_table).where(files_table.c.question_id == ids[who]))
    assert {file.remote_id.startswith("letter") for file in kept} <= {True}  # of who goes only answers' files
    assert bool(kept) is (who == "c"), "the answer's files stay for who waits for the same"
    assert not [file.name for file in kept if mark(who, "name") in file.name]


@pytest.mark.parametrize(("asker", "follower"), [("c", "f"), ("a", "b")])
async def test_who_asked_the_same_never_read_each_others_names(
    story: Story, asker: str, follower: str
) -> None:
    if asker == "c":
        both = f"Kính gửi {named(asker)} và {named(follower)}, nay sửa lại."
        await story.offices.editor.send(
            f"/dinhchinh {story.codes[asker]} {both}", f"Nhầm, thưa {named(follower)}."
        )
        await story.offices.leader.send(f"/duyet {story.codes[asker]}")
        assert "nay sửa lại" in story.askers[asker].last.text
    for reader, unread in ((asker, follower), (follower, asker)):
        chat = story.askers[reader]
        await chat.send(f"/tracuu {story.codes[asker]}", f"/tracuu {story.codes[follower]}", "/dulieu tệp")
        row = await chat.row()
        async with story.house.database.reading() as work:
            table = metadata.tables["outbox"]
            sent = await work.all(sa.select(table.c.content).where(table.c.person_id == row.id))
        said = [str(one.content) for one in sent] + [f"{one.html} {one.document!r}" for one in chat.shown]
        names = [mark(unread, what) for what in ("name", "home", "phone", "firm")]
        assert [one[:300] for one in said if any(name in one for name in names)] == []
        if reader == follower:
            assert any(mark(asker, "letter") in one for one in said)  # the letter's number itself is read
            assert any(mark(asker, "paper") in one for one in said)  # and the file is there
        else:
            assert any(named(reader) in one for one in said)
