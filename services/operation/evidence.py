"""Seals the history and its words in the audit log, and finds later changes.

Writing takes no part in it: a piece is sealed later, in one entry of the log (docs/decisions/0031). `examine` then
finds what was changed at the database's own prompt, and says which; with heads kept outside, it also finds a log that
was computed anew.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.privacy.audit import NOTHING_BEFORE, AuditAct, Head, HistoryDigest, key_name, words_digest
from domain.questions.codes import format_code
from domain.questions.history import Event
from domain.questions.life import HIDDEN, RefusalCode, Status
from storage.engine.database import Database, Work
from storage.operation import audit, evidence
from storage.rows import AuditRow, HistoryRow, RoleRow

PIECE = 10_000  # rows of the history that one entry of the log seals
_CODE = re.compile(r"([0-9]{4})-([0-9]+)$")
# A corrected clock or a waiting transaction may set a moment back, but no further than this.
SLACK = timedelta(hours=1)


# --- sealing ----------------------------------------------------------------------------------------------------------


async def seal_ledger(database: Database) -> int:
    """Seal what was written since the last time; return in how many pieces.

    Two at once do no harm: the second finds that it is done. Raises `AuditKeyMissing`.
    """
    async with database.reading() as work:
        until = await evidence.settled_until(work)
    pieces = 0
    while await _seal_piece(database, until):
        pieces += 1
    return pieces


async def _seal_piece(database: Database, until: int) -> bool:
    """Seal one piece; return whether there was one.

    What is to be sealed does not change any more, so it is read before anybody is kept waiting.
    """
    async with database.reading() as work:
        piece, last = await evidence.sealed_so_far(work)
        digest, rows, words = HistoryDigest(), 0, dict[int, str | None]()
        end = last
        while rows < PIECE and (some := await evidence.history_after(work, end, until, evidence.AT_ONCE)):
            for row in some:
                _add(digest, row)
            rows, end = rows + len(some), int(some[-1].id)
            words |= {row.id: row.text for row in await evidence.words_of(work, some)}
        for entry_id in await evidence.already_sealed(work, sorted(words)):
            del words[entry_id]
        anew = await evidence.opened(work, PIECE)
    words |= {row.id: row.text for row in anew}
    if not rows and not words:
        return False
    sealed = [(entry, *_sealed_words(words[entry])) for entry in sorted(words)]
    digest.add_words((entry, shown) for entry, _salt, shown in sealed)
    async with database.work() as work:
        if await evidence.sealed_so_far(work, lock=True) != (piece, last):
            return False
        await evidence.seal_words(work, piece + 1, sealed)
        await evidence.note_sealed(work, piece + 1, end)
        details = {"after": last, "to": end, "rows": rows, "words": len(sealed), "digest": digest.hexdigest()}
        await audit.add(work, AuditAct.LEDGER_SEALED, f"piece:{piece + 1}", actor_id=None, details=details)
    return True


def _sealed_words(text: str | None) -> tuple[str, str]:
    """Return a salt and the digest of the words with it; ("", "") where the words are gone."""
    if text is None:
        return "", ""
    salt = secrets.token_hex(16)
    return salt, words_digest(salt, text)


def _add(digest: HistoryDigest, row: HistoryRow) -> None:
    digest.add(
        row.id,
        row.question_id,
        row.at,
        row.event,
        row.actor_id,
        row.actor_role,
        row.entry_id,
        row.details,
    )


# --- examining --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Something that was changed.

    `about` is a key of `bot.operator.doctor.EVIDENCE`, `facts` fill its sentence.
    """

    about: str
    facts: dict[str, Any]


@dataclass
class _Log:
    """What the audit log says, read once from its beginning."""

    pieces: list[AuditRow] = field(default_factory=list)
    begun: AuditRow | None = None
    granted: dict[tuple[int, str, str | None], list[datetime]] = field(default_factory=dict)
    revoked: dict[tuple[int, str, str | None], list[datetime]] = field(default_factory=dict)
    invited: set[tuple[str, int | None, datetime]] = field(default_factory=set)
    vouched: set[tuple[int, datetime]] = field(default_factory=set)  # who reads denunciations since then
    erased: set[int] = field(default_factory=set)  # people
    grown: dict[int, int] = field(default_factory=dict)  # entries, how often
    as_if: set[datetime] = field(default_factory=set)
    seals: dict[int, str] = field(default_factory=dict)  # of numbers that are known outside
    number: int = 0
    seal: str = NOTHING_BEFORE


async def examine(work: Work, heads: Sequence[Head] = ()) -> list[Fault]:
    """Find everything that was changed behind the programme's back.

    Reads only, in pages.
    """
    faults = [Fault("triggers", {"name": name}) for name in await evidence.unguarded(work)]
    log = _Log()
    faults += await _read_log(work, log, {head.number for head in heads})
    faults += _compare_heads(log, heads)
    faults += await _roles(work, log)
    faults += await _invitations(work, log)
    story = _Story()
    faults += await _read_history(work, log, story)
    faults += await _read_words(work, log, story)
    faults += await _read_questions(work, story)
    for question_id in await evidence.approvals_nobody_gave(work):
        faults.append(Fault("approvals", {"code": story.code(question_id)}))
    after = 0 if log.begun is None else int(log.begun.details.get("consents", 0))
    if count := await evidence.consents_nobody_gave(work, after):
        faults.append(Fault("consents", {"count": count}))
    lost = set(await evidence.erased_without_tombstone(work)) | (
        log.erased - await evidence.erased_people(work)
    )
    faults += [Fault("erasures", {"person": person_id}) for person_id in sorted(lost)]
    return faults


async def _read_log(work: Work, log: _Log, known_outside: set[int]) -> list[Fault]:
    faults: list[Fault] = []
    latest: AuditRow | None = None
    keys = set(map(key_name, work.programme.audit_keys))
    unknown_key = False
    async for row, whole in audit.entries(work):
        if not whole and not unknown_key and not any(one.about == "audit" for one in faults):
            faults.append(Fault("audit", {"number": log.number + 1}))
        log.number, log.seal = int(row.number), str(row.seal)
        if log.number in known_outside:
            log.seals[log.number] = log.seal
        _read_entry(log, row)
        if row.act == AuditAct.KEY_CHANGED and row.details.get("key") not in keys:
            unknown_key = True
            faults.append(Fault("unknown_key", {"number": log.number}))
        if row.at in log.as_if:
            continue
        if latest is not None and row.at < latest.at - SLACK:
            faults.append(Fault("audit_time", {"number": log.number}))
        if latest is None or row.at > latest.at:
            latest = row
    number, sealed, named = await audit.head(work)
    if (number, sealed) != (log.number, log.seal):
        faults.append(Fault("audit_end", {"number": number, "last": log.number}))
    if work.programme.audit_keys and named != key_name(work.programme.audit_keys[0]):
        faults.append(Fault("key_unused", {}))
    return faults


def _read_entry(log: _Log, row: AuditRow) -> None:
    key = row.subject.partition(":")[2]
    match row.act:
        case AuditAct.LEDGER_SEALED:
            log.pieces.append(row)
        case AuditAct.EVIDENCE_BEGUN:
            log.begun = log.begun or row
        case AuditAct.ROLE_GRANTED | AuditAct.ROLE_REVOKED:
            which = log.granted if row.act == AuditAct.ROLE_GRANTED else log.revoked
            role = (int(key), row.details["role"], row.details.get("agency"))
            which.setdefault(role, []).append(row.at)
            if row.act == AuditAct.ROLE_GRANTED and row.details.get("vouched", True):
                log.vouched.add((int(key), row.at))
        case AuditAct.INVITED:
            log.invited.add((key, row.actor_id, row.at))
        case AuditAct.VOUCHED:
            log.vouched.add((int(key), row.at))
        case AuditAct.ERASED if not row.details.get("reachable"):
            log.erased.add(int(key))
        case AuditAct.WORDS_ADDED:
            entry = int(row.details["entry"])
            log.grown[entry] = log.grown.get(entry, 0) + 1
        case AuditAct.TICKED_AS_IF:
            log.as_if.add(row.at)


def _compare_heads(log: _Log, heads: Sequence[Head]) -> list[Fault]:
    """Compare heads kept outside with the log; skip those of a database that a backup replaced."""
    faults = []
    reached: int | None = None  # what was later than that went with the database of then
    for head in reversed(heads):
        if reached is None or head.number <= reached:
            if head.number > log.number:
                faults.append(Fault("head_cut", {"number": head.number, "last": log.number, "at": head.at}))
            elif log.seals.get(head.number) != head.seal:
                faults.append(Fault("head_other", {"number": head.number, "at": head.at}))
        if head.restored is not None:
            reached = head.restored if reached is None else min(reached, head.restored)
    return faults[-1:]  # the earliest says from where on


async def _roles(work: Work, log: _Log) -> list[Fault]:
    """Compare roles with the entries that granted and ended them, both ways."""
    before: dict[str, bool] = {} if log.begun is None else log.begun.details.get("roles", {})
    granted = {key: list(moments) for key, moments in log.granted.items()}
    revoked = {key: list(moments) for key, moments in log.revoked.items()}
    faults = []
    for row in await evidence.all_roles(work):
        key = (int(row.person_id), row.role, row.agency_code)
        facts = {"person": row.person_id, "role": row.role, "agency": row.agency_code}
        stood = before.get(str(row.id))
        if row.granted_at in granted.get(key, ()):
            granted[key].remove(row.granted_at)
        elif stood is None:
            faults.append(Fault("role_not_granted", facts))
        if not _vouched(log, row, stood=stood is not None):
            faults.append(Fault("role_vouched_by_nobody", facts))
        if row.revoked_at is not None:
            if row.revoked_at in revoked.get(key, ()):
                revoked[key].remove(row.revoked_at)
            elif not stood:
                faults.append(Fault("role_ended_by_nobody", facts))
    for about, left in (("role_lost", granted), ("role_not_ended", revoked)):
        for (person, role, agency), moments in left.items():
            # what the log knew of roles that stood before it could account for all
            since = [at for at in moments if log.begun is None or at > log.begun.at]
            faults += [Fault(about, {"person": person, "role": role, "agency": agency}) for _ in since]
    return faults


async def _invitations(work: Work, log: _Log) -> list[Fault]:
    """Compare invitations with the entries of their making; skip those older than the log."""
    return [
        Fault("invitation", {"role": row.role, "id": row.id})
        for row in await evidence.all_invitations(work)
        if (row.role, row.created_by, row.created_at) not in log.invited
        and (log.begun is None or row.created_at > log.begun.at)
    ]


def _vouched(log: _Log, row: RoleRow, *, stood: bool) -> bool:
    """Return whether the log has who vouched for an editor; true for editors older than the log."""
    if row.vouched_at is None or (stood and row.vouched_at == row.granted_at):
        return True
    return row.vouched_at >= row.granted_at and (row.person_id, row.vouched_at) in log.vouched


@dataclass
class _Story:
    """What the history says of every question."""

    status: dict[int, str] = field(default_factory=dict)
    flagged: dict[int, bool] = field(default_factory=dict)
    answer: dict[int, int | None] = field(default_factory=dict)
    published: set[int] = field(default_factory=set)
    erased: dict[int, int] = field(
        default_factory=dict
    )  # how often: an asker, and of those who asked the same
    codes: dict[int, str] = field(default_factory=dict)
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)  # ids by year and number
    same: dict[int, int] = field(
        default_factory=dict
    )  # questions that were ever merged, each towards another
    erased_together: dict[int, int] | None = None

    def read(self, row: HistoryRow) -> None:
        question = int(row.question_id)
        if "to" in row.details:
            self.status[question] = row.details["to"]
        match row.event:
            case Event.FLAGGED:
                self.flagged[question] = True
            case Event.CLEARED | Event.MEANT if row.details.get("as") != "denunciation":
                self.flagged[question] = False
            case Event.MERGED:
                self.flagged.pop(question, None)  # its original's secrecy is its own, from then on
                original = self._named(row.details.get("original"))
                if original is not None:
                    self.merge(question, original)
            case Event.REVIVED:
                original = self._named(row.details.get("withdrawn"))
                self.flagged[question] = original is not None and self.flagged.get(original, False)
            case Event.REFUSED:
                self.flagged[question] = row.details.get("reason") == RefusalCode.DENUNCIATION
            case Event.ANSWERED | Event.CORRECTED if row.entry_id is not None:
                self.answer[question] = row.entry_id
            case Event.UNDONE if "answer_entry" in row.details:
                self.answer[question] = row.details["answer_entry"]
            case Event.PUBLISHED:
                self.published.add(question)
            case Event.ASKER_ERASED:
                self.erased[question] = self.erased.get(question, 0) + 1

    def _named(self, code: str | None) -> int | None:
        found = _CODE.search(code or "")
        return None if found is None else self.numbers.get((int(found[1]), int(found[2])))

    def code(self, question_id: int) -> str:
        return self.codes.get(question_id, f"#{question_id}")

    def merge(self, one: int, other: int) -> None:
        self.same[self.together(one)] = self.together(other)

    def together(self, question: int) -> int:
        """Return one question that stands for all that were ever merged with this one."""
        while (other := self.same.get(question, question)) != question:
            question = other
        return question

    def erasures_about(self, question: int) -> int:
        """Count the changes of words about a question that erasing its askers explains."""
        if self.erased_together is None:
            self.erased_together = {}
            for one, count in self.erased.items():
                group = self.together(one)
                self.erased_together[group] = self.erased_together.get(group, 0) + count
        return self.erased_together.get(self.together(question), 0)


async def _read_history(work: Work, log: _Log, story: _Story) -> list[Fault]:
    """Compare the history with its sealed pieces, and check that moments go forward."""
    async for question in evidence.question_states(work):
        story.codes[question.id] = format_code(work.programme.code_prefix, question.year, question.number)
        story.numbers[question.year, question.number] = question.id
        if question.duplicate_of_id is not None:
            story.merge(question.id, question.duplicate_of_id)
    pieces = _Pieces(log.pieces)
    async for seal in evidence.sealed_words(work):
        pieces.words.setdefault(seal.piece, []).append((seal.entry_id, seal.digest))
    backwards: list[Fault] = []
    latest: datetime | None = None
    async for row in evidence.whole_history(work):
        pieces.read(row)
        story.read(row)
        if row.at in log.as_if:
            continue
        if latest is not None and row.at < latest - SLACK:
            facts = {"code": story.code(row.question_id), "row": row.id}
            backwards.append(Fault("history_time", facts))
        latest = row.at if latest is None else max(latest, row.at)
    return pieces.end(await evidence.sealed_so_far(work)) + backwards


class _Pieces:
    """Compares the history, row by row, with the pieces that the log has sealed."""

    def __init__(self, sealed: Sequence[AuditRow]) -> None:
        self.words: dict[int, list[tuple[int, str]]] = {}  # entries and digests, by the number of the piece
        self._sealed = sealed
        self._number = 0  # pieces that are over
        self._reached = 0  # the last row of the last of them
        self._begin()
        self._faults: list[Fault] = []

    def _begin(self) -> None:
        self._digest, self._rows = HistoryDigest(), 0

    def _over(self, row_id: int | None) -> bool:
        left = self._number < len(self._sealed)
        return left and (row_id is None or row_id > self._sealed[self._number].details["to"])

    def read(self, row: HistoryRow) -> None:
        while self._over(row.id):
            self._settle()
        _add(self._digest, row)
        self._rows += 1

    def _settle(self) -> None:
        entry = self._sealed[self._number]
        said = entry.details
        self._number += 1
        words = self.words.get(self._number, [])
        self._digest.add_words(words)
        facts = {"first": said["after"] + 1, "last": said["to"], "number": entry.number}
        if said["after"] != self._reached or entry.subject != f"piece:{self._number}":
            self._faults.append(Fault("piece_skipped", facts))
        elif self._rows != said["rows"]:
            about = "history_missing" if self._rows < said["rows"] else "history_added"
            self._faults.append(Fault(about, facts | {"count": abs(self._rows - said["rows"])}))
        elif len(words) != said["words"]:
            self._faults.append(Fault("words_seals", facts))
        elif self._digest.hexdigest() != said["digest"]:
            self._faults.append(Fault("history_changed", facts))
        self._reached = said["to"]
        self._begin()

    def end(self, noted: tuple[int, int]) -> list[Fault]:
        """Return all faults, once the whole history was read.

        `noted` is what the programme believes to be sealed.
        """
        while self._over(None):
            self._settle()
        if noted != (self._number, self._reached):
            self._faults.append(Fault("piece_lost", {"last": self._reached}))
        if strange := self.words.keys() - set(range(1, self._number + 1)):
            count = sum(len(self.words[one]) for one in strange)
            self._faults.append(Fault("words_added", {"count": count}))
        return self._faults


async def _read_words(work: Work, log: _Log, story: _Story) -> list[Fault]:
    """Compare words with their seals, except where the history or log explains a change.

    Words may be erased, or grow by the rest of an album. A rightful change empties their seal, and they are sealed
    once more: each time has its reason.
    """
    changes: dict[int, int] = {}
    last: dict[int, tuple[bool, int | None, str | None]] = {}
    async for row in evidence.sealed_words(work):
        changes[row.entry_id] = changes.get(row.entry_id, -1) + 1
        last[row.entry_id] = _shows(row), row.question_id, row.kind
    faults: list[Fault] = []
    for entry_id, (shows, question, kind) in last.items():
        why = log.grown.get(entry_id, 0) + (0 if question is None else story.erasures_about(question))
        if changes[entry_id] + (not shows) > why:
            code = "?" if question is None else story.code(question)
            faults.append(Fault("words_changed", {"code": code, "kind": kind or "?", "entry": entry_id}))
    return faults


def _shows(row: evidence.SealedWordsRow) -> bool:
    """Return whether words are what their seal says."""
    if row.salt:
        return row.text is not None and words_digest(row.salt, row.text) == row.digest
    return row.salt == "" and row.digest == "" and row.text is None


async def _read_questions(work: Work, story: _Story) -> list[Fault]:
    """Check that the state of each question follows from its history."""
    faults = []
    async for row in evidence.question_states(work):
        facts = {"code": story.code(row.id), "status": row.status}
        told = story.status.get(row.id)
        if told is not None and told != row.status:
            faults.append(Fault("status", facts | {"told": told}))
        if told is None and row.status != Status.RECEIVED:
            faults.append(Fault("status", facts | {"told": "nothing"}))
        if story.flagged.get(row.duplicate_of_id or row.id) and row.secrecy not in HIDDEN:
            faults.append(Fault("secrecy", facts))
        if row.published_at is not None and row.id not in story.published:
            faults.append(Fault("published", facts))
        if row.answer_entry != story.answer.get(row.id, row.answer_entry):
            faults.append(Fault("answer", facts))
    return faults
