"""An officer's answer: by command, by reply to a card, or in pieces."""

from dataclasses import dataclass, replace

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.letters import LONGEST, split_letter
from domain.questions.life import Action, Capacity, Role, Status
from handlers.chat.dropping import drop_files, when_dropped
from handlers.chat.long_text import nearly_full
from handlers.chat.media import note_file, text_of
from handlers.chat.prompting import CANCEL, ask_for, ask_for_text, finish, prompt_done, show_as_it_stands
from handlers.chat.registry import command, press, reply_to, step
from handlers.chat.steps import CardStep, QuestionStep, read
from handlers.chat.turn import Turn, require_current, rewrite_pressed, take_pressed_buttons_away
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Button, Press
from messages.notices.answers import AnswerPreview
from messages.notices.chat import Done, TextAsked
from services.questions import agency_work, cards
from services.questions.case import Case, code_of, find, look_at, open_case
from storage.delivery.outbox import PREVIEW
from storage.rows import OutboxRow

STEP, LETTER = "answer", "official_letter"
when_dropped(STEP, LETTER)(drop_files)


@dataclass(frozen=True, kw_only=True)
class AnswerStep(CardStep):
    """An answer that is being written, in pieces: (message, words)."""

    parts: tuple[tuple[str, str], ...] = ()
    files: tuple[int, ...] = ()
    letter: str | None = None
    cut: bool = False  # its last piece filled its message: more of it may follow


# --- at once ------------------------------------------------------------------------------------------------


@command("traloi", Role.OFFICER, place=300)
async def answer(turn: Turn, argument: str) -> None:
    """`/traloi MÃ nội dung`, also as the caption of a file.

    Without any content the bot asks for it.
    """
    message = turn.message
    code, text = code_at_front(turn, argument, "traloi")
    file_id = await note_file(turn, message)
    if file_id is None and not text:
        await begin_answer(turn, (await find(turn.work, code, turn.actor)).id)
    elif nearly_full(message):  # more is coming
        await begin_answer(turn, (await find(turn.work, code, turn.actor)).id)
        await _add(turn, message, text, file_id)
    else:
        await _submit_at_once(turn, (await find(turn.work, code, turn.actor)).id, text, file_id)


@reply_to("card")
async def card_replied(turn: Turn, message: Message, row: OutboxRow) -> None:
    """Take a reply to a question's card as its answer."""
    assert row.question_id is not None
    question = await find(turn.work, row.question_id)
    case = await look_at(turn.work, turn.actor, question)
    if case.capacities.isdisjoint({Capacity.OFFICER, Capacity.COORDINATOR}):
        raise RuleViolation(
            Reason.CARD_REPLY,
            code=case.code,
            leader=case.may(Action.APPROVE_AS_LEADER),
            editor=not case.capacities.isdisjoint({Capacity.EDITOR, Capacity.ADMIN}),
        )
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    file_id = await note_file(turn, message)
    writing = await turn.at(STEP, AnswerStep)
    if writing is not None and writing.question != question.id:
        writing = None
    if nearly_full(message) or (writing is not None and writing.cut):
        # Apps may make every piece of a text that they cut a reply to the card.
        if writing is None:
            await begin_answer(turn, question.id)
        await _add(turn, message, text, file_id)
        return
    await _submit_at_once(turn, question.id, text, file_id)


async def _submit_at_once(turn: Turn, question_id: int, text: str, file_id: int | None) -> None:
    text, letter = split_letter(text)
    case = await agency_work.submit(
        turn.work,
        turn.actor,
        question_id,
        text,
        [] if file_id is None else [file_id],
        official_letter=letter,
        album=turn.message.album,
    )
    conversation = await turn.step()
    at = None if conversation is None else read(QuestionStep, conversation.data)
    if at is not None and at.question == question_id:
        await turn.end_step()  # what was being collected for the same question
    await finish(turn, case, _what(case))


def _what(case: Case) -> Event:
    if case.action is Action.CONTRIBUTE:
        return Event.CONTRIBUTED
    return Event.ANSWERED if case.question.status == Status.ANSWERED else Event.SUBMITTED


async def album_goes_on(turn: Turn, message: Message) -> bool:
    """Add a further item of an album to the answer that it brought.

    Returns whether the message was one.
    """
    if message.album is None or not turn.actor.is_staff:
        return False
    brought = await agency_work.brought_by_album(turn.work, turn.actor, message.album)
    if brought is None:
        return False
    file_id = await note_file(turn, message)
    await agency_work.add_to_album(
        turn.work, turn.actor, brought, text_of(message) or "", [] if file_id is None else [file_id]
    )
    return True


# --- in pieces ------------------------------------------------------------------------------------------------


async def begin_answer(turn: Turn, question_id: int) -> None:
    """Collect what the officer sends next, until `Gửi duyệt`."""
    look = await look_at(turn.work, turn.actor, await find(turn.work, question_id))
    action = (
        Action.CONTRIBUTE if look.may(Action.CONTRIBUTE) and not look.may(Action.ANSWER) else Action.ANSWER
    )
    case = await open_case(turn.work, turn.actor, action, question_id)
    await ask_for_text(turn, case.question, STEP, "answer", AnswerStep(question=case.question.id))


@step(STEP, holds=AnswerStep)
async def piece(turn: Turn, message: Message, held: AnswerStep) -> None:
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    await _add(turn, message, text, await note_file(turn, message))


async def _add(turn: Turn, message: Message, text: str, file_id: int | None) -> None:
    held = await turn.at(STEP, AnswerStep)
    assert held is not None
    limit = turn.work.programme.draft_files
    if file_id is not None and len(held.files) >= limit:
        raise RuleViolation(Reason.TOO_MANY_FILES, limit=limit)
    parts = (*held.parts, (message.id, text)) if text else held.parts
    files = held.files if file_id is None else (*held.files, file_id)
    await _preview(turn, replace(held, parts=parts, files=files, cut=nearly_full(message)))


async def edited(turn: Turn, message: Message, held: AnswerStep) -> None:
    """Take over an edit of a piece of the answer, before it is sent."""
    parts = tuple((at, (text_of(message) or "") if at == message.id else text) for at, text in held.parts)
    if parts != held.parts:
        await _preview(turn, replace(held, parts=parts))


def _draft(held: AnswerStep) -> tuple[str, str | None]:
    """Return the text of all pieces, and the letter's number: given by itself, or on a line of the text."""
    text, letter = split_letter("\n\n".join(text for _, text in held.parts))
    return text, held.letter or letter


async def _preview(turn: Turn, held: AnswerStep) -> None:
    """Show the answer so far; the older preview loses its buttons, or is never sent."""
    question = await find(turn.work, held.question)
    text, letter = _draft(held)
    await prompt_done(turn, held)
    prompt = await turn.reply(
        AnswerPreview(
            code=code_of(turn.work, question),
            text=text,
            files=len(held.files),
            official_letter=letter,
        ),
        [
            [Button("button.submit_answer", Act.SUBMIT_ANSWER, (question.id,))],
            [Button("button.official_letter", Act.OFFICIAL_LETTER, (question.id,)), *CANCEL],
        ],
        about=PREVIEW,
        supersedes=f"answer:{turn.person.id}",
        shows=[question.id],
    )
    await turn.set_step(STEP, replace(held, prompt=prompt))


@press(Act.OFFICIAL_LETTER)
async def letter_pressed(turn: Turn, pressed: Press) -> None:
    held = await _collecting(turn, pressed)
    question = await find(turn.work, held.question)
    await take_pressed_buttons_away(turn)
    asked = TextAsked(code=code_of(turn.work, question), what="official_letter")
    await ask_for(turn, LETTER, asked, held)


@step(LETTER, holds=AnswerStep)
async def letter_typed(turn: Turn, message: Message, held: AnswerStep) -> None:
    typed = typed_text(message)
    letter = split_letter(typed)[1] or " ".join(typed.split())
    if len(letter) > LONGEST:
        raise RuleViolation(Reason.TOO_LONG, limit=LONGEST)
    await _preview(turn, replace(held, letter=letter))


@press(Act.SUBMIT_ANSWER)
async def submit_pressed(turn: Turn, pressed: Press) -> None:
    held = await _collecting(turn, pressed)
    text, letter = _draft(held)
    case = await agency_work.submit(
        turn.work, turn.actor, held.question, text, list(held.files), official_letter=letter
    )
    await turn.end_step()
    what = _what(case)
    await rewrite_pressed(turn, Done(code=case.code, what=what), cards.open_button(case.question))
    if held.card is not None:
        await show_as_it_stands(turn, case.question.id, held.card, what)
    turn.say("toast.sent")


async def _collecting(turn: Turn, pressed: Press) -> AnswerStep:
    """Return the answer whose preview was pressed; raise `RuleViolation` for an old preview."""
    question_id = id_of(pressed)
    conversation, held = await turn.step(), await turn.at(STEP, AnswerStep)
    if conversation is None or held is None or held.question != question_id:
        # Pressed twice: the answer has gone to approval.
        question = await find(turn.work, question_id)
        await cards.card(turn.work, turn.actor, question)
        sent = question.status in (Status.IN_APPROVAL, Status.ANSWERED)
        raise RuleViolation(
            Reason.ALREADY_DONE if sent else Reason.STALE_BUTTON, code=code_of(turn.work, question)
        )
    await require_current(turn, conversation)
    return held
