"""Facts of a question, read once, and views: what each reader may see.

`facts` reads and decides nothing; `view` decides and reads nothing: secrecy stands in its tables alone
(docs/decisions/0035-facts-once-views-per-reader.md). The promise is tests/services/questions/test_views.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.privacy.consent import Consent
from domain.questions.history import EntryKind, Event
from domain.questions.lateness import Holder, holder
from domain.questions.life import ANSWERED_STATUSES, HIDDEN, RULES, Action, ApprovalStep, Capacity, Status
from services.people.actors import Actor
from services.questions import approval
from services.questions.case import QuestionStanding, capacities_of, standing
from storage.agencies import agencies
from storage.deadlines import extensions, promises
from storage.deadlines.extensions import ReasonedExtensionRow
from storage.deadlines.promises import WordedPromiseRow
from storage.delivery import files
from storage.engine.database import Work
from storage.people import consents, people
from storage.people.people import AskerRow
from storage.questions import answer_drafts, entries, history, lateness, questions
from storage.questions.answer_drafts import WordedDraftRow
from storage.questions.entries import SignedEntryRow
from storage.questions.questions import CLOCK_RUNS, AssignedRow
from storage.rows import FieldRow, FileRow, QuestionRow


@dataclass(frozen=True)
class Facts(QuestionStanding):
    """All that a card may show of a question, whoever reads it."""

    asker: AskerRow
    contact_given: bool  # the asker allows agencies to see how to call them
    field: FieldRow | None
    text: str  # as it was asked
    written: tuple[SignedEntryRow, ...]  # whatever was written about it, oldest first
    draft: WordedDraftRow | None  # waits for approval
    step: ApprovalStep | None  # the approval for which it waits
    went_out_at: datetime | None  # the answer that the draft would correct
    answer: WordedDraftRow | None
    attached: tuple[FileRow, ...]  # files, of whatever was written
    stars: int | None  # the asker's rating
    promises: tuple[WordedPromiseRow, ...]
    request: ReasonedExtensionRow | None  # for more days, undecided
    late_by: Holder | None
    editor_reopens_until: datetime | None  # where it was refused or merged

    @property
    def lead(self) -> AssignedRow | None:
        """The agency that answers."""
        return next((row for row in self.assigned if row.part == "lead"), None)


async def facts(work: Work, question: QuestionRow) -> Facts:
    """Read all that is known of a question.

    Cached until something is written (`Work.fresh`).
    """
    key = ("facts", question.id)
    kept: Facts | None = work.fresh.get(key)
    if kept is not None and kept.question == question:
        return kept
    known = await standing(work, question)
    written = tuple(await entries.of_question(work, question.id))
    draft = await answer_drafts.open_of(work, question.id)
    rating = await questions.rating(work, question.id, question.asker_id)
    wants_days = question.status in RULES[Action.DECIDE_EXTENSION].moves
    found = Facts(
        **vars(known),
        asker=await people.asker(work, question.asker_id),
        contact_given=await consents.latest(work, question.asker_id, Consent.CONTACT) is not None,
        field=await agencies.field(work, question.field_code) if question.field_code else None,
        text=next((row.text or "" for row in written if row.kind == EntryKind.QUESTION), ""),
        written=written,
        draft=draft,
        step=None if draft is None else await approval.step_now(work, question, draft.id),
        went_out_at=await _went_out_at(work, question, draft),
        answer=await answer_drafts.by_id(work, question.answer_id) if question.answer_id else None,
        attached=tuple(await files.of_question(work, question.id)),
        stars=None if rating is None else rating.stars,
        promises=tuple(await promises.of_question(work, question.id)),
        request=await extensions.undecided(work, question.id) if wants_days else None,
        late_by=(await late_by(work, [question])).get(question.id),
        editor_reopens_until=await editor_reopens_until(work, question),
    )
    work.fresh[key] = found
    return found


async def _went_out_at(work: Work, question: QuestionRow, draft: WordedDraftRow | None) -> datetime | None:
    if draft is None or draft.corrects_id is None or question.answer_id is None:
        return None
    answer = await answer_drafts.sent(work, question)
    return await history.went_out(work, question.id, answer.entry_id)


async def editor_reopens_until(work: Work, question: QuestionRow) -> datetime | None:
    """Return until when an editor may reopen what was refused or merged.

    None for all others.
    """
    if question.status not in RULES[Action.REOPEN_ENDED].moves:
        return None
    ended = await history.last_at(work, question.id, Event.REFUSED, Event.MERGED)
    return None if ended is None else ended + timedelta(days=work.programme.reopen_days)


class Part(StrEnum):
    """A part of a question's facts that a person sees or doesn't see."""

    OUTLINE = "outline"  # at the desk: that there is one, and that it is hidden
    TEXT = "text"  # as it was asked
    ASKER = "asker"  # their name, address and organisation
    CONTACT_GIVEN = "contact_given"  # how to call them, where they allow it
    CONTACT = "contact"  # how to call them, in any case
    BLOCKED = "blocked"  # that what they write is not taken, and until when
    THREAD = "thread"  # what was written since, among offices too
    DRAFT = "draft"
    ANSWER = "answer"
    FILES = "files"
    HISTORY = "history"  # whole, with notes and names
    COURSE = "course"  # the history in short, as citizens are told
    RECEIVED = "received"  # when it came in
    AGENCY = "agency"  # who answers
    DUE = "due"  # until when
    CLARIFICATION = "clarification"  # what the agency wants to know of its asker
    PUBLIC = "public"  # the texts that an editor made public


_NOTHING: frozenset[Part] = frozenset()
_WORK = frozenset(
    {
        Part.TEXT,
        Part.ASKER,
        Part.CONTACT_GIVEN,
        Part.THREAD,
        Part.DRAFT,
        Part.ANSWER,
        Part.FILES,
        Part.HISTORY,
    }
)
_OUTLINE = frozenset({Part.OUTLINE})

# At the desk: on a card, among its files, in its history. Who is several of these sees what any of them sees.
_AT_DESK = {
    Capacity.EDITOR: _WORK | {Part.CONTACT, Part.BLOCKED},
    Capacity.ADMIN: _WORK | {Part.CONTACT, Part.BLOCKED},
    # Handlers at agencies see what they need: not the telephone number, unless the asker allows it.
    Capacity.OFFICER: _WORK,
    Capacity.LEADER: _WORK,
    Capacity.COORDINATOR: _WORK,
}
# The same of what is, or may be, a denunciation. An editor for whom nobody has vouched is like an admin to it.
_HIDDEN_AT_DESK = dict.fromkeys(_AT_DESK, _OUTLINE) | {Capacity.EDITOR: _WORK | {Part.CONTACT, Part.BLOCKED}}

# In a citizen's chat, beside the status. Of a suspected denunciation not even its asker is shown the text again:
# the telephone may be in other hands.
_HIDDEN_FROM_ASKER = frozenset({Part.ANSWER, Part.CLARIFICATION, Part.COURSE, Part.RECEIVED})
_ASKER = _HIDDEN_FROM_ASKER | {Part.TEXT, Part.AGENCY, Part.DUE}
_FOLLOWER = frozenset({Part.ANSWER, Part.AGENCY, Part.DUE})
_PUBLIC = frozenset({Part.PUBLIC, Part.AGENCY})


@dataclass(frozen=True)
class View:
    """What one person sees of a question: at the desk and in a citizen's chat.

    At the desk: where they work on it.
    """

    capacities: frozenset[Capacity]
    desk: frozenset[Part]
    chat: frozenset[Part]


def view(known: QuestionStanding, actor: Actor) -> View:
    """Decide what somebody sees of a question."""
    capacities = capacities_of(known, actor)
    return View(capacities, at_desk(known.question, capacities), _in_chat(known, capacities))


def at_desk(question: QuestionRow, capacities: frozenset[Capacity]) -> frozenset[Part]:
    """Decide what people who work on a question see; nothing for all others."""
    table = _HIDDEN_AT_DESK if question.secrecy in HIDDEN else _AT_DESK
    seen = _NOTHING.union(*(table[one] for one in capacities if one in table))
    return seen - _OUTLINE or seen


def _in_chat(known: QuestionStanding, capacities: frozenset[Capacity]) -> frozenset[Part]:
    question = known.question
    if Capacity.ASKER in capacities:
        return of_ones_own(question, known.original)
    if question.secrecy in HIDDEN:
        return _NOTHING
    public = _PUBLIC if question.published_at is not None else _NOTHING
    return public | (_FOLLOWER if Capacity.FOLLOWER in capacities else _NOTHING)


def of_ones_own(question: QuestionRow, original: QuestionRow | None = None) -> frozenset[Part]:
    """Decide what the asker sees of their question.

    It may be merged into an `original`.
    """
    seen = _HIDDEN_FROM_ASKER if question.secrecy in HIDDEN else _ASKER
    # An answer to another's question may tell of what is hidden there.
    return seen - {Part.ANSWER} if original is not None and original.secrecy in HIDDEN else seen


def in_lists(question: QuestionRow) -> frozenset[Part]:
    """Decide what a list shows of a question: no word of a hidden one."""
    return _NOTHING if question.secrecy in HIDDEN else frozenset({Part.TEXT})


# --- who was late --------------------------------------------------------------------------------------------------


async def late_by(work: Work, rows: Sequence[QuestionRow]) -> dict[int, Holder]:
    """Return, by id, who held each question when its time ran out.

    Only late ones. One query for all. A question that nobody has assigned in time is the editors'.
    """
    late = [question for question in rows if _is_late(work, question)]
    found = {question.id: Holder.EDITORS for question in late if question.status == Status.RECEIVED}
    asked = [question.id for question in late if question.id not in found]
    if asked:
        for row in await lateness.at_due(work, asked):
            found[row.question_id] = holder(row.event, row.waits_for)
    return found


def _is_late(work: Work, question: QuestionRow) -> bool:
    if question.status == Status.RECEIVED:
        return bool(question.assign_due_at < work.now)
    if question.due_at is None:
        return False
    if question.status in ANSWERED_STATUSES:
        return question.answered_at is not None and bool(question.answered_at > question.due_at)
    # Waiting with days left the clock stands still; with none kept it was overdue when the asker was asked.
    runs = question.status in CLOCK_RUNS
    stood_overdue = question.status == Status.WAITING and question.remaining_days is None
    return (runs or stood_overdue) and bool(question.due_at < work.now)
