"""Leaders and editors decide on drafts: approve, or send back with words."""

from dataclasses import dataclass

from channels.incoming import Message
from domain.questions.history import Event
from domain.questions.life import Role
from handlers.chat.paging import paged, question_rows, show_list
from handlers.chat.prompting import ask_for_text, finish, finish_text_step
from handlers.chat.registry import command, press, step
from handlers.chat.steps import CardStep
from handlers.chat.turn import Turn
from handlers.chat.typed import code_at_front, id_of, typed_text
from messages.buttons import Act, Keyboard, Press
from messages.notice import Notice
from services.people.actors import require
from services.questions import answers, worklists
from services.questions.case import Case

APPROVERS = (Role.LEADER, Role.EDITOR, Role.ADMIN)


@command("duyet", *APPROVERS, place=400)
async def approve(turn: Turn, argument: str) -> None:
    """`/duyet MÃ`: approve; without a code, list what waits for this person."""
    if not argument:
        await show_list(turn, *await approvals_page(turn, 1))
        return
    code, _ = code_at_front(turn, argument, "duyet")
    await _approved(turn, await answers.approve(turn.work, turn.actor, code))


@paged("approvals")
async def approvals_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    require(turn.actor, *APPROVERS)
    notice, rows = await worklists.approvals(turn.work, turn.actor, page)
    return notice, question_rows(turn, rows, "approvals", page, more=notice.more)


@press(Act.APPROVE)
async def approve_pressed(turn: Turn, pressed: Press) -> None:
    question_id = id_of(pressed)
    case = await answers.approve(turn.work, turn.actor, question_id, pressed.number(1))
    await _approved(turn, case)


async def _approved(turn: Turn, case: Case) -> None:
    await finish(turn, case, case.done or Event.APPROVED)


@command("sualai", *APPROVERS, place=410)
async def send_back(turn: Turn, argument: str) -> None:
    code, reason = code_at_front(turn, argument, "sualai")
    case = await answers.send_back(turn.work, turn.actor, code, reason)
    await finish(turn, case, case.done or Event.SENT_BACK)


@press(Act.SEND_BACK)
async def send_back_pressed(turn: Turn, pressed: Press) -> None:
    """Ask for the words to send a draft back with.

    They are about the draft that the button showed.
    """
    draft_id = pressed.number(1)
    case = await answers.to_decide(turn.work, turn.actor, id_of(pressed), draft_id)
    await ask_for_text(
        turn, case.question, "send_back", "send_back", SendBackStep(question=case.question.id, draft=draft_id)
    )


@dataclass(frozen=True, kw_only=True)
class SendBackStep(CardStep):
    """The draft that the button showed."""

    draft: int | None


@step("send_back", holds=SendBackStep)
async def send_back_reason(turn: Turn, message: Message, held: SendBackStep) -> None:
    case = await answers.send_back(turn.work, turn.actor, held.question, typed_text(message), held.draft)
    await finish_text_step(turn, held, case, case.done or Event.SENT_BACK)
