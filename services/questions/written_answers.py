"""Answers that officers are writing: numbered parts and files, until somebody decides."""

import re
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.letters import split_letter
from services.people.actors import Actor
from services.people.ended_roles import Phase, ends_with_role
from services.recall import GONE, Recall, Why, outlet
from storage.delivery import files
from storage.engine.database import Work
from storage.questions import answer_drafts, being_written
from storage.questions.answer_drafts import WordedDraftRow
from storage.rows import AnswerBeingWrittenRow

JOINS_WITHIN = timedelta(
    minutes=2
)  # of being submitted: a file, or an edit, belongs to it without being asked for
PIECES_WITHIN = timedelta(seconds=1)  # between the pieces of a text that an app has cut
CUT_ABOVE = (
    2048  # UTF-16 units: apps cut what is too long somewhere in the second half of what a message holds
)
PARTS = 12  # in which an earlier draft is given back
_PARAGRAPHS = re.compile(r"\n{2,}")


@dataclass
class WrittenAnswer:
    """What somebody has written to answer one question."""

    question_id: int
    # {"message": its id or None, "text", perhaps "glue": what stands between it and the part before}
    parts: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)  # {"message": id or None, "file": files.id}
    letter: str | None = None  # number of the official letter
    last: str | None = None  # the message that came last, and how long it was
    units: int = 0
    at: str | None = None  # when; ISO
    draft: int | None = None  # drafts.id: what it was submitted as
    submitted_at: str | None = None  # when, for the first time; ISO
    corrects: int | None = None  # drafts.id: the answer that went out, which this is to correct
    untouched: bool = False  # as it went out: words without more stand for all of it
    changes: int | None = None  # drafts.id: the draft that an editor changes, to approve it then
    edited: dict[str, Any] | None = None  # {"message", "text"}: an edit that came after it was submitted

    @property
    def text(self) -> str:
        """All parts as one text."""
        joined = ""
        for part in self.parts:
            joined += (part.get("glue", "\n\n") if joined else "") + part["text"]
        return joined

    @property
    def file_ids(self) -> list[int]:
        return [one["file"] for one in self.files]

    @property
    def is_unfinished(self) -> bool:
        """Return whether it holds something unsubmitted, of an officer's own."""
        return self.draft is None and self.changes is None and bool(self.parts or self.files)

    def has(self, message_id: str) -> bool:
        return any(one["message"] == message_id for one in (*self.parts, *self.files))

    def continued_by(self, message: Message) -> bool:
        """Return whether a message is the rest of a text that its app cut."""
        if self.at is None or message.before != self.last or message.at is None or not message.text:
            return False
        since = message.at - datetime.fromisoformat(self.at)
        return self.units > CUT_ABOVE and timedelta() <= since <= PIECES_WITHIN

    def is_new(self, now: datetime) -> bool:
        """Whether it was submitted so short a time ago that what follows belongs to it."""
        at = self.submitted_at
        return at is not None and now - datetime.fromisoformat(at) <= JOINS_WITHIN

    def add(self, message: Message, text: str, file_id: int | None, *, units: int) -> None:
        """Add a message's words and file; a letter's number is read from its line.

        Words without a file stand for all of an answer that is untouched since it went out.
        """
        text = self._without_letter(text)
        if self.untouched and text and file_id is None:
            self.parts = []
        self.untouched = False
        if text:
            glue = {"glue": self._glue(message)} if self.continued_by(message) else {}
            self.parts.append({"message": message.id, "text": text} | glue)
        if file_id is not None:
            self.files.append({"message": message.id, "file": file_id})
        self.last, self.units = message.id, units
        self.at = None if message.at is None else message.at.isoformat()

    def _without_letter(self, text: str) -> str:
        text, letter = split_letter(text)
        self.letter = letter or self.letter
        return text

    def _glue(self, message: Message) -> str:
        """What an app took away where it cut: at a blank line if there is one, else at a line's end, else a space.

        A message that is full was cut inside a word.
        """
        before = self.parts[-1]["text"] if self.parts else ""
        if self.units >= 2 * CUT_ABOVE:
            return ""
        return next((glue for glue in ("\n\n", "\n") if glue in before), " ")

    def change(self, message_id: str, text: str) -> bool:
        """Let one of its messages read differently; returns whether anything is changed by that."""
        changed, text = False, self._without_letter(text)
        for part in self.parts:
            if part["message"] == message_id and part["text"] != text:
                part["text"] = text
                changed = True
        self.parts = [part for part in self.parts if part["text"]]
        return changed


def require_room(work: Work, written: WrittenAnswer) -> None:
    """Raise `RuleViolation` where an answer is longer, or has more files, than the programme takes."""
    limits = work.programme
    if len(written.text) > limits.question_characters:
        raise RuleViolation(Reason.TOO_LONG, limit=limits.question_characters)
    if len(written.files) > limits.draft_files:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=limits.draft_files)


async def of(work: Work, person_id: int, question_id: int) -> WrittenAnswer | None:
    """Find what somebody is writing, or has just submitted, to answer a question."""
    row = await being_written.of(work, person_id, question_id)
    return None if row is None else _of(row)


async def newest_of(work: Work, person_id: int) -> list[WrittenAnswer]:
    """What somebody wrote of late, the newest first."""
    return [_of(row) for row in await being_written.newest_of(work, person_id)]


def _of(row: AnswerBeingWrittenRow) -> WrittenAnswer:
    known = {one.name for one in fields(WrittenAnswer)} - {"question_id"}
    return WrittenAnswer(row.question_id, **{key: row.data[key] for key in known if key in row.data})


async def keep(work: Work, person_id: int, written: WrittenAnswer) -> None:
    data = asdict(written)
    await being_written.put(work, person_id, data.pop("question_id"), data)


async def give_up(work: Work, person_id: int, question_id: int) -> None:
    """Drop what somebody is writing, with its files but those of a draft."""
    written = await of(work, person_id, question_id)
    if written is not None:
        await files.drop(work, written.file_ids)
        await being_written.drop(work, person_id, question_id)


async def from_draft(work: Work, draft: WordedDraftRow) -> WrittenAnswer:
    """An earlier draft to be worked on: its paragraphs as parts, its files."""
    paragraphs = [one for one in _PARAGRAPHS.split(draft.text or "") if one.strip()]
    at_once = -(-len(paragraphs) // PARTS) or 1
    parts = ["\n\n".join(paragraphs[at : at + at_once]) for at in range(0, len(paragraphs), at_once)]
    kept = await files.of_entry(work, draft.entry_id)
    return WrittenAnswer(
        draft.question_id,
        parts=[{"message": None, "text": part} for part in parts],
        files=[{"message": None, "file": one.id} for one in kept],
        letter=draft.official_letter,
    )


async def open_draft(work: Work, written: WrittenAnswer | None) -> WordedDraftRow | None:
    """The draft as which something was submitted, where nobody has decided on it yet."""
    if written is None or written.draft is None:
        return None
    draft = await answer_drafts.by_id(work, written.draft)
    if draft is None or draft.outcome is not None:
        return None
    return None if await answer_drafts.approvals_of(work, draft.id) else draft


async def unapproved_answer(work: Work, written: WrittenAnswer) -> WordedDraftRow | None:
    """The answer as which something went out at once, where nobody's approval is needed."""
    draft = None if written.draft is None else await answer_drafts.by_id(work, written.draft)
    if draft is None or draft.outcome != "answered" or await answer_drafts.approvals_of(work, draft.id):
        return None
    return draft


@outlet("answers being written", holds=("answers_being_written.data",), why=[Why.HIDDEN, *GONE])
async def take_back(work: Work, recall: Recall) -> None:
    """What offices are writing about a question may quote it."""
    followed = [int(row.duplicate_of_id) for row in recall.questions if row.duplicate_of_id is not None]
    about = recall.ids if recall.why is Why.HIDDEN else [*recall.ids, *followed]
    await being_written.drop_about(work, about)


@ends_with_role(Phase.STEP)
async def end_with_role(work: Work, left: Actor, _by: int | None) -> None:
    """What somebody is writing for an agency whose officer they are no more goes."""
    if not left.is_staff:
        await being_written.drop_all_of(work, left.id)
