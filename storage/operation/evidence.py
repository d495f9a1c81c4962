"""Named queries behind the evidence: history to seal, words, and what must agree.

Everything is read in pages: a ledger may have a million rows of history.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from domain.privacy.audit import AuditAct
from domain.questions.history import EntryKind, Event
from storage.engine import facts
from storage.engine.database import Work, in_pieces
from storage.rows import HistoryRow, RoleRow, TextSealRow
from storage.tables import (
    agencies,
    approvals,
    audit,
    consents,
    drafts,
    entries,
    erasures,
    history,
    invitations,
    people,
    questions,
    roles,
    text_seals,
)
from storage.tables import facts as facts_table


class WordsRow(Protocol):
    """An entry's words, as far as they are left."""

    id: int
    text: str | None


class SealedWordsRow(TextSealRow, Protocol):
    """With the words as they are today; null where their entry is gone."""

    text: str | None
    kind: str | None
    question_id: int | None


class AgencysRoleRow(RoleRow, Protocol):
    """With the agency's code."""

    agency_code: str | None


class QuestionStateRow(Protocol):
    """A question as it stands."""

    id: int
    year: int
    number: int
    status: str
    secrecy: str
    published_at: datetime | None
    duplicate_of_id: int | None
    answer_entry: int | None


class MadeInvitationRow(Protocol):
    """Who invited to what."""

    id: int
    role: str
    created_at: datetime
    created_by: int | None


SEALED = "ledger_sealed"  # "piece:id of the last row of the history in it"
AT_ONCE = 1000
GUARDED = ("history", "audit")


# --- sealing ----------------------------------------------------------------------------------------------------------


async def settled_until(work: Work) -> int:
    """Return the id of the last history row below which none can appear.

    On PostgreSQL this waits for everybody who is writing one: ids are taken before rows are seen. Nothing else may be
    locked.
    """
    if work.dialect == "postgresql":
        await work.run(sa.text("LOCK TABLE history IN SHARE MODE"))
    return int(await work.value(sa.select(sa.func.max(history.c.id))) or 0)


async def sealed_so_far(work: Work, *, lock: bool = False) -> tuple[int, int]:
    """Return the last sealed piece's number and its last history id.

    With `lock` nobody else changes them.
    """
    if lock:
        first = work.upsert(facts_table).values(key=SEALED, value="0:0")
        await work.run(first.on_conflict_do_nothing())
    query = sa.select(facts_table.c.value).where(facts_table.c.key == SEALED)
    value = await work.value(query.with_for_update() if lock else query)
    piece, _, last = str(value or "0:0").partition(":")
    return int(piece), int(last)


async def note_sealed(work: Work, piece: int, last: int) -> None:
    await facts.put(work, SEALED, f"{piece}:{last}")


async def history_after(work: Work, after: int, until: int, limit: int) -> list[HistoryRow]:
    """List history rows by id: after one, up to another."""
    return await work.all(
        sa.select(history)
        .where(history.c.id > after, history.c.id <= until)
        .order_by(history.c.id)
        .limit(limit)
    )


# They may still grow by an album's next item, or be replaced: they are sealed when one goes out as the answer.
UNFINISHED = (EntryKind.DRAFT, EntryKind.CONTRIBUTION)
GONE_OUT = (Event.ANSWERED, Event.CORRECTED)


async def words_of(work: Work, rows: Sequence[HistoryRow]) -> list[WordsRow]:
    """List what was written about these history rows' questions: `id`, `text`.

    In the order of entries.
    """
    answers = sorted({row.entry_id for row in rows if row.event in GONE_OUT and row.entry_id is not None})
    finished = entries.c.kind.not_in(UNFINISHED)
    about = sorted({row.question_id for row in rows})
    found: dict[int, WordsRow] = {}
    for which in (
        *(sa.and_(entries.c.question_id.in_(some), finished) for some in in_pieces(about)),
        *(entries.c.id.in_(some) for some in in_pieces(answers)),
    ):
        for row in await work.all(sa.select(entries.c.id, entries.c.text).where(which)):
            found[row.id] = row
    return [found[key] for key in sorted(found)]


async def already_sealed(work: Work, entry_ids: Sequence[int]) -> set[int]:
    return {
        int(row.entry_id)
        for some in in_pieces(entry_ids)
        for row in await work.all(
            sa.select(text_seals.c.entry_id).where(text_seals.c.entry_id.in_(some)).distinct()
        )
    }


async def opened(work: Work, limit: int) -> list[WordsRow]:
    """List entries whose words were rightfully changed after sealing: `id`, `text`."""
    some = sa.select(text_seals.c.entry_id).where(sa.text("salt IS NULL")).distinct().limit(limit)
    return await work.all(
        sa.select(entries.c.id, entries.c.text).where(entries.c.id.in_(some)).order_by(entries.c.id)
    )


async def seal_words(work: Work, piece: int, sealed: Iterable[tuple[int, str, str]]) -> None:
    """Store (entry, salt, digest) with a piece.

    Earlier seals of the same entries no longer show anything.
    """
    rows = [
        {"piece": piece, "entry_id": entry, "salt": salt, "digest": digest} for entry, salt, digest in sealed
    ]
    for some in in_pieces([row["entry_id"] for row in rows]):
        await work.run(sa.update(text_seals).where(text_seals.c.entry_id.in_(some)).values(salt=""))
    await work.run_many(sa.insert(text_seals), rows)


async def open_words(work: Work, *, of_questions: Sequence[int] = (), entry_ids: Sequence[int] = ()) -> None:
    """Remove the salts of words that change rightfully; they are sealed anew later.

    Nothing may stay by which the words could be guessed.
    """
    for which in (
        *(
            text_seals.c.entry_id.in_(sa.select(entries.c.id).where(entries.c.question_id.in_(some)))
            for some in in_pieces(of_questions)
        ),
        *(text_seals.c.entry_id.in_(some) for some in in_pieces(entry_ids)),
    ):
        await work.run(sa.update(text_seals).where(which, text_seals.c.salt != "").values(salt=None))


async def sealed_words(work: Work) -> AsyncIterator[SealedWordsRow]:
    """Read every seal in order, with present `text`, `kind`, `question_id`.

    In the order of pieces and entries.
    """
    after = (-1, -1)
    while True:
        later = sa.or_(
            text_seals.c.piece > after[0],
            sa.and_(text_seals.c.piece == after[0], text_seals.c.entry_id > after[1]),
        )
        some = await work.all(
            sa.select(text_seals, entries.c.text, entries.c.kind, entries.c.question_id)
            .join(entries, entries.c.id == text_seals.c.entry_id, isouter=True)
            .where(later)
            .order_by(text_seals.c.piece, text_seals.c.entry_id)
            .limit(AT_ONCE)
        )
        for row in some:
            yield row
        if len(some) < AT_ONCE:
            return
        after = (int(some[-1].piece), int(some[-1].entry_id))


async def whole_history(work: Work) -> AsyncIterator[HistoryRow]:
    """Read every history row by id, from ids far below any that we give."""
    last = -(1 << 62)
    while some := await history_after(work, last, 1 << 62, AT_ONCE):
        for row in some:
            yield row
        last = int(some[-1].id)


# --- guards -----------------------------------------------------------------------------------------------------------

_GUARDS = {  # as the migrations make them
    "history": ("history is append-only", ""),
    "audit": ("the audit log is append-only", ""),
}
_TRIGGERS_OF_POSTGRESQL = """
    SELECT c.relname AS "table", t.tgname AS name, t.tgenabled::text AS enabled, t.tgtype AS kind,
        t.tgqual IS NOT NULL AS conditional, p.prosrc AS body
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND n.nspname = current_schema() AND c.relname IN ('history', 'audit')
"""
_BEFORE_STATEMENT = {"update": 2 | 16, "delete": 2 | 8}  # pg_trigger.tgtype


async def unguarded(work: Work) -> list[str]:
    """List triggers that are missing or changed, by name.

    Foreign ones on the same tables, too.
    """
    found = await (_of_sqlite(work) if work.dialect == "sqlite" else _of_postgresql(work))
    wanted = {f"{table}_is_append_only_{verb}" for table in GUARDED for verb in ("update", "delete")}
    return sorted((wanted - found.keys()) | {name for name, whole in found.items() if not whole})


async def _of_sqlite(work: Work) -> dict[str, bool]:
    rows = await work.all(
        sa.text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"),
    )
    found = {}
    for row in rows:
        if row.tbl_name in GUARDED:
            expected = {
                f"CREATE TRIGGER {row.tbl_name}_is_append_only_{verb} BEFORE {verb.upper()} ON {row.tbl_name}"
                f" BEGIN SELECT RAISE(ABORT, '{_GUARDS[row.tbl_name][0]}'); END"
                for verb in ("update", "delete")
            }
            found[row.name] = " ".join(row.sql.split()) in expected
    return found


async def _of_postgresql(work: Work) -> dict[str, bool]:
    found = {}
    for row in await work.all(sa.text(_TRIGGERS_OF_POSTGRESQL)):
        verb = row.name.removeprefix(f"{row.table}_is_append_only_")
        body = f"BEGIN RAISE EXCEPTION '{_GUARDS[row.table][0]}'; END"
        found[row.name] = (
            row.enabled in ("O", "A")
            and row.kind == _BEFORE_STATEMENT.get(verb)
            and not row.conditional
            and " ".join(row.body.split()) == body
        )
    return found


# --- what must agree with what ----------------------------------------------------------------------------------------


async def all_roles(work: Work) -> list[AgencysRoleRow]:
    """List every role ever held, with the agency's code."""
    return await work.all(
        sa.select(roles, agencies.c.code.label("agency_code"))
        .join(agencies, agencies.c.id == roles.c.agency_id, isouter=True)
        .order_by(roles.c.id)
    )


async def question_states(work: Work) -> AsyncIterator[QuestionStateRow]:
    """Read every question, with `answer_entry`, the entry of its sent answer."""
    last = 0
    while True:
        some = await work.all(
            sa.select(
                questions.c.id,
                questions.c.year,
                questions.c.number,
                questions.c.status,
                questions.c.secrecy,
                questions.c.published_at,
                questions.c.duplicate_of_id,
                drafts.c.entry_id.label("answer_entry"),
            )
            .join(drafts, drafts.c.id == questions.c.answer_id, isouter=True)
            .where(questions.c.id > last)
            .order_by(questions.c.id)
            .limit(AT_ONCE)
        )
        for row in some:
            yield row
        if len(some) < AT_ONCE:
            return
        last = int(some[-1].id)


async def approvals_nobody_gave(work: Work) -> list[int]:
    """List questions with an approval that their history does not have.

    Their ids.
    """
    told = sa.and_(
        history.c.question_id == drafts.c.question_id,
        history.c.event.in_((Event.APPROVED, Event.CORRECTION_APPROVED)),
        history.c.actor_id == approvals.c.approver_id,
        history.c.at == approvals.c.at,
    )
    rows = await work.all(
        sa.select(drafts.c.question_id)
        .join(approvals, approvals.c.draft_id == drafts.c.id)
        .join(history, told, isouter=True)
        .where(history.c.id.is_(None))
        .distinct()
        .order_by(drafts.c.question_id)
    )
    return [int(row.question_id) for row in rows]


async def consents_nobody_gave(work: Work, after: int) -> int:
    """Count consents, of later ids, that the log does not have."""
    given = (
        sa.select(audit.c.subject, audit.c.at)
        .where(audit.c.act == AuditAct.CONSENT_GIVEN)
        .distinct()
        .subquery()
    )
    who = sa.literal("person:").concat(sa.cast(consents.c.person_id, sa.String))
    return int(
        await work.value(
            sa.select(sa.func.count())
            .select_from(consents)
            .join(given, sa.and_(given.c.subject == who, given.c.at == consents.c.given_at), isouter=True)
            .where(given.c.subject.is_(None), consents.c.id > after)
        )
        or 0
    )


async def all_invitations(work: Work) -> list[MadeInvitationRow]:
    """List every invitation ever made.

    `id`, `role`, `created_at`, `created_by`.
    """
    made = (invitations.c.id, invitations.c.role, invitations.c.created_at, invitations.c.created_by)
    return await work.all(sa.select(*made).order_by(invitations.c.id))


async def erased_without_tombstone(work: Work) -> list[int]:
    """List erased people who are missing in the list of erasures.

    Their ids.
    """
    same = sa.and_(erasures.c.person_id == people.c.id, erasures.c.created_at == people.c.created_at)
    rows = await work.all(
        sa.select(people.c.id)
        .join(erasures, same, isouter=True)
        .where(people.c.erased_at.is_not(None), erasures.c.person_id.is_(None))
        .order_by(people.c.id)
    )
    return [int(row.id) for row in rows]


async def erased_people(work: Work) -> set[int]:
    return {int(row.person_id) for row in await work.all(sa.select(erasures.c.person_id))}
