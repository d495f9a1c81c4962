"""Following one's own questions, reading published ones, and giving an agency what it asked for."""

from telegram import Message, Update

from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from domain.questions.life import Action
from domain.vietnamese.text import clean
from handlers.chat.context import Context, leave_step
from handlers.chat.dropping import ALBUM
from handlers.chat.paging import paged
from handlers.chat.prompting import ask_for
from handlers.chat.registry import command, press, reply_to, step
from handlers.chat.typed import id_of, split_code_of, words_and_files
from handlers.questions import asking
from messages.buttons import Act, Button, Keyboard, Press
from messages.notice import Notice
from messages.notices.chat import TextAsked
from messages.notices.questions import TrackCodeAsked
from services.questions import agency_work, tracking
from services.questions.case import Case, find, open_case
from storage.tables import Row

# --- looking ----------------------------------------------------------------------------------------------------


@command("cuatoi", place=110)
async def on_mine(update: Update, context: Context, argument: str) -> None:
    await context.reply(*await my_questions(context, 1))


@press(Act.MY_QUESTIONS)
async def on_mine_pressed(update: Update, context: Context, pressed: Press) -> None:
    await context.reply(*await my_questions(context, 1))


@paged("mine")
async def my_questions(context: Context, page: int) -> tuple[Notice, Keyboard]:
    return await tracking.mine(context.work, context.person, min(page, 10_000))


@command("tracuu", place=120)
async def on_track(update: Update, context: Context, argument: str) -> None:
    code, _rest = split_code_of(context, argument)
    if code is not None:
        await _show_tracked(context, code)
    elif argument:
        raise RuleViolation(Reason.CODE_MISSING, command="tracuu")
    else:
        await context.reply(TrackCodeAsked())
        await context.set_step("track")


@step("track")
async def on_track_code(update: Update, context: Context, message: Message, conversation: Row) -> None:
    """The code that `/tracuu` asked for; anything else is what it always is."""
    code, rest = split_code_of(context, message.text or "")
    await context.end_step()
    if code is None or rest:
        await asking.begin(update, context, message)
        return
    await _show_tracked(context, code)


@press(Act.TRACK)
async def on_track_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _show_tracked(context, id_of(pressed))


async def _show_tracked(context: Context, which: Code | int) -> None:
    """What others may read of it now is registered, for the day when they may not any more."""
    notice, buttons = await tracking.tracked(context.work, context.actor, which)
    question = await find(context.work, which)
    others = question.asker_id != context.person.id and (notice.text or notice.answer)
    await context.reply(notice, buttons, shows=[question.id] if others else ())


@command("hoidap", place=130)
async def on_published(update: Update, context: Context, argument: str) -> None:
    notice, buttons = await tracking.published(context.work, clean(argument)[:100])
    shown = [int(one.args[0]) for row in buttons for one in row if isinstance(one, Button)]
    await context.reply(notice, buttons, shows=shown)


# --- what the agency asked for --------------------------------------------------------------------------------------


async def reply_pressed(update: Update, context: Context, question_id: int) -> None:
    """`Trả lời` pressed by the asker of a question that waits for them: the next message is the reply."""
    case = await open_case(context.work, context.actor, Action.SUPPLY, question_id)
    await ask_for_words(context, case, "supply")


async def ask_for_words(context: Context, case: Case, what: str) -> None:
    asked, question_id = TextAsked(code=case.code, what=what), case.question.id
    await ask_for(context, what, asked, {"question": question_id}, question_id=question_id)


@step("supply")
async def on_supply(update: Update, context: Context, message: Message, conversation: Row) -> None:
    question_id = conversation.data["question"]
    await open_case(context.work, context.actor, Action.SUPPLY, question_id)  # is it wanted still?
    await _supply(context, message, question_id)


@reply_to("clarification")
async def on_clarification_reply(update: Update, context: Context, message: Message, row: Row) -> None:
    if await _more_of_album(context, message):
        return
    await _supply(context, message, row.question_id)


async def _supply(context: Context, message: Message, question_id: int) -> None:
    text, file_ids = await words_and_files(context, message)
    await agency_work.supply(context.work, context.actor, question_id, text, file_ids)
    await leave_step(context, "supply")
    if message.media_group_id is not None:
        await context.set_step(ALBUM, album=message.media_group_id, question=question_id)


@step(ALBUM)
async def on_after_album(update: Update, context: Context, message: Message, conversation: Row) -> None:
    """Further items of an album that answered a clarification belong to that answer."""
    if not await _more_of_album(context, message):
        await context.end_step()
        await asking.begin(update, context, message)


async def _more_of_album(context: Context, message: Message) -> bool:
    conversation = await context.step()
    if (
        message.media_group_id is None
        or conversation is None
        or conversation.step != ALBUM
        or conversation.data["album"] != message.media_group_id
    ):
        return False
    _text, file_ids = await words_and_files(context, message)
    await agency_work.add_to_supplement(context.work, context.actor, conversation.data["question"], file_ids)
    return True
