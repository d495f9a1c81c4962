"""An asker's own questions, published ones, and replies to an agency."""

from dataclasses import dataclass

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import Action
from domain.vietnamese.text import clean
from handlers.chat.dropping import ALBUM
from handlers.chat.paging import paged
from handlers.chat.prompting import ask_for
from handlers.chat.registry import NOT_MINE, NotMine, command, press, reply_to, step
from handlers.chat.steps import QuestionStep, StepData
from handlers.chat.turn import Turn, leave_step
from handlers.chat.typed import id_of, split_code_of, words_and_files
from messages.buttons import Act, Button, Keyboard, Press
from messages.notice import Notice
from messages.notices.chat import TextAsked
from messages.notices.questions import TrackCodeAsked
from services.questions import agency_work, tracking
from services.questions.case import Case, find, open_case
from storage.rows import OutboxRow

# --- looking ----------------------------------------------------------------------------------------------------


@command("cuatoi", place=110)
async def on_mine(turn: Turn, argument: str) -> None:
    await turn.reply(*await my_questions(turn, 1))


@press(Act.MY_QUESTIONS)
async def on_mine_pressed(turn: Turn, pressed: Press) -> None:
    await turn.reply(*await my_questions(turn, 1))


@paged("mine")
async def my_questions(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    return await tracking.mine(turn.work, turn.person, min(page, 10_000))


@command("tracuu", place=120)
async def on_track(turn: Turn, argument: str) -> None:
    code, _rest = split_code_of(turn, argument)
    if code is not None:
        await _show_tracked(turn, code)
    elif argument:
        raise RuleViolation(Reason.CODE_MISSING, command="tracuu")
    else:
        await turn.reply(TrackCodeAsked())
        await turn.set_step("track", StepData())


@step("track", holds=StepData)
async def on_track_code(turn: Turn, message: Message, held: StepData) -> NotMine | None:
    """Take the code that `/tracuu` asked for; leave anything else to other handlers."""
    code, rest = split_code_of(turn, message.text or "")
    await turn.end_step()
    if code is None or rest:
        return NOT_MINE
    await _show_tracked(turn, code)
    return None


@press(Act.TRACK)
async def on_track_pressed(turn: Turn, pressed: Press) -> None:
    await _show_tracked(turn, id_of(pressed))


async def _show_tracked(turn: Turn, which: Code | int) -> None:
    """Show a question; note what others may read of it now.

    For the day when they may not any more.
    """
    notice, buttons = await tracking.tracked(turn.work, turn.actor, which)
    question = await find(turn.work, which, turn.actor)
    others = question.asker_id != turn.person.id and (notice.text or notice.answer)
    shown = [question.id] if others else []
    if question.duplicate_of_id is not None and notice.answer:
        shown.append(question.duplicate_of_id)  # the answer is the other question's
    await turn.reply(notice, buttons, shows=shown)


@command("hoidap", place=130)
async def on_published(turn: Turn, argument: str) -> None:
    notice, buttons = await tracking.published(turn.work, clean(argument)[:100])
    shown = [int(one.args[0]) for row in buttons for one in row if isinstance(one, Button)]
    await turn.reply(notice, buttons, shows=shown)


# --- what the agency asked for --------------------------------------------------------------------------------------


async def reply_pressed(turn: Turn, question_id: int) -> None:
    """`Trả lời` of an asker: ask for the reply to a clarification."""
    case = await open_case(turn.work, turn.actor, Action.SUPPLY, question_id)
    await ask_for_words(turn, case, "supply")


async def ask_for_words(turn: Turn, case: Case, what: str) -> None:
    asked, question_id = TextAsked(code=case.code, what=what), case.question.id
    await ask_for(turn, what, asked, QuestionStep(question=question_id), question_id=question_id)


@step("supply", holds=QuestionStep)
async def on_supply(turn: Turn, message: Message, held: QuestionStep) -> None:
    await open_case(turn.work, turn.actor, Action.SUPPLY, held.question)  # is it wanted still?
    await _supply(turn, message, held.question)


@reply_to("clarification")
async def on_clarification_reply(turn: Turn, message: Message, row: OutboxRow) -> None:
    if await _more_of_album(turn, message):
        return
    assert row.question_id is not None
    await _supply(turn, message, row.question_id)


async def _supply(turn: Turn, message: Message, question_id: int) -> None:
    text, file_ids = await words_and_files(turn, message)
    await agency_work.supply(turn.work, turn.actor, question_id, text, file_ids)
    await leave_step(turn, "supply")
    if message.album is not None:
        await turn.set_step(ALBUM, AlbumStep(album=message.album, question=question_id))


@dataclass(frozen=True, kw_only=True)
class AlbumStep(QuestionStep):
    """The album that answered a clarification."""

    album: str


@step(ALBUM, holds=AlbumStep)
async def on_after_album(turn: Turn, message: Message, held: AlbumStep) -> NotMine | None:
    """Add further items of an album to the reply that it brought."""
    if await _more_of_album(turn, message):
        return None
    await turn.end_step()
    return NOT_MINE


async def _more_of_album(turn: Turn, message: Message) -> bool:
    held = await turn.at(ALBUM, AlbumStep)
    if message.album is None or held is None or held.album != message.album:
        return False
    _text, file_ids = await words_and_files(turn, message)
    await agency_work.add_to_supplement(turn.work, turn.actor, held.question, file_ids)
    return True
