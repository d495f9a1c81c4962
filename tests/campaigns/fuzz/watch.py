"""What holds whatever people do. Each rule is a function over what stands in the database now and what stood before."""

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa

from domain.calendar.working_days import WorkingCalendar
from domain.errors import RuleViolation
from domain.questions.history import EntryKind, Event
from domain.questions.life import ANSWERED_STATUSES, ENDS, HIDDEN, OPEN, WITH_AGENCY, Status
from messages.notices.desk import HiddenCard
from services.calendar.working_days import calendar_of
from services.episodes import selection
from services.ledger import ledger
from services.operation.evidence import examine, seal_ledger
from services.people.actors import Actor
from services.privacy import own_data
from services.questions import cards, tracking, worklists
from services.staff import records
from storage.engine.database import Database, Work
from storage.operation import audit as audit_log
from storage.tables import (
    Row,
    approvals,
    assignments,
    clarifications,
    code_numbers,
    consents,
    drafts,
    entries,
    extensions,
    history,
    outbox,
    published_words,
    questions,
    roles,
)
from tests.campaigns.fuzz.acts import Cast

CODE = re.compile(r"DH-(\d{4})-(\d{6})")
MARK = re.compile(r"q\d+q")


@dataclass(frozen=True)
class Seen:
    """The ledger at one moment."""

    questions: dict[int, Row]
    history: list[Row]
    entries: dict[int, Row]
    assignments: list[Row]
    clarifications: list[Row]  # without an end
    drafts: dict[int, Row]
    approvals: list[Row]
    extensions: list[Row]  # undecided
    roles: list[Row]
    words: set[int]  # questions that a search of what is published may find
    numbers: dict[int, int]  # the last code of each year
    consents: list[Row]  # to publication
    calendar: WorkingCalendar
    audit_broken: int | None

    @classmethod
    async def now(cls, work: Work) -> "Seen":
        async def all_of(table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Row]:
            return await work.all(sa.select(table).where(*where).order_by(*table.primary_key.columns))

        return cls(
            questions={row.id: row for row in await all_of(questions)},
            history=await all_of(history),
            entries={row.id: row for row in await all_of(entries)},
            assignments=await all_of(assignments),
            clarifications=await all_of(clarifications, clarifications.c.ended_at.is_(None)),
            drafts={row.id: row for row in await all_of(drafts)},
            approvals=await all_of(approvals),
            extensions=await all_of(extensions, extensions.c.outcome.is_(None)),
            roles=await all_of(roles),
            words={row[0] for row in await work.all(sa.select(published_words.c.question_id).distinct())},
            numbers={row.year: row.last for row in await all_of(code_numbers)},
            consents=await all_of(consents, consents.c.kind == "publication"),
            calendar=await calendar_of(work),
            audit_broken=await audit_log.first_broken(work),
        )

    def hidden(self) -> list[Row]:
        return [row for row in self.questions.values() if row.secrecy in HIDDEN]

    def open_assignments(self, question_id: int, part: str) -> list[int]:
        return [
            row.agency_id
            for row in self.assignments
            if row.question_id == question_id and row.part == part and row.ended_at is None
        ]

    def open_draft(self, question_id: int) -> Row | None:
        found = [
            one for one in self.drafts.values() if one.question_id == question_id and one.outcome is None
        ]
        assert len(found) <= 1, ("two drafts wait", question_id)
        return found[0] if found else None

    def has_leader(self, agency_id: int) -> bool:
        return any(
            row.role == "leader" and row.agency_id == agency_id and row.revoked_at is None
            for row in self.roles
        )

    def family(self, question_id: int) -> set[int]:
        """The question, what was merged into it, and what it was merged into."""
        original = self.questions[question_id].duplicate_of_id
        same = {one.id for one in self.questions.values() if one.duplicate_of_id == question_id}
        return same | {question_id} | ({original} if original is not None else set())

    def agencies_that_had(self, question_ids: Iterable[int]) -> set[int]:
        wanted = set(question_ids)
        return {row.agency_id for row in self.assignments if row.question_id in wanted}

    def past_of(self, question_id: int) -> list[Row]:
        return [row for row in self.history if row.question_id == question_id]


def codes_have_no_gaps(seen: Seen) -> None:
    of_year: dict[int, list[int]] = defaultdict(list)
    for row in seen.questions.values():
        of_year[row.year].append(row.number)
    for year, numbers in of_year.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), (year, numbers)
    assert {year: len(numbers) for year, numbers in of_year.items()} == seen.numbers


def history_is_only_appended_to(seen: Seen, before: Seen | None) -> None:
    if before is not None:
        assert seen.history[: len(before.history)] == before.history, "history is only appended to"


def history_tells_the_status(seen: Seen) -> None:
    """From the first event on each follows from the one before, and the last leads to where the question stands."""
    for row in seen.questions.values():
        past = seen.past_of(row.id)
        assert past[0].event in (Event.RECEIVED, Event.ENTERED), (row.id, past[0].event)
        steps = [(one.details.get("from"), one.details["to"]) for one in past if "to" in one.details]
        assert steps[-1][1] == row.status, (row.id, steps)
        for (_, came), (left, _) in itertools.pairwise(steps):
            assert left == came, (row.id, steps)
        for name in ("due", "assign_due"):
            told = [
                (one.details[f"{name}_from"], one.details[f"{name}_to"])
                for one in past
                if f"{name}_to" in one.details and "promise" not in one.details  # that has a date of its own
            ]
            for (_, became), (was, _) in itertools.pairwise(told):
                assert became == was, (row.id, name, told)
            stands: datetime | None = getattr(row, f"{name}_at")
            if told:
                assert told[-1][1] == (stands and stands.isoformat()), (row.id, name, told)
            else:
                assert name == "assign_due" or stands is None, (row.id, name, stands)


_TOLD = (
    *("status", "secrecy", "lead_agency_id", "assign_due_at", "due_at", "remaining_days", "answered_at"),
    *("answer_id", "published_at", "reopened_at"),
)
_NOT_IN_HISTORY = {EntryKind.QUESTION, EntryKind.PUBLIC_QUESTION, EntryKind.PUBLIC_ANSWER}


def history_tells_every_change(seen: Seen, before: Seen | None) -> None:
    """What changed at a question has a row of its own; and so has whatever anybody wrote about one."""
    if before is not None:
        new = {row.question_id for row in seen.history[len(before.history) :]}
        for row in seen.questions.values():
            was = before.questions.get(row.id)
            changed = [] if was is None else [one for one in _TOLD if getattr(was, one) != getattr(row, one)]
            if changed == ["secrecy"] and row.duplicate_of_id is not None:
                continue  # who asked the same wrote the same: told at the original
            assert row.id in new or (was is not None and not changed), (row.id, changed)
    told = {row.entry_id for row in seen.history} | {row.details.get("why_entry") for row in seen.history}
    for entry in seen.entries.values():
        assert entry.id in told or entry.kind in _NOT_IN_HISTORY, (entry.id, entry.kind)


def each_step_has_one_deadline(seen: Seen) -> None:
    """Every open question has somebody whose it is and one time by which; what ended has nothing open left."""
    asked = [row.question_id for row in seen.clarifications]
    more = [row.question_id for row in seen.extensions]
    assert len(asked) == len(set(asked)), asked
    assert len(more) == len(set(more)), more
    for row in seen.questions.values():
        status = Status(row.status)
        # A question that was assigned keeps the limit of that step as it was then.
        assign_due = row.assign_due_at if status is Status.RECEIVED else None
        for due in (assign_due, row.due_at) if status in OPEN else ():
            if due is not None:
                day = seen.calendar.local(due).date()
                assert seen.calendar.is_working_day(day), (row.id, due)
                assert due == seen.calendar.close(day), (row.id, due)
        leads = seen.open_assignments(row.id, "lead")
        helping = seen.open_assignments(row.id, "coordinating")
        draft = seen.open_draft(row.id)
        assert (row.id in asked) == (status is Status.WAITING), (row.id, status, "clarification")
        assert (draft is not None) == (status is Status.IN_APPROVAL), (row.id, status, "draft")
        assert row.id not in more or status in WITH_AGENCY, (row.id, status, "extension")
        assert len(helping) == len(set(helping)), (row.id, helping)
        assert not set(helping) & set(leads), (row.id, helping)
        if status in WITH_AGENCY or status in ANSWERED_STATUSES:
            assert leads == [row.lead_agency_id], (row.id, status, leads)
        else:
            assert leads == helping == [], (row.id, status, leads, helping)
        if status is Status.RECEIVED:
            assert row.assign_due_at is not None, row.id
            assert row.due_at is None, (row.id, row.due_at)
        if status in WITH_AGENCY - {Status.WAITING}:
            assert row.due_at is not None, (row.id, status)
        if status is not Status.WAITING:
            assert row.remaining_days is None or status in ENDS, (row.id, status)
        if status in ENDS:
            assert row.due_at is None, (row.id, status)


def merged_ones_have_an_original(seen: Seen) -> None:
    for row in seen.questions.values():
        assert (row.duplicate_of_id is not None) == (row.status == Status.MERGED), (row.id, row.status)
        if row.duplicate_of_id is not None:
            original = seen.questions[row.duplicate_of_id]
            assert original.status not in (Status.MERGED, Status.WITHDRAWN), (row.id, original.status)
            if original.secrecy in HIDDEN:
                assert row.secrecy in HIDDEN, (row.id, "its original is hidden")
    merged = [row.details["original"] for row in seen.history if row.event == Event.MERGED]
    joined = [_code(seen.questions[row.question_id]) for row in seen.history if row.event == Event.JOINED]
    assert sorted(merged) == sorted(joined)


def approvals_wanted(seen: Seen, agency_id: int, steps: Sequence[str]) -> list[str]:
    """Whose approvals an agency's answer needs, in their order; where it has no leader, an editor stands in."""
    leads = seen.has_leader(agency_id)
    return list(dict.fromkeys("editor" if step == "leader" and not leads else step for step in steps))


def answered_only_after_approval(seen: Seen, steps: Sequence[str]) -> None:
    """An agency's answer was approved by everybody whose approval is configured; published is only such."""
    for row in seen.questions.values():
        if row.answer_id is None:
            assert row.published_at is None, (row.id, "published without an answer")
            assert row.status not in ANSWERED_STATUSES, row.id
            continue
        assert seen.drafts[row.answer_id].outcome == "answered", row.id
        draft = _agencys_own(seen, row)
        agency = seen.entries[draft.entry_id].agency_id
        given = {one.step: one.approver_id for one in seen.approvals if one.draft_id == draft.id}
        assert list(given) == approvals_wanted(seen, agency, steps), (row.id, given)
        for step, person in given.items():
            held = {(one.role, one.agency_id) for one in seen.roles if one.person_id == person}
            allowed = {("leader", agency)} if step == "leader" else {("editor", None), ("admin", None)}
            assert held & allowed, (row.id, step, held)
        if row.published_at is not None:
            _was_published_rightly(seen, row)


def _agencys_own(seen: Seen, question: Row) -> Row:
    """The draft of the agency that an answer comes from, however often editors have corrected it since."""
    of_entry = {one.entry_id: one for one in seen.drafts.values()}
    earlier = {
        row.entry_id: row.details["earlier_entry"]
        for row in seen.past_of(question.id)
        if row.event == Event.CORRECTED
    }
    entry = seen.drafts[question.answer_id].entry_id
    while entry in earlier:
        entry = earlier[entry]
    return of_entry[entry]


def _was_published_rightly(seen: Seen, question: Row) -> None:
    """With the asker's consent, which still stands, or anonymised on an editor's word; and after the answer."""
    past = seen.past_of(question.id)
    published = [row for row in past if row.event == Event.PUBLISHED][-1]
    assert published.at == question.published_at, question.id
    assert any(row.event == Event.ANSWERED and row.id < published.id for row in past), question.id
    stands = any(
        row.question_id == question.id and row.withdrawn_at is None and row.person_id == question.asker_id
        for row in seen.consents
    )
    erased = any(row.event == Event.ASKER_ERASED for row in past)  # their consents ended with them
    assert stands or published.details["anonymised"] or erased, (question.id, "published without consent")


def nothing_public_names_the_asker(seen: Seen, traces: Mapping[int, Sequence[str]]) -> None:
    for entry in seen.entries.values():
        if entry.kind in (EntryKind.PUBLIC_QUESTION, EntryKind.PUBLIC_ANSWER):
            for trace in traces[entry.question_id]:
                assert trace not in (entry.text or ""), (entry.question_id, trace)


def the_audit_log_is_whole(seen: Seen) -> None:
    assert seen.audit_broken is None, seen.audit_broken


async def nothing_was_changed_at_the_prompt(database: Database) -> None:
    """Whatever people did, `danhoi doctor` raises no false alarm. The cast's roles and consents nobody granted."""
    await seal_ledger(database)
    async with database.reading() as work:
        faults = await examine(work)
    found = [one for one in faults if one.about != "consents" and not one.about.startswith("role")]
    assert not found, found


def _code(question: Row) -> str:
    return f"DH-{question.year}-{question.number:06d}"


# --- who reads what --------------------------------------------------------------------------------------------


async def new_messages(work: Work, after: int) -> list[Row]:
    return await work.all(sa.select(outbox).where(outbox.c.id > after).order_by(outbox.c.id))


def messages_reach_whom_they_may(
    seen: Seen, cast: Cast, marks: Mapping[str, int], messages: Sequence[Row]
) -> None:
    """A code is read by who asked that or the same, by editors and admins, and by agencies that had it.

    The words of a question only by its asker, by editors, by who leads or coordinates it, and, unless it is hidden,
    by admins. Whoever left hears of nothing more; what they had before them may be changed or taken away. No citizen
    hears who another is, or gets files of another's answer that no editor looked at.
    """
    names = {who.id: name for name, who in cast.who.items()}
    codes = {_code(row): row.id for row in seen.questions.values()}
    for message in messages:
        name = names.get(message.person_id)
        if name is None:
            assert not message.address or not message.content, ("somebody erased", message.content)
            continue
        words = {key: part for key, part in message.content.items() if key not in ("png", "data")}
        text = json.dumps(words, ensure_ascii=False)
        for other, citizen in cast.citizens.items() if name in cast.citizens else ():
            assert other == name or not any(one in text for one in citizen.traces), (name, other, text)
        told = {codes[found[0]] for found in CODE.finditer(text) if found[0] in codes}
        if message.question_id is not None:
            told.add(message.question_id)
        taken_away = name.startswith("former") and message.kind in ("edit", "buttons", "delete")
        for question_id in () if taken_away else told:
            assert _may_know_of(seen, cast.who[name], question_id), (name, question_id, text)
        if message.kind in ("file", "album") and name in cast.citizens:
            question = seen.questions[message.question_id]
            own = question.asker_id == message.person_id
            looked_at = own or _files_were_passed_on(seen, question.id)
            assert looked_at, (name, question.id, "files nobody looked at")
        for mark in set(MARK.findall(text)):
            question = seen.questions[marks[mark]]
            own = question.asker_id == message.person_id
            desk = name == "editor" or (name == "admin" and question.secrecy not in HIDDEN)
            agency = _works_on(seen, cast.who[name], [question.id]) and question.secrecy not in HIDDEN
            assert own or desk or agency, (name, question.id, text)


def _files_were_passed_on(seen: Seen, question_id: int) -> bool:
    """An editor has looked at the files of the answer as it stands."""
    events = [row.event for row in seen.past_of(question_id)]
    return Event.FILES_PASSED_ON in events[len(events) - events[::-1].index(Event.ANSWERED) :]


def _may_know_of(seen: Seen, who: Actor, question_id: int) -> bool:
    family = seen.family(question_id)
    family |= {one for member in family for one in seen.family(member)}
    return (
        any(seen.questions[one].asker_id == who.id for one in family)
        or any(row.role in ("editor", "admin") for row in who.roles)
        or _works_on(seen, who, family)
    )


def _works_on(seen: Seen, who: Actor, question_ids: Iterable[int]) -> bool:
    mine = {row.agency_id for row in who.roles if row.agency_id is not None}
    return not mine.isdisjoint(seen.agencies_that_had(question_ids))


async def what_is_hidden_is_read_by_editors_alone(
    work: Work, seen: Seen, cast: Cast, marks: Mapping[str, int], known: set[Row]
) -> None:
    """Through everything that shows questions to people or to programs. `known`: looked at before, one by one."""
    hidden = seen.hidden()
    if not hidden:
        return
    assert seen.words.isdisjoint({row.id for row in hidden}), "found by a search"
    secret = {mark for mark, question_id in marks.items() if question_id in {row.id for row in hidden}}
    shown: dict[str, object] = {
        "search": await tracking.published(work, ""),
        "work": [
            await worklists.agency_work(work, cast.who[name], 1)
            for name in ("officer", "leader", "coordinator", "coordinating leader", "outsider")
        ],
        "new": await worklists.new_ones(work, cast.who["admin"], 1),
        "approvals": [
            await worklists.approvals(work, cast.who[name], 1) for name in ("leader", "admin", "editor")
        ],
        "overdue": await worklists.overdue(work, 1),
        "on air": await selection.candidates_for(
            work, cast.who["editor"], cast.episode, selection.CandidateFilter(), 1
        ),
        "chosen": await selection.chosen_questions(work, cast.who["editor"], cast.episode),
        "own": [
            await tracking.mine(work, cast.who[name].person) for name in ("asker", "follower", "neighbour")
        ],
    }
    for place, notice in shown.items():
        text = str(notice)
        assert not any(mark in text for mark in secret), place
    for row in hidden:
        if row in known:
            continue
        known.add(row)
        told = await ledger.as_json(work, row)
        assert told["text"] is told["asker"] is told["answer"] is None, row.id
        assert all(event["note"] is None for event in told["history"]), row.id
        for mark in secret:
            assert mark not in json.dumps(told), row.id
        for name, who in cast.who.items():
            await _hears_nothing(work, name, who, row, secret)


async def _hears_nothing(work: Work, name: str, who: Actor, hidden: Row, secret: set[str]) -> None:
    tracked, _ = await tracking.tracked(work, who, hidden.id)
    assert tracked.text is None, (name, hidden.id)
    assert tracked.answer is None or who.id == hidden.asker_id, (name, hidden.id)
    if name == "editor":
        return
    if who.roles:
        with suppress(RuleViolation):
            card, _ = await cards.card(work, who, hidden)
            assert isinstance(card, HiddenCard), (name, hidden.id)
        for read in (records.history_for, records.files_for):
            with pytest.raises(RuleViolation) as refused:
                await read(work, who, hidden.id)
            assert not any(mark in str(refused.value.facts) for mark in secret), name
    elif who.id == hidden.asker_id:
        exported = await own_data.export(work, who, "")
        words = exported.for_programs.decode() + exported.for_people.decode()
        assert not any(mark in words for mark in secret), name
