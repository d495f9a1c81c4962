"""What somebody changes at the database's own prompt is found by `danhoi doctor`, which says what it was."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.lists import audit_heads
from bot.lists.endings import LIST, read_list
from bot.loops.scheduler import Scheduler
from bot.operator.backup import make
from bot.operator.doctor import examine
from domain.privacy.audit import NOTHING_BEFORE, AuditAct, seal
from domain.questions.life import Role
from services.operation.evidence import seal_ledger
from services.people.actors import actor_of
from services.questions import agency_work
from services.staff import staff
from storage.engine.database import Database
from storage.engine.facts import AUDIT_HEAD
from storage.operation import audit as audit_log
from storage.people import people as known
from storage.tables import (
    approvals,
    audit,
    consents,
    drafts,
    entries,
    erasures,
    facts,
    history,
    people,
    questions,
    roles,
    text_seals,
)
from tests.conftest import SetClock
from tests.worlds.chat import House
from tests.worlds.offices import ANSWER, Offices, hire

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."
KEYS = ("khoa-bi-mat-cua-van-phong-01", "khoa-bi-mat-cua-van-phong-02")


@dataclass
class Story:
    """A programme that has been at work: an editor's chat, codes, and where the log's last seals are kept."""

    database: Database
    offices: Offices
    folder: Path
    answered: str
    denounced: str

    @property
    def heads(self) -> Path:
        return self.folder / "heads.jsonl"

    async def doctor(self, heads: Path | None = None) -> dict[str, str]:
        """What is wrong, by check."""
        env = {
            "DANHOI_STORAGE__URL": self.database.url.render_as_string(hide_password=False),
            "DANHOI_STORAGE__FILES": str(self.folder),
            "DANHOI_STORAGE__AUDIT_HEADS": str(self.heads),
        }
        found = await examine(None, env, self.database.clock, heads)
        others = {"messenger", "inbox", "outbox", "disk", "calendar", "staff", "failed", "parked"}
        return {one.name: one.says for one in found if not one.ok and one.name not in others}

    async def at_the_prompt(self, *statements: sa.Executable) -> None:
        """What somebody does who owns the database: the guards are away meanwhile, and stand again afterwards."""
        async with self.database.engine.begin() as connection:
            await _guards(connection, on=False)
            for statement in statements:
                await connection.execute(statement)
            await _guards(connection, on=True)

    async def value(self, query: sa.Executable) -> Any:
        async with self.database.reading() as work:
            return await work.value(query)


_KEPT: dict[str, list[str]] = {}


async def _guards(connection: Any, *, on: bool) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(
            sa.text(f"SET LOCAL session_replication_role = {'origin' if on else 'replica'}")
        )
        return
    if on:
        for statement in _KEPT.pop("sqlite"):
            await connection.execute(sa.text(statement))
        return
    found = (
        await connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    ).all()
    _KEPT["sqlite"] = [row.sql for row in found]
    for row in found:
        await connection.execute(sa.text(f"DROP TRIGGER {row.name}"))


@pytest.fixture
async def story(database: Database, application: Any, clock: SetClock, tmp_path: Path) -> Story:
    """Questions, an answer, roles that come and go, consents, somebody erased, a denunciation; heads kept outside."""
    house = House(database, application)
    offices = await Offices.open(house)
    admin = await hire(house, "Quản", Role.ADMIN)
    answered = await offices.answered()
    clock.move(hours=2)
    await offices.officer.send(f"/xem {answered}")
    denounced = await offices.ask(DENUNCIATION)
    await offices.editor.send(f"/xem {denounced}")
    gone = house.person("Hoa")
    await offices.ask("Đường liên ấp hư hỏng nặng, khi nào sửa xong?", gone)
    await gone.send("/xoadulieu")
    await gone.press("Xác nhận")
    clock.move(hours=2)
    await hire(house, "Thôi", Role.OFFICER, "SXD")
    async with database.reading() as work:
        held = await work.value(sa.select(roles.c.id).order_by(roles.c.id.desc()).limit(1))
    await admin.send("/moinguoi")
    async with database.work() as work:
        boss = await known.at(work, "telegram", str(admin.address))
        assert boss is not None
        await staff.revoke(work, await actor_of(work, boss), held)
    await seal_ledger(database)
    told = Story(database, offices, tmp_path, answered, denounced)
    await audit_heads.note(database, told.heads)
    return told


async def test_nothing_is_wrong_with_a_programme_at_work(story: Story, clock: SetClock) -> None:
    assert await story.doctor() == {}
    clock.move(hours=1)
    code = await story.offices.assigned()  # what is not sealed yet is no fault
    assert await story.doctor() == {}
    await story.offices.officer.send(f"/traloi {code} {ANSWER}")
    await seal_ledger(story.database)
    await story.offices.citizen.send("/xoadulieu")
    await story.offices.citizen.press("Xác nhận")
    assert await story.doctor() == {}
    async with story.database.reading() as work:
        left = await work.all(sa.select(text_seals).where(text_seals.c.salt.is_(None)))
        assert left, "what was erased can't be guessed by its seal any more"
    await seal_ledger(story.database)
    assert await story.doctor() == {}
    assert await seal_ledger(story.database) == 0


# --- manipulations ----------------------------------------------------------------------------------------------------


async def _chain(story: Story, keep: Callable[[Any], bool]) -> None:
    """Reckon the log anew from the entries that somebody keeps, with a head that fits."""
    async with story.database.reading() as work:
        rows = [row for row in await work.all(sa.select(audit).order_by(audit.c.number)) if keep(row)]
    before, said = NOTHING_BEFORE, []
    for number, row in enumerate(rows, start=1):
        entry = row._asdict() | {"number": number}
        entry.pop("seal")
        before = seal(before, **entry)
        said.append(entry | {"seal": before})
    await story.at_the_prompt(
        sa.delete(audit),
        *(sa.insert(audit).values(**entry) for entry in said),
        _head(f"{len(said)}:{before}"),
    )


def _head(value: str) -> sa.Executable:
    return sa.update(facts).where(facts.c.key == AUDIT_HEAD).values(value=value)


async def cut_off_the_end(story: Story) -> None:
    last = await story.value(sa.select(sa.func.max(audit.c.number)))
    kept = await story.value(sa.select(audit.c.seal).where(audit.c.number == last - 1))
    await story.at_the_prompt(sa.delete(audit).where(audit.c.number == last), _head(f"{last - 1}:{kept}"))


async def leave_one_entry_out(story: Story) -> None:
    await _chain(story, lambda row: row.act != AuditAct.HIDDEN_READ)
    await story.offices.editor.send(f"/xem {story.denounced}")  # and the programme goes on


async def delete_everything(story: Story) -> None:
    await story.at_the_prompt(sa.delete(audit), sa.delete(facts), sa.delete(text_seals), sa.delete(history))


async def change_an_entry(story: Story) -> None:
    await story.at_the_prompt(
        sa.update(audit).where(audit.c.act == AuditAct.HIDDEN_READ).values(actor_id=None)
    )


async def drop_a_trigger(story: Story) -> None:
    on = "" if story.database.url.get_backend_name() == "sqlite" else " ON history"
    await _say(story, f"DROP TRIGGER history_is_append_only_update{on}")


async def disable_a_trigger(story: Story) -> None:
    """SQLite has no such switch: there, one that never fires takes its place."""
    if story.database.url.get_backend_name() == "sqlite":
        await _say(
            story,
            "DROP TRIGGER audit_is_append_only_delete",
            "CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit WHEN 0"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
        )
    else:
        await _say(story, "ALTER TABLE audit DISABLE TRIGGER audit_is_append_only_delete")


async def replace_a_trigger(story: Story) -> None:
    """One of the same name that does nothing."""
    if story.database.url.get_backend_name() == "sqlite":
        await _say(
            story,
            "DROP TRIGGER history_is_append_only_delete",
            "CREATE TRIGGER history_is_append_only_delete BEFORE DELETE ON history BEGIN SELECT 1; END",
        )
    else:
        await _say(
            story,
            "CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger AS $$"
            " BEGIN RETURN NULL; END $$ LANGUAGE plpgsql",
        )


async def _say(story: Story, *statements: str) -> None:
    async with story.database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


async def rewrite_history(story: Story) -> None:
    await story.at_the_prompt(
        sa.update(history).where(history.c.event == "approved").values(actor_role="admin")
    )


async def delete_from_history(story: Story) -> None:
    await story.at_the_prompt(sa.delete(history).where(history.c.event == "flagged"))


async def add_to_history(story: Story) -> None:
    """Slipped in before what is sealed, as if it had always been there."""
    last = await story.value(sa.select(sa.func.max(history.c.id)))
    lower = sa.select(history).where(history.c.id == last)
    async with story.database.reading() as work:
        row = await work.one_or_none(lower)
    assert row is not None
    await story.at_the_prompt(
        sa.insert(history).values(row._asdict() | {"id": -1, "event": "accepted", "details": {}})
    )


async def rewrite_an_answer(story: Story) -> None:
    await story.at_the_prompt(sa.update(entries).where(entries.c.text == ANSWER).values(text="Không có gì."))


async def rewrite_a_question_and_blank_its_seal(story: Story) -> None:
    asked = sa.select(entries.c.id).where(entries.c.text == DENUNCIATION).scalar_subquery()
    await story.at_the_prompt(
        sa.update(text_seals).where(text_seals.c.entry_id == asked).values(salt=None),
        sa.update(entries).where(entries.c.text == DENUNCIATION).values(text="Không có gì."),
    )


async def answer_with_another_draft(story: Story) -> None:
    await story.at_the_prompt(
        sa.insert(entries).from_select(
            ["question_id", "kind", "text", "at"],
            sa.select(
                questions.c.id, sa.literal("draft"), sa.literal("Không."), questions.c.received_at
            ).where(questions.c.answer_id.is_not(None)),
        )
    )
    async with story.database.reading() as work:
        question = await work.one_or_none(sa.select(questions).where(questions.c.answer_id.is_not(None)))
        entry = await work.value(sa.select(sa.func.max(entries.c.id)))
    assert question is not None
    draft = {"question_id": question.id, "entry_id": entry, "submitted_at": question.received_at}
    await story.at_the_prompt(sa.insert(drafts).values(**draft, outcome="answered"))
    newest = sa.select(sa.func.max(drafts.c.id)).scalar_subquery()
    await story.at_the_prompt(
        sa.update(questions).where(questions.c.id == question.id).values(answer_id=newest)
    )


async def grant_a_role(story: Story) -> None:
    citizen = await story.value(sa.select(people.c.id).where(people.c.display_name == "Mai"))
    await story.at_the_prompt(
        sa.insert(roles).values(person_id=citizen, role="admin", granted_at=story.database.clock.now())
    )


async def give_a_role_back(story: Story) -> None:
    await story.at_the_prompt(sa.update(roles).values(revoked_at=None, revoked_by=None))


async def lose_a_role(story: Story) -> None:
    await story.at_the_prompt(sa.delete(roles).where(roles.c.role == "leader"))


async def turn_back_the_time(story: Story) -> None:
    """Of the newest entry, with a chain that fits."""
    last = await story.value(sa.select(sa.func.max(audit.c.number)))
    first = await story.value(sa.select(sa.func.min(audit.c.at)))
    await story.at_the_prompt(sa.update(audit).where(audit.c.number == last).values(at=first))
    await _chain(story, lambda _row: True)


async def turn_back_the_time_of_history(story: Story) -> None:
    last = await story.value(sa.select(sa.func.max(history.c.id)))
    first = await story.value(sa.select(sa.func.min(history.c.at)))
    await story.at_the_prompt(sa.update(history).where(history.c.id == last).values(at=first))


async def set_a_status(story: Story) -> None:
    await story.at_the_prompt(
        sa.update(questions).where(questions.c.secrecy == "suspected").values(status="answered")
    )


async def take_the_flag_away(story: Story) -> None:
    await story.at_the_prompt(
        sa.update(questions).where(questions.c.secrecy == "suspected").values(secrecy="none")
    )


async def publish(story: Story) -> None:
    await story.at_the_prompt(
        sa.update(questions)
        .where(questions.c.answer_id.is_not(None))
        .values(published_at=questions.c.answered_at)
    )


async def approve(story: Story) -> None:
    draft = await story.value(sa.select(sa.func.max(drafts.c.id)))
    citizen = await story.value(sa.select(people.c.id).where(people.c.display_name == "Mai"))
    approval = {"draft_id": draft, "approver_id": citizen, "step": "third", "at": story.database.clock.now()}
    await story.at_the_prompt(sa.insert(approvals).values(**approval))


async def consent(story: Story) -> None:
    citizen = await story.value(sa.select(people.c.id).where(people.c.display_name == "Mai"))
    given = {"person_id": citizen, "kind": "publication", "version": "1"}
    await story.at_the_prompt(sa.insert(consents).values(**given, given_at=story.database.clock.now()))


async def forget_an_erasure(story: Story) -> None:
    await story.at_the_prompt(sa.delete(erasures))


async def skip_sealing(story: Story) -> None:
    """What comes is to be left out of what is sealed."""
    await story.at_the_prompt(
        sa.update(facts).where(facts.c.key == "ledger_sealed").values(value="1:1000000")
    )


MANIPULATIONS: dict[Callable[[Story], Any], tuple[str, str]] = {
    cut_off_the_end: ("audit_heads", "the log ends at entry"),
    leave_one_entry_out: ("audit_heads", "the log was written anew"),
    change_an_entry: ("audit_log", "is missing or not what was sealed"),
    delete_everything: ("audit_heads", "the log ends at entry 0"),
    drop_a_trigger: ("guards", "history_is_append_only_update"),
    disable_a_trigger: ("guards", "audit_is_append_only_delete"),
    replace_a_trigger: ("guards", "history_is_append_only_delete"),
    rewrite_history: ("history", "is not what was sealed"),
    delete_from_history: ("history", "rows are missing among"),
    add_to_history: ("history", "rows were added among"),
    rewrite_an_answer: ("words", "DH-2026-000001 was changed: draft"),
    rewrite_a_question_and_blank_its_seal: ("words", "DH-2026-000002 was changed: question"),
    answer_with_another_draft: ("questions", "the answer of DH-2026-000001 is another"),
    grant_a_role: ("roles", "role admin, which nobody granted"),
    give_a_role_back: ("roles", "role officer of person"),
    lose_a_role: ("roles", "role leader that was granted to person"),
    turn_back_the_time: ("audit_log", "is earlier than the one before it"),
    turn_back_the_time_of_history: ("history", "is earlier than the one before it"),
    set_a_status: ("questions", "DH-2026-000002 is answered; its history says received"),
    take_the_flag_away: ("questions", "DH-2026-000002 was flagged as a denunciation, and is not hidden"),
    publish: ("questions", "DH-2026-000001 is public; its history does not say so"),
    approve: ("approvals", "DH-2026-000001 has an approval that nobody gave"),
    consent: ("consents", "consents that nobody gave: 1"),
    forget_an_erasure: ("erasures", "was erased; the list of erasures does not say so"),
    skip_sealing: ("history", "another is noted as the last"),
}


@pytest.mark.parametrize("manipulate", MANIPULATIONS, ids=lambda one: one.__name__)
async def test_a_change_at_the_prompt_is_found_and_named(
    story: Story, manipulate: Callable[[Story], Any]
) -> None:
    try:
        await manipulate(story)
        found = await story.doctor()
    finally:
        await _mend_guards(story)
    name, says = MANIPULATIONS[manipulate]
    assert says in found.get(name, ""), found
    if manipulate not in (delete_everything, cut_off_the_end, leave_one_entry_out, turn_back_the_time):
        assert "audit_heads" not in found


async def _mend_guards(story: Story) -> None:
    """The one PostgreSQL is every test's; a changed function or trigger is nobody's rows."""
    if story.database.url.get_backend_name() == "sqlite":
        return
    await _say(
        story,
        "CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger AS $$"
        " BEGIN RAISE EXCEPTION 'history is append-only'; END $$ LANGUAGE plpgsql",
        "DROP TRIGGER IF EXISTS history_is_append_only_update ON history",
        "CREATE TRIGGER history_is_append_only_update BEFORE UPDATE ON history"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()",
        "ALTER TABLE audit ENABLE TRIGGER audit_is_append_only_delete",
    )


# --- outside heads, keys ----------------------------------------------------------------------------------------------


async def test_without_anything_outside_a_log_reckoned_anew_is_believed(story: Story) -> None:
    """As docs/decisions/0031 says: who owns the whole database needs a head kept elsewhere, or a key, against them."""
    await leave_one_entry_out(story)
    story.heads.unlink()
    assert await story.doctor() == {}


async def test_a_backup_is_a_head_kept_outside(story: Story, tmp_path: Path) -> None:
    await make(story.database, story.folder, tmp_path / "copy.tar")
    await leave_one_entry_out(story)
    story.heads.unlink()
    found = await story.doctor(tmp_path / "copy.tar")
    assert "the log was written anew" in found["audit_heads"]


async def test_who_has_no_key_reckons_no_log_anew(story: Story) -> None:
    database = story.database
    rules = database.programme
    database.programme = replace(rules, audit_keys=KEYS[:1])
    async with database.work() as work:
        await audit_log.use_key(work)
    await story.offices.ask()
    await seal_ledger(database)
    async with database.reading() as work:
        assert await audit_log.first_broken(work) is None
    story.heads.unlink()
    await _chain(story, lambda row: row.act != AuditAct.HIDDEN_READ)
    async with database.reading() as work:
        assert await audit_log.first_broken(work) is not None


async def test_a_key_is_changed_by_who_has_the_old_one_and_needed_from_then_on(story: Story) -> None:
    database = story.database
    rules = database.programme
    keys: tuple[str, ...]
    for keys in (KEYS[:1], KEYS[::-1]):
        database.programme = replace(rules, audit_keys=keys)
        await story.offices.editor.send(f"/xem {story.denounced}")
        assert await audited(database) == ["hidden_read", "key_changed"]
    for keys in ((), KEYS[:1]):
        database.programme = replace(rules, audit_keys=keys)
        with pytest.raises(audit_log.AuditKeyMissing):
            async with database.work() as work:
                await audit_log.add(work, AuditAct.INVITED, "role:admin", actor_id=None, details={})
        async with database.reading() as work:
            assert await audit_log.first_broken(work) is not None  # nothing can be told without it


async def audited(database: Database) -> list[str]:
    """The last two entries of a log that is whole, newest first."""
    async with database.reading() as work:
        assert await audit_log.first_broken(work) is None
        return [row.act for row in await audit_log.listed(work, 2)]


async def test_heads_are_lines_that_a_crash_cannot_spoil(story: Story) -> None:
    with story.heads.open("a") as out:
        out.write('{"at": "2026-')
    head = await audit_heads.note(story.database, story.heads)
    assert [one.number for one in audit_heads.read(story.heads)] == [head.number, head.number]
    assert story.heads.stat().st_mode & 0o777 == 0o600
    for line in story.heads.read_text("utf-8").splitlines():
        if line.endswith("}"):
            assert json.loads(line).keys() == {"at", "number", "seal"}
    (story.folder / "other").write_bytes(b"\xff\xfe")
    with pytest.raises(audit_heads.BadHeads):
        audit_heads.read(story.folder / "other")


async def test_the_leading_process_seals_keeps_a_head_a_day_and_lists_what_ended(
    story: Story, clock: SetClock
) -> None:
    story.heads.unlink()
    beats = Scheduler(story.database, asyncio.Event(), story.folder, story.heads)
    await beats.seal()
    await story.offices.ask()
    await beats.seal()
    assert len(audit_heads.read(story.heads)) == 1
    assert {one.kind for one in read_list(story.folder / LIST)} >= {"role", "invitation", "flag"}
    clock.move(days=1)
    await beats.seal()
    assert len(audit_heads.read(story.heads)) == 2
    assert await story.doctor() == {}
    await rewrite_history(story)
    assert "is not what was sealed" in (await story.doctor())["history"]


async def test_the_rest_of_an_album_that_joins_a_sealed_answer_is_no_change(story: Story) -> None:
    database = story.database
    async with database.work() as work:
        officer = await known.at(work, "telegram", str(story.offices.officer.address))
        assert officer is not None
        draft = await work.one_or_none(sa.select(drafts).where(drafts.c.outcome == "answered"))
        assert draft is not None
        await work.run(sa.delete(approvals))  # as where nobody's approval is needed
        await agency_work.join(work, await actor_of(work, officer), draft.entry_id, "Kèm bản đồ.", [])
    assert await story.doctor() == {}
    await seal_ledger(database)
    assert await story.doctor() == {}
    await story.at_the_prompt(
        sa.update(entries).where(entries.c.id == draft.entry_id).values(text="Không có gì.")
    )
    assert "was changed: draft" in (await story.doctor())["words"]
