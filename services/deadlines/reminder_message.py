"""Writes a reminder: what is late first, agency by agency.

Its buttons and commands are those that whoever gets it can use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.deadlines.ladder import Matter
from domain.questions.life import AGENCY_ROLES, EDITORS, Role
from domain.vietnamese.text import excerpt
from messages.buttons import Act, Button, Key, Keyboard
from messages.keyboards import in_rows
from messages.notice import Notice
from messages.notices.reminders import (
    LateGroup,
    LateMatter,
    LateOne,
    OutOfReach,
    ReminderLine,
    Reminders,
)
from services.calendar.due import Deadline
from services.people.actors import Actor, actor_of
from storage.agencies import agencies
from storage.engine.database import Work
from storage.rows import AgencyGroupRow, PersonRow

# A message holds some 4,000 characters; what it does not name is counted, and in the lists behind its buttons.
NAMED = 60  # of what is late
GROUPS = 10  # agencies with something late
LINES = 12  # of what is not late yet
BUTTONS = 6  # to single questions and episodes

# The editors' own; all others are an agency's to do.
_DESK = {Matter.ASSIGNMENT, Matter.LOOK, Matter.EDITOR_APPROVAL, Matter.EXTENSION, Matter.SCRIPT_PLAN}
_PEOPLE = {Matter.UNSTAFFED, Matter.UNREACHABLE}
# To the editors they stand in no list by agency: each has a button of its own.
_ONE_BY_ONE = {Matter.LOOK, Matter.EXTENSION, Matter.PROMISE}


@dataclass(frozen=True)
class Recipient:
    """A person, or an agency's group."""

    key: str  # "person:12", "group:3"
    person: PersonRow | None = field(compare=False)  # the same person has a row for each role
    group: AgencyGroupRow | None = field(default=None, compare=False)


@dataclass(frozen=True)
class _Reader:
    """What decides which buttons and commands somebody can use."""

    actor: Actor | None  # None: a group
    mine: frozenset[int]  # agencies of theirs

    @property
    def desk(self) -> bool:
        return self.actor is not None and self.actor.holds(*EDITORS)

    def accepts_for(self, agency_id: int | None) -> bool:
        return self.actor is not None and agency_id in self.actor.agencies(Role.OFFICER)

    @property
    def commands(self) -> tuple[str, ...]:
        mine = ("viec",) if self.mine else ()
        return (*mine, "quahan", "moi") if self.desk else mine


async def message(
    work: Work, recipient: Recipient, found: Sequence[Deadline], now: datetime
) -> tuple[Notice, Keyboard]:
    """Write a reminder, what is late first, by agency.

    Agencies are named to those who look after several."""
    reader = await _reader_of(work, recipient)
    ordered = sorted(found, key=lambda one: (one.due_at, one.matter, one.subject_id))
    names = await _names(work, ordered, reader)
    things = [one for one in ordered if one.matter not in _PEOPLE]
    late = [one for one in things if one.due_at < now]
    ahead = [one for one in things if one.due_at >= now]
    groups, named = _grouped(late, names)
    today = work.programme.local(now).date()
    lines = [(one, _line(one, names)) for one in ahead[:LINES]]
    unstaffed = [one for one in ordered if one.matter is Matter.UNSTAFFED]
    notice = Reminders(
        overdue=tuple(groups),
        today=tuple(line for one, line in lines if one.due_on <= today),
        soon=tuple(line for one, line in lines if one.due_on > today),
        more=len(things) - named - len(lines),
        unstaffed=tuple(names[one.agency_id] for one in unstaffed[:GROUPS]),
        may_invite=reader.actor is not None and reader.actor.holds(Role.ADMIN),
        unreachable=tuple(
            OutOfReach(one.name, names[one.agency_id])
            for one in [one for one in ordered if one.matter is Matter.UNREACHABLE][:GROUPS]
        ),
        commands=reader.commands,
        in_group=recipient.group is not None,
    )
    shown = [*late, *ahead[:LINES]]
    return notice, () if reader.actor is None else _buttons(shown, late, unstaffed, names, reader)


async def _reader_of(work: Work, recipient: Recipient) -> _Reader:
    if recipient.group is not None:
        return _Reader(None, frozenset({recipient.group.agency_id}))
    assert recipient.person is not None
    actor = await actor_of(work, recipient.person)
    return _Reader(actor, actor.agencies(*AGENCY_ROLES))


async def _names(work: Work, found: Sequence[Deadline], reader: _Reader) -> dict[int | None, str]:
    """What agencies are called; empty for the only one that is the reader's own, and for the editors."""
    only = next(iter(reader.mine)) if len(reader.mine) == 1 else None
    names: dict[int | None, str] = {None: ""}
    for agency_id in {one.agency_id for one in found} - {None}:
        assert agency_id is not None
        own = agency_id == only
        names[agency_id] = "" if own else (await agencies.by_id(work, agency_id)).short_name
    return names


def _line(one: Deadline, names: dict[int | None, str]) -> ReminderLine:
    return ReminderLine(
        what=one.name or one.code, matter=str(one.matter), agency=names[one.agency_id], due_at=one.due_at
    )


def _place(one: Deadline) -> int | None:
    """With which agency something is late; None: with the editors."""
    return None if one.matter in _DESK else one.agency_id


def _by_place(late: Sequence[Deadline]) -> dict[int | None, list[Deadline]]:
    """What is late by where it is late, the place with the oldest first."""
    places: dict[int | None, list[Deadline]] = {}
    for one in late:
        places.setdefault(_place(one), []).append(one)
    return places


def _grouped(late: Sequence[Deadline], names: dict[int | None, str]) -> tuple[list[LateGroup], int]:
    """The groups that a message names, and how many matters stand in them by name or by number."""
    places = list(_by_place(late).items())[:GROUPS]
    room = max(1, NAMED // max(1, len(places)))
    groups, counted = [], 0
    for agency_id, ones in places:
        left, matters = room, []
        for matter in dict.fromkeys(one.matter for one in ones):
            all_of_it = [one for one in ones if one.matter is matter]
            some = all_of_it[: max(1, left)]
            left -= len(some)
            counted += len(all_of_it)
            matters.append(
                LateMatter(
                    str(matter),
                    tuple(LateOne(one.name or one.code, one.due_at) for one in some),
                    len(all_of_it),
                )
            )
        groups.append(LateGroup(names[agency_id], agency_id is None, tuple(matters)))
    return groups, counted


# --- buttons ---------------------------------------------------------------------------------------------------------


def _buttons(
    shown: Sequence[Deadline],
    late: Sequence[Deadline],
    unstaffed: Sequence[Deadline],
    names: dict[int | None, str],
    reader: _Reader,
) -> Keyboard:
    """Lists of what is late, agency by agency; single things with what can be done at once; the whole lists below."""
    rows: list[Sequence[Key]] = list(in_rows(_agency_buttons(late, unstaffed, names, reader)))
    single: list[list[Button]] = []
    seen: set[tuple[str, int]] = set()
    for one in shown:
        key, row = _episode_row(one, reader) if one.episode_id is not None else _question_row(one, reader)
        if row and key not in seen and len(single) < BUTTONS:
            seen.add(key)
            single.append(row)
    matters = {one.matter for one in shown}
    lists: list[Key] = []
    if reader.desk and Matter.ASSIGNMENT in matters:
        lists.append(Button("button.list_new", Act.SHOW_LIST, ("new",)))
    if not matters.isdisjoint({Matter.EDITOR_APPROVAL, Matter.LEADER_APPROVAL}) and _decides(reader):
        lists.append(Button("button.list_approvals", Act.SHOW_LIST, ("approvals",)))
    if reader.desk and any(one.question_id is not None for one in late):
        lists.append(Button("button.list_overdue", Act.SHOW_LIST, ("overdue",)))
    rows += [*single, *in_rows(lists)]
    if reader.mine:
        rows.append([Button("button.my_work", Act.SHOW_LIST, ("work",))])
    return rows


def _decides(reader: _Reader) -> bool:
    return reader.actor is not None and reader.actor.holds(Role.LEADER, *EDITORS)


def _agency_buttons(
    late: Sequence[Deadline],
    unstaffed: Sequence[Deadline],
    names: dict[int | None, str],
    reader: _Reader,
) -> list[Button]:
    """A button for each agency with something late or with nobody in it, but for the only one of the reader."""
    counts = {place: len(ones) for place, ones in list(_by_place(late).items())[:GROUPS]}
    counts |= {one.agency_id: counts.get(one.agency_id, 0) for one in unstaffed[:GROUPS]}
    return [
        Button(
            "button.agency_work",
            Act.SHOW_LIST,
            ("agency", agency_id),
            text=f"{excerpt(names[agency_id], 30)}{f' ({count})' if count else ''} ▸",
        )
        for agency_id, count in counts.items()
        if agency_id is not None and names[agency_id] and (reader.desk or agency_id in reader.mine)
    ]


def _question_row(one: Deadline, reader: _Reader) -> tuple[tuple[str, int], list[Button]]:
    """`Nhận xử lý` stands beside what an officer's agency has not acknowledged."""
    if one.question_id is None or one.matter in _PEOPLE:
        return ("", 0), []
    if one.matter is Matter.LOOK and not (reader.actor and reader.actor.reads_hidden):
        return ("", 0), []
    if one.agency_id not in reader.mine and one.matter not in _ONE_BY_ONE:
        return ("", 0), []  # in the list behind its agency's button, or the editors' lists
    row = [Button("button.open", Act.OPEN, (one.question_id,), text=one.code)]
    if one.matter is Matter.ANSWER and reader.accepts_for(one.agency_id) and not one.acknowledged:
        row.append(Button("button.accept", Act.ACCEPT_REMINDED, (one.question_id,)))
    return ("question", one.question_id), row


def _episode_row(one: Deadline, reader: _Reader) -> tuple[tuple[str, int], list[Button]]:
    """To an agency its plan, to be acknowledged; to editors the episode, which says what its plan still lacks."""
    assert one.episode_id is not None
    if one.agency_id not in reader.mine:
        episode = Button("button.episode", Act.EPISODE, (one.episode_id,), detail=one.code)
        return ("episode", one.episode_id), [episode]
    receipt = (one.subject_id,)
    return ("receipt", one.subject_id), [
        Button("button.plan_document", Act.PLAN_DOCUMENT, receipt, detail=one.code),
        Button("button.plan_received", Act.PLAN_ACKNOWLEDGE, receipt),
    ]
