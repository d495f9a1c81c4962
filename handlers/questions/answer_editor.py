"""An officer's answer: by command, by reply to a card, or in pieces.

What is being written, and what was just submitted, is `services.questions.written_answers.WrittenAnswer`; the step only
says that whatever comes next belongs to it.
"""

import re
from dataclasses import replace

from channels.incoming import Message
from channels.telegram.compose import units
from domain.errors import Reason, RuleViolation
from domain.questions.history import Event
from domain.questions.letters import LONGEST, split_letter
from domain.questions.life import ANSWERED_STATUSES, Action, ApprovalStep, Capacity, Role, Status
from domain.vietnamese.text import clean, fold
from handlers.chat.dropping import when_dropped
from handlers.chat.long_text import nearly_full
from handlers.chat.media import note_file, sent_file, text_of
from handlers.chat.prompting import CANCEL, ask_for, finish, finish_text_step, prompt_done, show_as_it_stands
from handlers.chat.registry import command, press, read_command, reply_to, step
from handlers.chat.steps import CardStep
from handlers.chat.turn import (
    Turn,
    pressed_message,
    require_current,
    rewrite_pressed,
    take_pressed_buttons_away,
)
from handlers.chat.typed import code_at_front, id_of, split_code_of, typed_text
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows
from messages.notices.answers import AddedToDraft, AnswerPreview, ColleagueReplaced, EditedAfterwards
from messages.notices.chat import Done, TextAsked
from messages.typed import forms
from services.corrections import corrections
from services.people.desk import name_of
from services.questions import agency_work, answers, approval, cards, written_answers
from services.questions.case import Case, code_of, find, look_at, open_case
from services.questions.written_answers import WrittenAnswer, require_room
from storage.delivery import files
from storage.delivery.outbox import PREVIEW
from storage.questions import answer_drafts
from storage.questions.answer_drafts import WordedDraftRow
from storage.rows import OutboxRow

STEP, LETTER, WHY = "answer", "official_letter", "correct_why"
BUTTONS = 20  # of parts, and of files, that can be left out; more are left out by typing
_LEAVE_OUT = re.compile(r"(?:bo|leave out) (phan|tep|part|file) (\d{1,3})")
_CHANGE = re.compile(r"\s*+\S{1,10}\s++\S{1,10}\s++(\d{1,3})\s*+[:.]?\s*+", re.ASCII)
_ADDED = re.compile(r"\s*+([^:\n]{1,12}+):\s*+")
_ADD_WORDS = forms("correction", "add")
_CHANGE_WORDS = ("sua phan", "change part")


@when_dropped(STEP, LETTER, WHY)
async def _given_up(turn: Turn, held: CardStep) -> None:
    await written_answers.give_up(turn.work, turn.person.id, held.question)


# --- at once ------------------------------------------------------------------------------------------------


@command("traloi", Role.OFFICER, place=300)
async def answer(turn: Turn, argument: str) -> None:
    """`/traloi MÃ nội dung`, also as the caption of a file.

    Without any content the bot asks for it.
    """
    message = turn.message
    code, text = code_at_front(turn, argument, "traloi")
    question = await find(turn.work, code, turn.actor)
    if sent_file(message) is None and not text:
        await begin_answer(turn, question.id)
    else:
        await _take(turn, question.id, message, text, joins=False)


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
            leader=case.may(Action.APPROVE_AS_LEADER)
            and await answer_drafts.open_of(turn.work, question.id) is not None,
            correct=case.may(Action.CORRECT),
            editor=not case.capacities.isdisjoint({Capacity.EDITOR, Capacity.ADMIN}),
        )
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    if question.status in ANSWERED_STATUSES and Capacity.OFFICER in case.capacities:
        await begin_correction(turn, question.id, message, text, await note_file(turn, message))
        return
    await _take(turn, question.id, message, text, joins=True)


async def _take(turn: Turn, question_id: int, message: Message, text: str, *, joins: bool) -> None:
    """Submit what came, or put it where it belongs: into what is being written, or was submitted a moment ago.

    `joins`: it was sent to the same card, and is more of the same draft.
    """
    held = await turn.at(STEP, CardStep)
    if held is not None and held.question == question_id:
        # Apps may make every piece of a text that they cut a reply to the card.
        await _add(turn, held, message, text)
        return
    written = await written_answers.of(turn.work, turn.person.id, question_id)
    draft = await written_answers.open_draft(turn.work, written)
    if joins and written is not None and draft is not None:
        await _join(turn, written, draft, message, text)
        return
    if joins and written is not None and written.is_unfinished:
        await _add(turn, await _begin(turn, question_id), message, text)
        return
    shown_first = joins and not turn.work.programme.reply_submits
    if shown_first or nearly_full(message):  # of a full one more is coming
        held = await _begin(turn, question_id, afresh=True)
        await _add(turn, held, message, text)
        return
    await _submit_at_once(turn, question_id, message, text)


async def _submit_at_once(turn: Turn, question_id: int, message: Message, text: str) -> None:
    file_id = await note_file(turn, message)
    if file_id is None and not text:  # the file of a bare `/traloi MÃ` was refused
        await begin_answer(turn, question_id)
        return
    written = WrittenAnswer(question_id)
    written.add(message, text, file_id, units=units(message.typed))
    colleague = await agency_work.draft_of_colleague(turn.work, turn.actor, question_id)
    case = await agency_work.submit(
        turn.work,
        turn.actor,
        question_id,
        written.text,
        written.file_ids,
        official_letter=written.letter,
        album=message.album,
    )
    await _keep_submitted(turn, case, written)
    if colleague is not None:
        await turn.reply(ColleagueReplaced(code=case.code, colleague=name_of(colleague)))
    await finish(turn, case, _what(case))


async def _keep_submitted(turn: Turn, case: Case, written: WrittenAnswer) -> None:
    """Remember of what a draft was made: what follows at once joins it, and an edit of it is known."""
    if case.action is Action.CONTRIBUTE:
        return
    draft = await answer_drafts.open_of(turn.work, case.question.id)
    written.draft = case.question.answer_id if draft is None else draft.id
    written.submitted_at = turn.work.now.isoformat()
    written.edited = None
    await written_answers.keep(turn.work, turn.person.id, written)


def _what(case: Case) -> Event:
    if case.action is Action.CONTRIBUTE:
        return Event.CONTRIBUTED
    if case.action is Action.CORRECT:
        return Event.CORRECTED if case.done is Event.CORRECTED else Event.CORRECTION_PROPOSED
    return Event.ANSWERED if case.question.status == Status.ANSWERED else Event.SUBMITTED


# --- what follows something that was submitted ---------------------------------------------------------------------


async def album_goes_on(turn: Turn, message: Message) -> bool:
    """Add a further item of an album to the answer that it brought.

    Returns whether the message was one.
    """
    if message.album is None or not turn.actor.is_staff:
        return False
    brought = await agency_work.brought_by_album(turn.work, turn.actor, message.album)
    if brought is None:
        return False
    there = len(await files.of_entry(turn.work, brought))
    file_id = await note_file(turn, message, beside=there)
    draft_id = await agency_work.join(
        turn.work,
        turn.actor,
        brought,
        text_of(message) or "",
        [] if file_id is None else [file_id],
    )
    for written in await written_answers.newest_of(turn.work, turn.person.id):
        draft = None if draft_id is None else await answer_drafts.by_id(turn.work, draft_id)
        if draft is not None and draft.question_id == written.question_id and written.draft is not None:
            written.add(message, text_of(message) or "", file_id, units=units(message.typed))
            written.draft = draft_id
            await written_answers.keep(turn.work, turn.person.id, written)
    return True


async def goes_on(turn: Turn, message: Message) -> bool:
    """Add a message without a reply to the draft that was just submitted.

    Returns whether it belongs there: the rest of a text that an app has cut, or a file within two minutes.
    """
    carries_file = sent_file(message) is not None
    if not turn.actor.holds(Role.OFFICER) or not (carries_file or message.text):
        return False
    for written in await written_answers.newest_of(turn.work, turn.person.id):
        if written.draft is None or not (
            written.continued_by(message) or (carries_file and written.is_new(turn.work.now))
        ):
            continue
        text = text_of(message) or ""
        draft = await written_answers.open_draft(turn.work, written)
        if draft is None and not text:
            draft = await written_answers.unapproved_answer(turn.work, written)
        if draft is None:
            continue
        await _join(turn, written, draft, message, text)
        return True
    return False


async def _join(
    turn: Turn,
    written: WrittenAnswer,
    draft: WordedDraftRow,
    message: Message,
    text: str,
) -> None:
    """More of what they submitted, on which nobody has decided yet."""
    file_id = await note_file(turn, message, beside=len(written.files))
    before = (len(written.parts), written.text, written.letter)
    written.add(message, text, file_id, units=units(message.typed))
    require_room(turn.work, written)
    if written.letter != before[2]:  # a draft with another number is another draft
        case = await agency_work.submit(
            turn.work,
            turn.actor,
            written.question_id,
            written.text,
            written.file_ids,
            official_letter=written.letter,
        )
        await _keep_submitted(turn, case, written)
    else:
        added = len(written.parts) > before[0]
        written.draft = await agency_work.join(
            turn.work,
            turn.actor,
            draft.entry_id,
            written.parts[-1]["text"] if added else "",
            [] if file_id is None else [file_id],
            glue=written.parts[-1].get("glue", "\n\n") if added else "",
        )
        await written_answers.keep(turn.work, turn.person.id, written)
    question = await find(turn.work, written.question_id)
    await turn.reply(
        AddedToDraft(
            code=code_of(turn.work, question),
            answered=draft.outcome == "answered",
            characters=len(written.text),
            files=cards.files_of(await files.by_ids(turn.work, written.file_ids)),
        ),
        cards.open_button(question),
        question_id=question.id,
        about="card",
    )


async def _edited_afterwards(turn: Turn, message: Message) -> bool:
    """Whether an edited message was submitted as (a part of) a draft: its author is told what that means.

    Within two minutes, and before anybody decided, the edited one takes its place; later that is offered.
    """
    if not turn.actor.holds(Role.OFFICER):
        return False
    written = next(
        (
            one
            for one in await written_answers.newest_of(turn.work, turn.person.id)
            if one.draft is not None and one.has(message.id)
        ),
        None,
    )
    if written is None:
        return False
    text = _without_command(turn, message)
    draft = await written_answers.open_draft(turn.work, written)
    if draft is not None and written.is_new(turn.work.now):
        if written.change(message.id, text):
            case = await _submit_again(turn, written)
            await finish(turn, case, _what(case))
        return True
    known = next((one["text"] for one in written.parts if one["message"] == message.id), "")
    if split_letter(text)[0] == known:
        return True
    question = await find(turn.work, written.question_id)
    state = await _state_of(turn, written, draft)
    written.edited = {"message": message.id, "text": text} if state in _REPLACEABLE else None
    await written_answers.keep(turn.work, turn.person.id, written)
    replace_it = [Button("button.replace_by_edit", Act.REPLACE_BY_EDIT, (question.id,))]
    correct_it = [Button("button.correct", Act.CORRECT, (question.id,))]
    offered = dict.fromkeys(_REPLACEABLE, replace_it) | {"answered": correct_it}
    await turn.reply(
        EditedAfterwards(code=code_of(turn.work, question), state=state),
        [*([offered[state]] if state in offered else []), *cards.open_button(question)],
        question_id=question.id,
        about="card",
    )
    return True


def _without_command(turn: Turn, message: Message) -> str:
    """What a message says for the answer: behind the command and the code, where it begins with those."""
    text = text_of(message) or ""
    typed = read_command(message.words, turn.bot_name)
    return text if typed is None else split_code_of(turn, typed[1])[1]


_REPLACEABLE = ("waiting", "approved", "sent_back")


async def _state_of(turn: Turn, written: WrittenAnswer, draft: WordedDraftRow | None) -> str:
    """A key under [edited] in labels: what became of what was submitted."""
    if draft is not None:
        return "waiting"
    assert written.draft is not None
    submitted = await answer_drafts.by_id(turn.work, written.draft)
    if submitted is None or submitted.outcome in ("replaced", "dropped", "withdrawn", "undone"):
        return "replaced"
    return {None: "approved", "sent_back": "sent_back"}.get(submitted.outcome, "answered")


@press(Act.REPLACE_BY_EDIT)
async def replace_pressed(turn: Turn, pressed: Press) -> None:
    """`Thay bằng bản này`: what they edited after it was submitted is submitted anew."""
    question_id = id_of(pressed)
    written = await written_answers.of(turn.work, turn.person.id, question_id)
    if written is None or written.edited is None:
        corrects = written is not None and written.corrects is not None
        await open_case(turn.work, turn.actor, Action.CORRECT if corrects else Action.ANSWER, question_id)
        raise RuleViolation(Reason.STALE_BUTTON)
    written.change(written.edited["message"], written.edited["text"])
    case = await _submit_again(turn, written)
    await rewrite_pressed(turn, Done(code=case.code, what=_what(case)), cards.open_button(case.question))
    turn.say("toast.sent")


async def _submit_again(turn: Turn, written: WrittenAnswer) -> Case:
    require_room(turn.work, written)
    if written.corrects is not None:
        return await propose(turn, written, "")
    case = await agency_work.submit(
        turn.work,
        turn.actor,
        written.question_id,
        written.text,
        written.file_ids,
        official_letter=written.letter,
    )
    await _keep_submitted(turn, case, written)
    return case


# --- correcting what went out --------------------------------------------------------------------------------------


async def begin_correction(
    turn: Turn, question_id: int, message: Message | None = None, text: str = "", file_id: int | None = None
) -> CardStep:
    """Show the answer that went out in numbered parts, to be corrected.

    Words of a message stand for all of it, a file is added. What they have begun is shown again.
    """
    case = await corrections.to_propose(turn.work, turn.actor, question_id)
    answer = await answer_drafts.sent(turn.work, case.question)
    written = await written_answers.of(turn.work, turn.person.id, question_id)
    if written is None or written.corrects != answer.id or written.draft is not None:
        waiting = await answer_drafts.open_of(turn.work, question_id)
        mine = waiting is not None and waiting.submitted_by == turn.person.id
        begun = waiting if mine and waiting is not None else answer
        written = await written_answers.from_draft(turn.work, begun)
        written.corrects, written.untouched = answer.id, begun is answer
    if message is not None:
        written.add(message, text, file_id, units=units(message.typed))
        require_room(turn.work, written)
    before = await turn.at(STEP, CardStep)
    if before is not None:
        await prompt_done(turn, before)
    held = await _at_step(turn, question_id)
    await _preview(turn, held, written)
    return held


async def take_correction(
    turn: Turn, question_id: int, message: Message, text: str, file_id: int | None
) -> CardStep:
    """Keep the correction that a command brings, without showing it first."""
    case = await corrections.to_propose(turn.work, turn.actor, question_id)
    answer = await answer_drafts.sent(turn.work, case.question)
    written = await written_answers.from_draft(turn.work, answer)
    written.corrects = answer.id
    if text:
        written.parts = []
    written.add(message, text, file_id, units=units(message.typed))
    require_room(turn.work, written)
    await _require_change(turn, case, written)
    await written_answers.keep(turn.work, turn.person.id, written)
    return CardStep(question=question_id)


async def _require_change(turn: Turn, case: Case, written: WrittenAnswer) -> None:
    await corrections.require_change(turn.work, case, clean(written.text), written.file_ids, written.letter)


async def propose(turn: Turn, written: WrittenAnswer, why: str) -> Case:
    """Propose what was written as a correction; what follows at once joins it."""
    case = await corrections.propose(
        turn.work,
        turn.actor,
        written.question_id,
        written.text,
        why,
        file_ids=written.file_ids,
        official_letter=written.letter,
        corrects=written.corrects,
    )
    await _keep_submitted(turn, case, written)
    return case


# --- in pieces ------------------------------------------------------------------------------------------------


async def begin_answer(turn: Turn, question_id: int) -> None:
    """Collect what the officer sends next, until `Gửi duyệt`.

    What they have begun already is shown.
    """
    held = await _begin(turn, question_id)
    written = await _written(turn, held)
    if written.parts or written.files:
        await _preview(turn, held, written)
        return
    question = await find(turn.work, question_id)
    latest = await answer_drafts.latest_of(turn.work, question_id)
    earlier = [Button("button.edit_earlier", Act.EDIT_EARLIER, (question_id,))]
    sent_back = latest is not None and latest.outcome == "sent_back"
    asked = TextAsked(code=code_of(turn.work, question), what="answer")
    await ask_for(turn, STEP, asked, held, [*([earlier] if sent_back else []), CANCEL])


async def _begin(turn: Turn, question_id: int, *, afresh: bool = False) -> CardStep:
    """The step of an answer; whoever may not give one is refused.

    What they have begun, or submitted before anybody decided, is the beginning of it, unless it is written `afresh`.
    """
    look = await look_at(turn.work, turn.actor, await find(turn.work, question_id))
    action = (
        Action.CONTRIBUTE if look.may(Action.CONTRIBUTE) and not look.may(Action.ANSWER) else Action.ANSWER
    )
    await open_case(turn.work, turn.actor, action, question_id)
    written = await written_answers.of(turn.work, turn.person.id, question_id)
    waits = await written_answers.open_draft(turn.work, written) is not None
    if written is None or written.corrects is not None or afresh or not (waits or written.is_unfinished):
        written = WrittenAnswer(question_id)
    written.draft = written.submitted_at = None  # as it is submitted next
    await written_answers.keep(turn.work, turn.person.id, written)
    return await _at_step(turn, question_id)


async def _at_step(turn: Turn, question_id: int) -> CardStep:
    held = CardStep(question=question_id, card=pressed_message(turn) if turn.is_press else None)
    await turn.set_step(STEP, held)
    return held


async def _written(turn: Turn, held: CardStep) -> WrittenAnswer:
    found = await written_answers.of(turn.work, turn.person.id, held.question)
    return found or WrittenAnswer(held.question)


@press(Act.EDIT_EARLIER)
async def edit_earlier_pressed(turn: Turn, pressed: Press) -> None:
    """`Sửa từ bản trước`: show the draft that came back in numbered parts."""
    question_id = id_of(pressed)
    latest = await answer_drafts.latest_of(turn.work, question_id)
    corrects = None if latest is None else latest.corrects_id
    if corrects is None:
        case = await open_case(turn.work, turn.actor, Action.ANSWER, question_id)
    else:
        case = await corrections.to_propose(turn.work, turn.actor, question_id)
    if latest is None or latest.outcome != "sent_back" or corrects not in (None, case.question.answer_id):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    before = await turn.at(STEP, CardStep)
    if before is not None:
        await prompt_done(turn, before)
    held = await _at_step(turn, question_id)
    written = await written_answers.from_draft(turn.work, latest)
    written.corrects = corrects
    await _preview(turn, held, written)


@press(Act.EDIT_THEN_APPROVE)
async def edit_then_approve_pressed(turn: Turn, pressed: Press) -> None:
    """`Sửa rồi duyệt`: let an editor change the draft.

    `Duyệt bản đã sửa` ends that.
    """
    draft_id = id_of(pressed, 1)
    case = await answers.to_decide(turn.work, turn.actor, id_of(pressed), draft_id)
    draft = await answer_drafts.by_id(turn.work, draft_id)
    if (
        draft is None
        or await approval.step_now(turn.work, case.question, draft_id) is not ApprovalStep.EDITOR
    ):
        raise RuleViolation(Reason.ALREADY_DONE, code=case.code)
    held = await _at_step(turn, case.question.id)
    written = await written_answers.from_draft(turn.work, draft)
    written.changes = draft_id
    await _preview(turn, held, written)


@step(STEP, holds=CardStep)
async def piece(turn: Turn, message: Message, held: CardStep) -> None:
    text = text_of(message)
    if text is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    if message.text and await _typed_change(turn, message, held):
        return
    await _add(turn, held, message, text)


async def _add(turn: Turn, held: CardStep, message: Message, text: str) -> None:
    """Add words and a file; a file for which there is no room costs the words beside it nothing."""
    written = await _written(turn, held)
    file_id = await note_file(turn, message, beside=len(written.files))
    written.add(message, text, file_id, units=units(message.typed))
    require_room(turn.work, written)
    await _preview(turn, held, written)


async def _typed_change(turn: Turn, message: Message, held: CardStep) -> bool:
    """Whether a message is `bỏ phần 2`, `bỏ tệp 1`, `sửa phần 2: …` or, of a correction, `thêm: …`."""
    words = fold(message.words)
    added = _ADDED.match(message.words)
    if added is not None and fold(added[1]).strip() in _ADD_WORDS:
        written = await _written(turn, held)
        if written.corrects is not None and added.end() < len(message.words):
            written.untouched = False
            text = (text_of(message) or "")[added.end() :].strip()
            written.add(message, text, None, units=units(message.typed))
            require_room(turn.work, written)
            await _preview(turn, held, written)
            return True
    found = _LEAVE_OUT.fullmatch(words)
    if found is not None:
        written = await _written(turn, held)
        await _leave_out(turn, written, "part" if found[1] in ("phan", "part") else "file", int(found[2]))
        await _preview(turn, held, written)
        return True
    changed = _CHANGE.match(message.words) if words.startswith(_CHANGE_WORDS) else None
    if changed is None:
        return False
    written, number = await _written(turn, held), int(changed[1])
    text = (text_of(message) or "")[changed.end() :].strip()
    if not 1 <= number <= len(written.parts) or not text:
        return False
    written.parts[number - 1] |= {"text": text, "message": message.id}
    written.untouched = False
    require_room(turn.work, written)
    await _preview(turn, held, written)
    return True


async def _leave_out(turn: Turn, written: WrittenAnswer, what: str, number: int) -> None:
    """Take a part or a file out of what is being written; raises `RuleViolation` where there is none with it."""
    kept = written.parts if what == "part" else written.files
    if not 1 <= number <= len(kept):
        raise RuleViolation(Reason.STALE_BUTTON)
    gone = kept.pop(number - 1)
    written.untouched = False
    if what == "file":
        await files.drop(turn.work, [gone["file"]])


@press(Act.DROP_PART)
async def drop_part_pressed(turn: Turn, pressed: Press) -> None:
    held = await _collecting(turn, pressed)
    written = await _written(turn, held)
    number = pressed.number(2)
    if pressed.word(1) not in ("part", "file") or number is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await _leave_out(turn, written, pressed.word(1), number)
    await _preview(turn, held, written)


async def edited(turn: Turn, message: Message, held: CardStep | None) -> bool:
    """Take over an edit of a piece of an answer.

    Returns whether the message is one.
    """
    if held is None:
        return await _edited_afterwards(turn, message)
    written = await _written(turn, held)
    if not written.has(message.id):
        return await _edited_afterwards(turn, message)
    if written.change(message.id, _without_command(turn, message)):
        require_room(turn.work, written)
        await _preview(turn, held, written)
    return True


async def _preview(turn: Turn, held: CardStep, written: WrittenAnswer) -> None:
    """The answer as it stands; the preview before it loses its buttons, an unsent one is never sent."""
    work = turn.work
    question = await find(work, written.question_id)
    colleague = await agency_work.draft_of_colleague(work, turn.actor, question.id)
    if written.changes is not None:
        colleague = None
    await written_answers.keep(work, turn.person.id, written)
    await prompt_done(turn, held)
    prompt = await turn.reply(
        AnswerPreview(
            code=code_of(work, question),
            parts=tuple(part["text"] for part in written.parts),
            files=cards.files_of(await files.by_ids(work, written.file_ids)),
            official_letter=written.letter,
            changing=written.changes is not None,
            correcting=written.corrects is not None,
            untouched=written.untouched,
            colleague="" if colleague is None else name_of(colleague),
        ),
        _preview_buttons(written),
        about=PREVIEW,
        supersedes=f"answer:{turn.person.id}",
        shows=[question.id],
    )
    await turn.set_step(STEP, replace(held, prompt=prompt))


def _preview_buttons(written: WrittenAnswer) -> Keyboard:
    id_, several = written.question_id, len(written.parts) + len(written.files) > 1
    submit = "button.submit_answer" if written.changes is None else "button.approve_changed"
    if written.corrects is not None:
        submit = "button.submit_correction"
    leave_out = [
        Button(f"button.drop_{what}", Act.DROP_PART, (id_, what, number), detail=str(number))
        for what, kept in (("part", written.parts), ("file", written.files))
        for number in range(1, min(len(kept), BUTTONS) + 1)
        if several
    ]
    return [
        [Button(submit, Act.SUBMIT_ANSWER, (id_,))],
        *in_rows(leave_out, 3),
        [Button("button.official_letter", Act.OFFICIAL_LETTER, (id_,)), *CANCEL],
    ]


@press(Act.OFFICIAL_LETTER)
async def letter_pressed(turn: Turn, pressed: Press) -> None:
    held = await _collecting(turn, pressed)
    question = await find(turn.work, held.question)
    await take_pressed_buttons_away(turn)
    asked = TextAsked(code=code_of(turn.work, question), what="official_letter")
    await ask_for(turn, LETTER, asked, held)


@step(LETTER, holds=CardStep)
async def letter_typed(turn: Turn, message: Message, held: CardStep) -> None:
    typed = typed_text(message)
    letter = split_letter(typed)[1] or " ".join(typed.split())
    if len(letter) > LONGEST:
        raise RuleViolation(Reason.TOO_LONG, limit=LONGEST)
    written = await _written(turn, held)
    written.letter = letter
    await _preview(turn, held, written)


@press(Act.SUBMIT_ANSWER)
async def submit_pressed(turn: Turn, pressed: Press) -> None:
    held = await _collecting(turn, pressed)
    written = await _written(turn, held)
    if written.corrects is not None:
        await _ask_why(turn, held, written)
        return
    if written.changes is not None:
        case = await answers.approve_changed(
            turn.work,
            turn.actor,
            written.question_id,
            written.changes,
            written.text,
            written.file_ids,
            written.letter,
        )
        await written_answers.give_up(turn.work, turn.person.id, written.question_id)
        what = case.done or Event.APPROVED
    else:
        case = await agency_work.submit(
            turn.work,
            turn.actor,
            held.question,
            written.text,
            written.file_ids,
            official_letter=written.letter,
        )
        if case.action is Action.CONTRIBUTE:
            await written_answers.give_up(turn.work, turn.person.id, written.question_id)
        await _keep_submitted(turn, case, written)
        what = _what(case)
    await turn.end_step()
    await rewrite_pressed(turn, Done(code=case.code, what=what), cards.open_button(case.question))
    if held.card is not None:
        await show_as_it_stands(turn, case.question.id, held.card, what)
    turn.say("toast.sent")


async def _ask_why(turn: Turn, held: CardStep, written: WrittenAnswer) -> None:
    """Ask for the reason of a correction that says something else than what went out."""
    case = await corrections.to_propose(turn.work, turn.actor, held.question, written.corrects)
    await _require_change(turn, case, written)
    await take_pressed_buttons_away(turn)
    await ask_for(turn, WHY, TextAsked(code=case.code, what="correct_why"), held)


@step(WHY, holds=CardStep)
async def why_typed(turn: Turn, message: Message, held: CardStep) -> None:
    """Propose a correction, for which the reason was asked."""
    written = await written_answers.of(turn.work, turn.person.id, held.question)
    if written is None or written.corrects is None:
        raise RuleViolation(Reason.NO_CORRECTION)
    case = await propose(turn, written, typed_text(message))
    await finish_text_step(turn, held, case, _what(case))


async def _collecting(turn: Turn, pressed: Press) -> CardStep:
    """Return the step of the answer whose preview was pressed; raise `RuleViolation` for an old preview."""
    question_id = id_of(pressed)
    conversation, held = await turn.step(), await turn.at(STEP, CardStep)
    if conversation is None or held is None or held.question != question_id:
        if await turn.at(WHY, CardStep) is not None:
            raise RuleViolation(Reason.STALE_BUTTON)  # the reason is asked for below
        # Pressed twice: the answer has gone to approval.
        question = await find(turn.work, question_id)
        await cards.card(turn.work, turn.actor, question)
        sent = question.status in (Status.IN_APPROVAL, Status.ANSWERED)
        raise RuleViolation(
            Reason.ALREADY_DONE if sent else Reason.STALE_BUTTON, code=code_of(turn.work, question)
        )
    await require_current(turn, conversation)
    return held
