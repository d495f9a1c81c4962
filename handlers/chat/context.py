"""What a handler is given: the person, their roles, the transaction, and short ways to reply."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from telegram import Update, User
from telegram.ext import CallbackContext, ExtBot

from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean
from messages.buttons import Keyboard
from messages.notice import Notice
from messages.words import Words
from services import notify
from services.people.actors import Actor, actor_of
from services.questions import secrecy
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import people
from storage.tables import Row

CHANNEL = "telegram"
TOAST_LIMIT = 200  # Bot API, answerCallbackQuery.text


@dataclass
class Handling:
    """One update being handled: its transaction, and what the pressed button shows afterwards."""

    work: Work
    toast: str | None = None
    alert: bool = False  # the toast is a dialog to be read and closed
    failure: Exception | None = None  # what a handler raised; python-telegram-bot would only log it
    for_step: bool = False  # what came was taken for the step that they are at
    surfaced: bool = False  # a question that waited under something else is to be shown again


# A variable, because python-telegram-bot makes the context of each update by itself.
handling: ContextVar[Handling] = ContextVar("handling")


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """One update in the hands of one handler.

    Handlers don't send: they queue, and the commit makes it so. Only the small word shown on a pressed
    button (`say`) goes out directly, after the commit.
    """

    actor: Actor

    @property
    def work(self) -> Work:
        return handling.get().work

    @property
    def person(self) -> Row:
        return self.actor.person

    @property
    def words(self) -> Words:
        return notify.words_for(self.work, self.person)

    async def reply(
        self,
        notice: Notice,
        buttons: Keyboard = (),
        *,
        question_id: int | None = None,
        about: str | None = None,
        supersedes: str | None = None,
        shows: Sequence[int] = (),
    ) -> int | None:
        """Answer with a message of its own; returns its outbox id. What holds words of other questions `shows` them."""
        return await notify.tell(
            self.work,
            self.person,
            notice,
            buttons,
            lane=Lane.REPLY,
            question_id=question_id,
            about=about,
            supersedes=supersedes,
            shows=shows,
        )

    async def reply_with_document(
        self,
        notice: Notice,
        document: bytes,
        name: str,
        buttons: Keyboard = (),
        *,
        supersedes: str | None = None,
        about: str | None = None,
    ) -> int | None:
        """Answer with a document of ours; returns the outbox id of the message that carries the buttons."""
        return await notify.tell_with_document(
            self.work,
            self.person,
            notice,
            document,
            name,
            buttons,
            lane=Lane.REPLY,
            supersedes=supersedes,
            about=about,
        )

    async def send_files(self, files: Sequence[Row], question_id: int) -> None:
        await notify.send_files(self.work, self.person, files, question_id=question_id)

    def say(self, key: str, *, alert: bool = False) -> None:
        """The small word shown on the pressed button: a label's key."""
        self.show(self.words.label(key), alert=alert)

    def show(self, text: str, *, alert: bool = False) -> None:
        """Plain text on the pressed button, cut to what a toast holds."""
        one = handling.get()
        one.toast = text if len(text) <= TOAST_LIMIT else text[: TOAST_LIMIT - 1] + "…"
        one.alert = alert

    # --- where they are -------------------------------------------------------------------------------

    async def step(self) -> Row | None:
        """The conversation this person is in."""
        return await people.conversation(self.work, self.person.id)

    async def set_step(self, step: str, **data: Any) -> None:
        """Where they are now. A question being written waits under whatever comes up meanwhile."""
        if is_draft(step):
            handling.get().surfaced = False
        else:
            before = await self.step()
            if before is not None and is_draft(before.step):
                data["under"] = {"step": before.step, "data": before.data}
            elif before is not None and before.data.get("under"):
                data["under"] = before.data["under"]
        await people.set_conversation(self.work, self.person.id, step, data)

    async def end_step(self) -> None:
        """That is done; a question that waited under it is where they are again, and is shown again."""
        before = await self.step()
        under = None if before is None else before.data.get("under")
        if under:
            handling.get().surfaced = True
            await people.set_conversation(self.work, self.person.id, under["step"], under["data"])
        else:
            await people.end_conversation(self.work, self.person.id)

    @property
    def surfaced(self) -> bool:
        """Whether a question came up again in this update and was not shown since."""
        return handling.get().surfaced


def is_draft(step: str) -> bool:
    """Whether a step belongs to a question that is being written (handlers.questions.draft)."""
    return step.startswith("ask.")


def pressed_message(update: Update) -> int:
    """The id of the message whose button was pressed; raises `RuleViolation` when it is too old to know."""
    query = update.callback_query
    if query is None or query.message is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    return query.message.message_id


async def pressed_row(update: Update, context: Context) -> Row | None:
    """The outbox row of the message whose button was pressed, once its delivery is recorded."""
    return await outbox.sent_as(context.work, CHANNEL, context.person.address, pressed_message(update))


async def require_current(update: Update, context: Context, conversation: Row) -> None:
    """Raise `RuleViolation` (stale button) unless the pressed message is the prompt the conversation shows now.

    A message whose delivery is not yet recorded is taken for the prompt: somebody can be that quick.
    """
    prompt = conversation.data.get("prompt")
    row = await pressed_row(update, context)
    if prompt is not None and row is not None and row.id != prompt:
        raise RuleViolation(Reason.STALE_BUTTON)


async def current_step(update: Update, context: Context, *steps: str) -> Row:
    """Return the conversation whose prompt was pressed; raise `RuleViolation` unless it is at one of these steps."""
    conversation = await context.step()
    if conversation is None or conversation.step not in steps:
        raise RuleViolation(Reason.STALE_BUTTON)
    await require_current(update, context, conversation)
    return conversation


async def leave_step(context: Context, step: str) -> None:
    """End a step where they are still at it: what it asked for came another way."""
    conversation = await context.step()
    if conversation is not None and conversation.step == step:
        await context.end_step()


async def rewrite_pressed(
    update: Update, context: Context, notice: Notice, buttons: Keyboard = (), *, shows: Sequence[int] = ()
) -> None:
    """The message whose button was pressed says something else now."""
    await notify.rewrite(
        context.work, context.person, notice, buttons, message_id=pressed_message(update), shows=shows
    )


async def take_pressed_buttons_away(update: Update, context: Context) -> None:
    """The message whose button was pressed keeps its words: that step is over."""
    await notify.take_buttons_away(context.work, context.person, message_id=pressed_message(update))


async def meet(update: Update, work: Work) -> Actor:
    """The person behind an update, with their roles; what was held for them goes out when they come back."""
    user = update.effective_user
    if user is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    return await _met(user, work, await people.at(work, CHANNEL, str(user.id)))


async def meet_known(update: Update, work: Work) -> Actor | None:
    """The person behind an update, where they are known; None where not. Only a message makes somebody known.

    What is left in the chat of somebody who was erased must not: a second tap on `Xác nhận`, an old message edited.
    """
    user = update.effective_user
    person = None if user is None else await people.at(work, CHANNEL, str(user.id))
    return None if user is None or person is None else await _met(user, work, person)


async def _met(user: User, work: Work, person: Row | None) -> Actor:
    address, name = str(user.id), clean(user.full_name)[:200]
    came_back = person is not None and person.unreachable_at is not None
    if person is None or came_back or person.display_name != name:
        person = await people.seen(
            work,
            channel=CHANNEL,
            address=address,
            display_name=name,
            language=work.programme.language,  # another one for who chooses it: /ngonngu
        )
        await secrecy.gate_person(work, person, name)
    if came_back:
        await outbox.release_for(work, CHANNEL, address)
    return await actor_of(work, person)
