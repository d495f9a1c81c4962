"""A database that an earlier release filled is brought to this one whole, and the programme goes on with it."""

import asyncio
import shutil
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.calendar.working_days import DayChange, DayKind
from domain.programme import Programme
from domain.questions.life import Status
from services.deadlines import rescheduling
from services.operation.ticking import tick
from services.people.actors import Actor, actor_of
from services.privacy import erasing
from services.questions import agency_work, answers, intake, written_answers
from storage.broadcasts import drafts as broadcast_drafts
from storage.delivery import inbox, outbox
from storage.delivery.inbox import Received
from storage.delivery.outbox import OutboxState
from storage.engine import tombstones
from storage.engine.backup import replacing, snapshot
from storage.engine.database import Database, Work
from storage.engine.migrate import MIGRATIONS, migrate
from storage.operation import audit
from storage.people import conversations, people
from storage.questions import history, published, questions
from storage.rows import QuestionRow
from storage.tables import files as files_table
from storage.tables import metadata
from storage.tables import outbox as outbox_table
from storage.tables import questions as questions_table
from tests.conftest import SetClock
from tests.storage.engine.old_rows import (
    ADMIN,
    ANSWERED,
    ASKER,
    ASSIGNED,
    EDITOR,
    GONE,
    LEADER,
    LIMITED,
    NEW,
    OFFICER,
    OLD_ROWS,
    POSTED,
    WAITING,
    Line,
)

TEXT_IDS = "0016"  # ids of messages are text from this schema on
REVISIONS = sorted(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def rows_of(revision: str) -> list[Line]:
    """What a database of this revision holds: its own rows, and those of the schemas before it."""
    return [line for name in REVISIONS if name <= revision for line in OLD_ROWS.get(name, [])]


def fill(connection: sa.Connection, revision: str) -> None:
    """A database as it stood: that revision's tables, and rows in them written without this version's code."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    then = sa.MetaData()
    then.reflect(connection)
    for table, columns in rows_of(revision):
        row = _as_now(table, columns) if revision >= TEXT_IDS else columns
        connection.execute(sa.insert(then.tables[table]).values(**row))


@pytest.fixture(scope="module", params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    """Each released revision; all tests of one follow each other, and share its migration."""
    return str(request.param)


@pytest.fixture
def migrated_url(
    request: pytest.FixtureRequest,
    revision: str,
    empty_url: str,
    runner: asyncio.Runner,
    clock: SetClock,
    programme: Programme,
) -> str:
    """A database of that revision with its rows, brought to this one: done once, then copied to one address."""
    here = sa.make_url(empty_url)
    database = Database(empty_url, clock=clock, programme=programme)
    if here.get_backend_name() == "sqlite":
        folder: Path = request.getfixturevalue("kept_folder")
        file, kept = folder / "old.db", folder / f"{revision}.db"
        if not kept.exists():
            runner.run(_migrate_old(database, revision))
            shutil.copyfile(here.database or "", kept)
        for leftover in folder.glob(f"{file.name}*"):
            leftover.unlink()
        shutil.copyfile(kept, file)
        return f"sqlite+aiosqlite:///{file}"
    connection = request.getfixturevalue("postgresql_kept").connection
    name = f"migrated_{revision}"
    if runner.run(connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)):
        runner.run(connection.execute(f"DROP DATABASE {here.database}"))
        runner.run(connection.execute(f"CREATE DATABASE {here.database} TEMPLATE {name}"))
    else:
        runner.run(_migrate_old(database, revision))
        runner.run(connection.execute(f"CREATE DATABASE {name} TEMPLATE {here.database}"))
    return empty_url


async def _migrate_old(database: Database, revision: str) -> None:
    if database.url.get_backend_name() == "sqlite":
        # Without the ways to aiosqlite's thread and back, which cost more than the schema and its rows.
        engine = sa.create_engine(database.url.set(drivername="sqlite"))
        with engine.connect() as plain:
            plain.exec_driver_sql("PRAGMA journal_mode = WAL")
            plain.exec_driver_sql("PRAGMA foreign_keys = ON")
            fill(plain, revision)
            plain.commit()
        engine.dispose()
    else:
        async with database.engine.connect() as connection:
            await connection.run_sync(fill, revision)
            await connection.commit()
    await migrate(database)
    await database.close()


@pytest.fixture(scope="session")
def kept_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("migrated")


@pytest.fixture
async def old(
    migrated_url: str,
    revision: str,
    engines: dict[str, AsyncEngine],
    clock: SetClock,
    programme: Programme,
) -> AsyncIterator[tuple[Database, str]]:
    """A database of each released revision brought to this one, and which it was; so the newest has its rows, too."""
    opened = Database(migrated_url, clock=clock, programme=programme)
    opened.engine = engines.setdefault(migrated_url, opened.engine)
    yield opened, revision
    await opened.close()


async def actor(work: Work, person_id: int) -> Actor:
    return await actor_of(work, await people.by_id(work, person_id))


async def question_at(database: Database, number: int) -> QuestionRow:
    async with database.reading() as work:
        row = await questions.by_id(work, number)
    assert row is not None
    return row


def due(day: int) -> datetime:
    """17:00 in programme time of a day of November 2026."""
    return datetime(2026, 11, day, 10, tzinfo=UTC)


async def test_every_row_is_whole_no_other_came_and_history_still_grows_only(
    old: tuple[Database, str],
) -> None:
    database, revision = old
    async with database.reading() as work:
        found = {
            name: [row._mapping for row in await work.all(sa.select(table))]
            for name, table in metadata.tables.items()
        }
    expected = rows_of(revision)
    if revision < "0015":  # questions being written have a table of their own since
        expected = [
            ("question_drafts" if columns.get("step") == "ask.name" else table, columns)
            for table, columns in expected
        ]
    for table, columns in expected:
        if columns.get("key") == "audit_head":
            continue  # it grew by the entry below
        kept = {name: _aware(value) for name, value in _as_now(table, columns).items()}
        assert any(kept.items() <= row.items() for row in found[table]), (table, kept)
    if revision < "0012":
        begun = found["audit"].pop()  # the log says from where on it accounts for roles and consents
        assert begun["act"] == "evidence_begun"
        assert begun["details"]["consents"] == len(found["consents"])
        assert begun["details"]["roles"] == {
            str(row["id"]): bool(row["revoked_at"]) for row in found["roles"]
        }
    if not found["audit"]:  # and there was no log before
        found["facts"] = [row for row in found["facts"] if row["key"] != "audit_head"]
    assert {name: len(rows) for name, rows in found.items() if rows} == Counter(
        table for table, _ in expected
    )
    for statement in ("UPDATE history SET actor_role = 'admin'", "DELETE FROM history"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with database.work() as work:
                await work.run(sa.text(statement))


def _as_now(table: str, columns: dict[str, Any]) -> dict[str, Any]:
    """What a row says since `TEXT_IDS`: the messenger's ids as text, and what came in by channel and event."""
    now = dict(columns)
    if table == "inbox":
        number = now.pop("update_id")
        now |= {"channel": "telegram", "event": str(number), "place": number}
    if now.get("message_id") is not None:
        now["message_id"] = str(now["message_id"])
    if table == "outbox":
        now["content"] = {
            name: [str(one) for one in value] if name == "message_ids" else value
            for name, value in now["content"].items()
        }
        if "message_id" in now["content"]:
            now["content"]["message_id"] = str(now["content"]["message_id"])
    return now


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


async def test_a_due_time_of_before_limits_were_kept_has_none_and_moves_only_off_its_own_day(
    old: tuple[Database, str],
) -> None:
    database, revision = old
    before = await question_at(database, ASSIGNED)
    assert (before.due_since, before.due_days, before.assign_since, before.assign_days) == (None,) * 4
    async with database.work() as work:
        admin = await actor(work, ADMIN)
        await rescheduling.apply(work, [DayChange(date(2026, 11, 5), DayKind.OFF)], admin)
    assert (await question_at(database, ASSIGNED)).due_at == due(9)
    async with database.work() as work:
        await rescheduling.apply(work, [DayChange(date(2026, 11, 9), DayKind.OFF)], admin)
    assert (await question_at(database, ASSIGNED)).due_at == due(10)
    if revision >= "0002":  # ten days from 26/10 on, two of which are off now
        assert (await question_at(database, LIMITED)).due_at == due(11)


async def test_a_question_of_then_is_answered_a_stopped_clock_goes_on_and_codes_too(
    old: tuple[Database, str],
) -> None:
    database, _ = old
    async with database.work() as work:
        asker, officer, editor = [await actor(work, person) for person in (ASKER, OFFICER, EDITOR)]
        await agency_work.accept(work, officer, ASSIGNED)
        await agency_work.submit(work, officer, ASSIGNED, "Sẽ khơi cống trong tuần này.")
        await answers.approve(work, editor, ASSIGNED)  # for the leader too, who had blocked the bot
        await agency_work.supply(work, asker, WAITING, "Số 123.")
        new = await intake.receive(work, asker, "Bao giờ có nước sạch ở ấp tôi?")
        past = [row.event for row in await history.of_question(work, ASSIGNED)]
    assert (await question_at(database, ASSIGNED)).status == Status.ANSWERED
    assert past == ["received", "assigned", "accepted", "submitted", "approved", "answered"]
    # Monday 2/11, four days left; from here on it is known what they are counted from.
    resumed = await question_at(database, WAITING)
    assert (resumed.status, resumed.due_at, resumed.remaining_days) == (Status.ACCEPTED, due(6), None)
    assert (resumed.due_since, resumed.due_days) == (date(2026, 11, 2), 4)
    assert (new.year, new.number) == (2026, 7)


async def test_what_waited_then_is_reminded_of_closed_and_sent_now(
    old: tuple[Database, str], clock: SetClock
) -> None:
    database, _ = old
    clock.at = datetime(2026, 11, 13, 1, 30, tzinfo=UTC)  # Friday 13/11, 08:30: all of it overdue, or over
    done = await tick(database)
    assert (done["closed"], done["resumed"]) == (1, 1)
    assert done["reminded"] >= 2
    assert (await question_at(database, ANSWERED)).status == Status.CLOSED
    async with database.reading() as work:
        said: defaultdict[str, str] = defaultdict(str)
        for row in await work.all(sa.select(outbox_table).where(outbox_table.c.state == OutboxState.QUEUED)):
            said[row.address] += row.content.get("html", "")
        assert [row.place for row in await inbox.waiting(work, 5)] == [7]
    assert said["101"].startswith("Kính chào bà (queued)")
    assert f"DH-2026-{ASSIGNED:06d}" in said["104"]
    assert f"DH-2026-{NEW:06d}" in said["103"]
    assert f"DH-2026-{POSTED:06d}" in said["103"]


async def test_what_stood_published_is_found_by_its_words_and_what_is_hidden_is_not(
    empty_url: str, clock: SetClock, programme: Programme
) -> None:
    opened = Database(empty_url, clock=clock, programme=programme)

    def published_then(connection: sa.Connection) -> None:
        fill(connection, "0005")
        then = sa.MetaData()
        then.reflect(connection)
        questions_then, entries_then = then.tables["questions"], then.tables["entries"]
        connection.execute(
            sa.update(questions_then)
            .where(questions_then.c.id == ASSIGNED)
            .values(published_at=datetime(2026, 10, 29), secrecy="suspected")  # noqa: DTZ001
        )
        for question_id, kind, text in (
            (ANSWERED, "public_question", "Trạm y tế mở mấy giờ?"),
            (ANSWERED, "public_answer", "Từ 6 giờ."),
            (ANSWERED, "public_answer", "Từ 7 giờ."),
            (ASSIGNED, "public_question", "Ông ấy nhận tiền."),
        ):
            words = {"question_id": question_id, "kind": kind, "text": text, "at": datetime(2026, 10, 29)}  # noqa: DTZ001
            connection.execute(sa.insert(entries_then).values(**words))

    async with opened.engine.connect() as connection:
        await connection.run_sync(published_then)
        await connection.commit()
    await migrate(opened)
    async with opened.reading() as work:
        found = [
            [row.id for row in await published.search(work, published.key_words(typed), 9)]
            for typed in ("tram y te", "7 giờ", "6 giờ", "tiền")
        ]
    await opened.close()
    assert found == [[ANSWERED], [ANSWERED], [], []]


async def test_a_list_of_then_knows_which_questions_it_shows(
    empty_url: str, clock: SetClock, programme: Programme
) -> None:
    opened = Database(empty_url, clock=clock, programme=programme)

    def listed_then(connection: sa.Connection) -> None:
        fill(connection, "0009")
        then = sa.MetaData()
        then.reflect(connection)
        moment = datetime(2026, 10, 31)  # noqa: DTZ001
        row = {
            "id": 900, "channel": "telegram", "address": "103", "person_id": EDITOR, "lane": 0, "kind": "text",
            "content": {"html": "Đường ngập", "buttons": [], "questions": [NEW, ASSIGNED]}, "about": "list",
            "state": "sent", "not_before": moment, "queued_at": moment,
        }  # fmt: skip
        connection.execute(sa.insert(then.tables["outbox"]).values(**row))

    async with opened.engine.connect() as connection:
        await connection.run_sync(listed_then)
        await connection.commit()
    await migrate(opened)
    async with opened.reading() as work:
        found = [(row.id, row.shown_id) for row in await outbox.showing(work, [NEW])]
    await opened.close()
    assert found == [(900, NEW)]


async def test_an_answer_being_written_then_is_a_row_of_its_own_and_its_step_goes_on(
    empty_url: str, clock: SetClock, programme: Programme
) -> None:
    """Also where a long text, kept until all of it has come, stands in front of it."""
    opened = Database(empty_url, clock=clock, programme=programme)
    answer = {
        "question": ASSIGNED,
        "card": "12",
        "prompt": 6,
        "parts": [["11", "Sẽ sửa đường."], ["13", "Trước Tết."]],
        "files": [1],
        "letter": "45/SXD",
        "cut": False,
    }
    long_text = {"parts": [["14", "Rất dài"]], "before": {"step": "answer", "data": answer}, "prompt": 7}
    steps = {
        OFFICER: ("answer", answer),
        LEADER: ("long", long_text),
        ADMIN: ("official_letter", answer | {"parts": [], "letter": None}),
        EDITOR: ("send_back", {"question": ASSIGNED, "draft": 1}),
    }

    def begun_then(connection: sa.Connection) -> None:
        fill(connection, "0016")
        then = sa.MetaData()
        then.reflect(connection)
        moment = datetime(2026, 10, 31)  # noqa: DTZ001
        connection.execute(sa.delete(then.tables["conversations"]))
        for person_id, (step, data) in steps.items():
            row = {"person_id": person_id, "step": step, "data": data, "updated_at": moment}
            connection.execute(sa.insert(then.tables["conversations"]).values(**row))

    async with opened.engine.connect() as connection:
        await connection.run_sync(begun_then)
        await connection.commit()
    await migrate(opened)
    async with opened.reading() as work:
        found = {one: await conversations.of_person(work, one) for one in steps}
        written = {one: await written_answers.of(work, one, ASSIGNED) for one in steps}
    await opened.close()
    left = {"question": ASSIGNED, "card": "12", "prompt": 6}
    assert {one: (row.step, row.data) for one, row in found.items() if row is not None} == {
        OFFICER: ("answer", left),
        LEADER: ("long", long_text | {"before": {"step": "answer", "data": left}}),
        ADMIN: ("official_letter", left),
        EDITOR: steps[EDITOR],
    }
    for one in (OFFICER, LEADER):
        now = written[one]
        assert now is not None
        assert (now.text, now.file_ids, now.letter) == ("Sẽ sửa đường.\n\nTrước Tết.", [1], "45/SXD")
        assert now.has("11")
    assert written[ADMIN] == written_answers.WrittenAnswer(ASSIGNED, files=[{"message": None, "file": 1}])
    assert written[EDITOR] is None


async def test_a_question_being_written_then_waits_beside_the_step_and_ids_of_messages_are_text(
    empty_url: str, clock: SetClock, programme: Programme
) -> None:
    opened = Database(empty_url, clock=clock, programme=programme)
    question = {
        "parts": [{"message": 7, "text": "Đường ngập", "glue": "\n", "cut": False, "space": False}],
        "files": [{"message": 8, "file": 1}],
        "todo": ["name"],
        "said": {"9": "name"},
        "prompt": 5,
    }
    answer = {
        "parts": [[11, "Sẽ sửa."]],
        "files": [1],
        "letter": None,
        "card": 12,
        "prompt": 6,
        "question": 2,
    }
    long_text = {
        "parts": [[13, "Rất dài"]],
        "file": {"photo": [{"file_id": "small"}, {"file_id": "f", "file_unique_id": "u", "file_size": 9}]},
        "reply_to": 14,
        "before": {"step": "send_back", "data": {"card": 15, "prompt": 6}},
    }
    kept = {"parts": [{"message": 16, "text": "Chưa rõ"}], "files": [1], "question": 4, "prompt": 6}
    broadcast = {"html": "Sắp tới", "message": 17, "card": 18}
    steps = {
        ASKER: ("ask.name", question),
        OFFICER: ("answer", answer | {"under": {"step": "ask.name", "data": question}}),
        LEADER: ("long", long_text),
        ADMIN: ("after_answer", kept),
    }

    def begun_then(connection: sa.Connection) -> None:
        fill(connection, "0014")
        then = sa.MetaData()
        then.reflect(connection)
        moment = datetime(2026, 10, 31)  # noqa: DTZ001
        connection.execute(sa.delete(then.tables["conversations"]))
        for person_id, (step, data) in steps.items():
            row = {"person_id": person_id, "step": step, "data": data, "updated_at": moment}
            connection.execute(sa.insert(then.tables["conversations"]).values(**row))
        connection.execute(sa.update(then.tables["broadcast_drafts"]).values(data=broadcast))

    async with opened.engine.connect() as connection:
        await connection.run_sync(begun_then)
        await connection.commit()
    await migrate(opened)
    async with opened.reading() as work:
        found = {person_id: await conversations.step_and_draft(work, person_id) for person_id in steps}
        composed = await broadcast_drafts.of_person(work, EDITOR)
    await opened.close()
    question_now = question | {
        "parts": [question["parts"][0] | {"message": "7"}],  # type: ignore[index]
        "files": [{"message": "8", "file": 1}],
    }
    now = {
        person_id: tuple(None if row is None else (row.step, row.data) for row in rows)
        for person_id, rows in found.items()
    }
    assert now == {
        ASKER: (None, ("ask.name", question_now)),
        OFFICER: (
            ("answer", {"card": "12", "prompt": 6, "question": 2}),
            ("ask.name", question_now),
        ),
        LEADER: (
            (
                "long",
                {
                    "parts": [["13", "Rất dài"]],
                    "file": {
                        "kind": "photo",
                        "remote_id": "f",
                        "name": "",
                        "content_type": "image/jpeg",
                        "size": 9,
                    },
                    "reply_to": "14",
                    "before": {"step": "send_back", "data": {"card": "15", "prompt": 6}},
                },
            ),
            None,
        ),
        ADMIN: (("after_answer", kept | {"parts": [{"message": "16", "text": "Chưa rõ"}]}), None),
    }
    assert composed == broadcast | {"message": "17"}


async def test_messages_and_updates_of_then_are_found_by_their_ids_now(
    empty_url: str, clock: SetClock, programme: Programme
) -> None:
    opened = Database(empty_url, clock=clock, programme=programme)
    async with opened.engine.connect() as connection:
        await connection.run_sync(fill, "0014")
        await connection.commit()
    await migrate(opened)
    async with opened.work() as work:
        found = [await outbox.sent_as(work, "telegram", "103", part) for part in ("51", "52", "5", "53")]
        album = found[0]
        assert album is not None
        assert outbox.ids_of(album) == ["51", "52"]
        assert [row and row.id for row in found] == [album.id, album.id, None, None]
        changed = await outbox.states_of(work, "telegram", "103", "41", None)
        assert [(row.kind, row.state, row.content["html"]) for row in changed] == [
            ("edit", "queued", "Đã nhận, 41"),
            ("text", "sent", "Thẻ"),
        ]
        again = Received("telegram", "7", 7, "999", "{}")  # the messenger gives it once more
        await inbox.put(work, [again, replace(again, channel="other"), replace(again, event="8", place=8)])
        waiting = await inbox.waiting(work, 9)
        assert [(row.channel, row.event, row.chat) for row in waiting if row.event != "7"] == [
            ("telegram", "8", "999")
        ]
        assert {(row.channel, row.chat) for row in waiting if row.event == "7"} == {
            ("telegram", "101"),
            ("other", "999"),
        }
    await opened.close()


async def test_a_backup_of_then_is_brought_back_with_ids_as_text(
    empty_url: str, tmp_path: Path, clock: SetClock, programme: Programme
) -> None:
    then = Database(f"sqlite+aiosqlite:///{tmp_path / 'then.db'}", clock=clock, programme=programme)
    async with then.engine.connect() as connection:
        await connection.run_sync(fill, "0014")
        await connection.commit()
    async with snapshot(then) as copy:
        revision = copy.revision
        lines = {table: [line async for line in copy.rows(table)] for table in copy.tables}
    await then.close()

    async def no_more(_work: Work) -> None:
        pass

    now = Database(empty_url, clock=clock, programme=programme)
    async with replacing(now, revision, no_more) as filling:
        for table, rows in lines.items():
            await filling.fill(table, rows)
    async with now.reading() as work:
        album = await outbox.sent_as(work, "telegram", "103", "52")
        assert album is not None
        assert outbox.ids_of(album) == ["51", "52"]
        assert [(row.channel, row.event) for row in await inbox.waiting(work, 5)] == [("telegram", "7")]
    await now.close()


async def test_somebody_of_then_is_erased_now(old: tuple[Database, str]) -> None:
    database, revision = old
    async with database.work() as work:
        await erasing.erase_oneself(work, await actor(work, ASKER), update_id=6)
    async with database.reading() as work:
        person = await people.by_id(work, ASKER)
        assert (person.full_name, person.address, person.contact) == (None, None, None)
        assert not await work.all(sa.select(files_table))
        gone = [GONE, ASKER] if revision >= "0006" else [ASKER]
        assert [row.person_id for row in await tombstones.tombstones(work)] == gone
        assert await audit.first_broken(work) is None  # the chain goes on from where it ended then
        assert len(await audit.listed(work, 9)) == 1 + (revision >= "0005") + (revision < "0012")
        for table, column in (("outbox", "content"), ("entries", "text"), ("inbox", "payload")):
            cells = await work.all(sa.select(sa.cast(metadata.tables[table].c[column], sa.Text)))
            assert not [row for row in cells if "ngập" in str(row[0]) or "Kính chào bà" in str(row[0])]
        waiting = await inbox.waiting(work, 5)
    assert [row.place for row in waiting] == [7]  # what they sent afterwards
    assert (await question_at(database, NEW)).status == Status.WITHDRAWN
    assert (await question_at(database, ANSWERED)).status == Status.ANSWERED


async def test_the_first_limit_told_is_that_of_the_first_assignment_or_the_one_of_now(
    empty_url: str, clock: SetClock, programme: Programme
) -> None:
    opened = Database(empty_url, clock=clock, programme=programme)

    def filled(connection: sa.Connection) -> None:
        fill(connection, "0014")
        then = sa.MetaData()
        then.reflect(connection, only=["history"])
        for event, due_to in (
            ("received", None),
            ("assigned", "2026-11-03T10:00:00+00:00"),
            ("reassigned", "2026-11-09T10:00:00+00:00"),
        ):
            details = {"to": "assigned"} | ({"due_to": due_to} if due_to else {})
            row = {"question_id": LIMITED, "at": datetime(2026, 10, 27), "event": event, "details": details}  # noqa: DTZ001
            connection.execute(sa.insert(then.tables["history"]).values(**row, actor_role="editor"))

    async with opened.engine.connect() as connection:
        await connection.run_sync(filled)
        await connection.commit()
    await migrate(opened)
    async with opened.reading() as work:
        rows = await work.all(sa.select(questions_table).order_by(questions_table.c.id))
    first = {row.id: row.first_due_at for row in rows}
    now = {row.id: row.due_at for row in rows}
    assert first[LIMITED] == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert first.pop(LIMITED) != now.pop(LIMITED)
    assert first == now
    await opened.close()
