"""One update on its way through the handlers, with short ways to reply."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.incoming import Incoming, Message
from domain.errors import Reason, RuleViolation
from domain.vietnamese.text import clean
from handlers.chat.crowd import Crowd
from handlers.chat.steps import Held, StepData, kept, prompt_of, read
from messages.buttons import Keyboard
from messages.notice import Notice
from messages.words import Words, words
from services import notify
from services.people.actors import Actor, actor_of
from services.questions import secrecy
from storage.delivery import outbox
from storage.delivery.outbox import Lane
from storage.engine.database import Work
from storage.people import conversations, people
from storage.rows import ConversationRow, FileRow, OutboxRow, PersonRow

_BLANKS = " \u2800\U0001d159"  # letters without ink: Braille's blank pattern, a note's empty head
TOAST_LIMIT = 200  # Bot API, answerCallbackQuery.text


@dataclass(eq=False)
class Turn:
    """One thing that came in, from its arrival to the end of its savepoint.

    Handlers don't send: they queue, and the commit makes it so. Only the short text on a pressed button (`say`) goes
    out directly, after the commit.
    """

    incoming: Incoming
    work: Work
    crowd: Crowd  # of everybody, for the limit of a minute
    bot_name: str  # what the bot is called on that channel
    place: int  # of what came in, among all that the channel told (storage.delivery.inbox)
    actor: Actor = field(init=False)  # whose turn it is, once dispatch has met them
    toast: str | None = None  # what the pressed button shows afterwards
    alert: bool = False  # the toast is a dialog to be read and closed
    failure: Exception | None = None  # what a handler raised; whoever calls it would only log it
    for_step: bool = False  # what came was taken for the step that they are at
    old_font_told: bool = False  # what they see says that their words were of an old font
    surfaced: bool = False  # a question that waited behind a step is to be shown again

    @property
    def person(self) -> PersonRow:
        return self.actor.person

    @property
    def words(self) -> Words:
        return notify.words_for(self.work, self.person)

    @property
    def message(self) -> Message:
        """The message that was sent or edited; every command stands in one."""
        message = self.incoming.message
        assert message is not None
        return message

    @property
    def is_press(self) -> bool:
        """Whether a button was pressed, so that its message can change and show a toast."""
        return self.incoming.pressed is not None

    async def reply(
        self,
        notice: Notice,
        buttons: Keyboard = (),
        *,
        question_id: int | None = None,
        about: str | None = None,
        supersedes: str | None = None,
        shows: Sequence[int] = (),
        card: bool = False,
    ) -> int | None:
        """Answer with a new message; return its outbox id.

        `shows`: other questions whose words it contains. `card`: a card of its question, which changes with it
        (services.staff.card_updates).
        """
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
            card=card,
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
        """Answer with a document of ours.

        Returns the outbox id of the message that carries the buttons.
        """
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

    async def send_files(self, files: Sequence[FileRow], question_id: int) -> None:
        await notify.send_files(self.work, self.person, files, question_id=question_id)

    def say(self, key: str, *, alert: bool = False) -> None:
        """Show a label on the pressed button, as a toast."""
        self.show(self.words.label(key), alert=alert)

    def show(self, text: str, *, alert: bool = False) -> None:
        """Show plain text on the pressed button, cut to what a toast holds."""
        self.toast = text if len(text) <= TOAST_LIMIT else text[: TOAST_LIMIT - 1] + "…"
        self.alert = alert

    # --- where they are -------------------------------------------------------------------------------

    async def step(self) -> ConversationRow | None:
        """Return the step the dialogue is at, else the question being written."""
        return await conversations.of_person(self.work, self.person.id)

    async def step_and_draft(self) -> tuple[ConversationRow | None, ConversationRow | None]:
        """Return the step the dialogue is at, and the question being written.

        The question waits while there is a step.
        """
        return await conversations.step_and_draft(self.work, self.person.id)

    async def at(self, step: str, holds: type[Held]) -> Held | None:
        """What a step holds, where they are at it and it can be read."""
        conversation = await self.step()
        if conversation is None or conversation.step != step:
            return None
        return read(holds, conversation.data)

    async def set_step(self, step: str, held: StepData) -> None:
        """Set the dialogue's step.

        A question being written waits meanwhile.
        """
        await self.put_step(step, kept(held))

    async def put_step(self, step: str, data: dict[str, Any]) -> None:
        """As `set_step`, of what was kept before."""
        await conversations.set_step(self.work, self.person.id, step, data)

    async def keep_draft(self, step: str, data: dict[str, Any]) -> None:
        """Keep a question being written.

        A draft that begins during a step ends the step; an older draft goes on waiting behind it.
        """
        at, before = await self.step_and_draft()
        if at is not None and before is None:
            await conversations.end_step(self.work, self.person.id)
            at = None
        if at is None:
            self.surfaced = False
        await conversations.set_draft(self.work, self.person.id, step, data)

    async def end_step(self) -> None:
        """End the step, or the draft where there is no step.

        A question that waited behind the step is current again, and is shown again.
        """
        step, draft = await self.step_and_draft()
        if step is None:
            await conversations.end_draft(self.work, self.person.id)
            return
        await conversations.end_step(self.work, self.person.id)
        self.surfaced = self.surfaced or draft is not None


def is_draft(step: str) -> bool:
    """Return whether a step belongs to a question being written (handlers.questions.draft)."""
    return step.startswith("ask.")


def pressed_message(turn: Turn) -> str:
    """Return the id of the message whose button was pressed.

    Raises `RuleViolation` when it is too old to know.
    """
    pressed = turn.incoming.pressed
    if pressed is None or pressed.under is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    return pressed.under


async def pressed_row(turn: Turn) -> OutboxRow | None:
    """Return the outbox row of the pressed message, once its delivery is recorded."""
    return await row_of(turn, pressed_message(turn))


async def row_of(turn: Turn, message_id: str) -> OutboxRow | None:
    """Return the outbox row of our message in this chat, once recorded.

    Recorded is its delivery, which can be a moment late.
    """
    if not people.can_be_reached(turn.person):
        return None
    return await outbox.sent_as(turn.work, turn.incoming.channel, turn.person.address, message_id)


async def require_current(turn: Turn, conversation: ConversationRow) -> None:
    """Raise `RuleViolation` (stale button) unless the pressed message is the current prompt.

    A message whose delivery is not yet recorded is taken for the prompt: somebody can be that quick.
    """
    prompt = prompt_of(conversation)
    row = await pressed_row(turn)
    if prompt is not None and row is not None and row.id != prompt:
        raise RuleViolation(Reason.STALE_BUTTON)


async def current_step(turn: Turn, holds: type[Held], *steps: str) -> Held:
    """Return what the step holds whose prompt was pressed.

    Raises `RuleViolation` unless it is one of these.
    """
    conversation = await turn.step()
    if conversation is None or conversation.step not in steps:
        raise RuleViolation(Reason.STALE_BUTTON)
    await require_current(turn, conversation)
    held = read(holds, conversation.data)
    if held is None:
        raise RuleViolation(Reason.STALE_BUTTON)
    return held


async def leave_step(turn: Turn, step: str) -> None:
    """End a step whose answer came another way, where somebody is still at it."""
    conversation = await turn.step()
    if conversation is not None and conversation.step == step:
        await turn.end_step()


async def rewrite_pressed(
    turn: Turn, notice: Notice, buttons: Keyboard = (), *, shows: Sequence[int] = ()
) -> None:
    """Change the message whose button was pressed."""
    await notify.rewrite(
        turn.work, turn.person, notice, buttons, message_id=pressed_message(turn), shows=shows
    )


async def take_pressed_buttons_away(turn: Turn) -> None:
    """Remove the buttons of the pressed message, and keep its words."""
    await notify.take_buttons_away(turn.work, turn.person, message_id=pressed_message(turn))


async def meet(turn: Turn) -> Actor:
    """Return the person behind an update, with their roles; enter them if they are new.

    Messages that were held for them go out when they come back.
    """
    address = turn.incoming.address
    if address is None:
        raise RuleViolation(Reason.UNSUPPORTED_MESSAGE)
    return await _met(turn, address, await people.at(turn.work, turn.incoming.channel, address))


async def meet_known(turn: Turn) -> Actor | None:
    """Return the person behind an update, or None where they are unknown.

    Only a message makes somebody known. What is left in the chat of an erased person must not: a second tap on `Xác
    nhận`, an old message edited.
    """
    address = turn.incoming.address
    if address is None:
        return None
    person = await people.at(turn.work, turn.incoming.channel, address)
    return None if person is None else await _met(turn, address, person)


def nameless(work: Work) -> str:
    """What the staff read in the place of a name that shows nothing."""
    return words(work.programme.language, work.programme.timezone).label("person.nameless")


def _visible(name: str) -> str:
    """A name, or "" for one of blanks alone."""
    return name if name.strip(_BLANKS) else ""


async def _met(turn: Turn, address: str, person: PersonRow | None) -> Actor:
    work, channel = turn.work, turn.incoming.channel
    said = turn.incoming.name
    if said is None and person is not None:
        said = person.display_name  # it could not be read: what they were called before
    name = _visible(clean(said or "")[:200]) or nameless(work)
    came_back = person is not None and person.unreachable_at is not None
    if person is None or came_back or person.display_name != name:
        person = await people.seen(
            work,
            channel=channel,
            address=address,
            display_name=name,
            language=work.programme.language,  # another one for who chooses it: /ngonngu
        )
        await secrecy.gate_person(work, person, name)
    if came_back:
        await outbox.release_for(work, channel, address)
    return await actor_of(work, person)
