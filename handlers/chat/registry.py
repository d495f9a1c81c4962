"""The tables of what people can do in the chat.

Commands, presses, steps of a conversation, replies. Handlers register themselves with the decorators below; dispatch,
menus, help and tests read the tables. Commands are read from the text, without regard to case or diacritics: /hủy,
/HOI (contract, "In the chat").
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from channels.incoming import Message
from domain.questions.life import Role
from domain.vietnamese.text import fold
from handlers.chat.steps import Held
from handlers.chat.turn import Turn
from messages.buttons import Act, Press
from services.people.actors import Actor
from storage.rows import OutboxRow


class NotMine(Enum):
    """A step's answer that a message is not for it.

    The message is then handled as it would be without the step.
    """

    NOT_MINE = "not mine"


NOT_MINE: Final = NotMine.NOT_MINE

OnCommand = Callable[[Turn, str], Awaitable[None]]  # given the text after the command
OnPress = Callable[[Turn, Press], Awaitable[None]]
OnStep = Callable[[Turn, Message, Held], Awaitable["NotMine | None"]]  # given what the step holds
OnReply = Callable[[Turn, Message, OutboxRow], Awaitable[None]]  # given the outbox row replied to

_COMMAND = re.compile(r"^/([^\s@/]{1,64})(?:@(\w+))?(?:\s+|$)")


@dataclass(frozen=True)
class Command:
    """A command; an empty audience means everybody."""

    name: str
    audience: frozenset[Role]
    run: OnCommand
    place: int  # among the others, in menus and in the help
    in_menu: bool

    def is_for(self, actor: Actor) -> bool:
        return not self.audience or actor.holds(*self.audience)


@dataclass(frozen=True)
class Step:
    """What a message means at a step, and what that holds."""

    holds: type[Any]
    run: Callable[[Turn, Message, Any], Awaitable[NotMine | None]]


COMMANDS: dict[str, Command] = {}
PRESSES: dict[Act, OnPress] = {}
STEPS: dict[str, Step] = {}
REPLIES: dict[str, OnReply] = {}


def command(name: str, *audience: Role, place: int, in_menu: bool = True) -> Callable[[OnCommand], OnCommand]:
    """Register a command for these roles, or for everybody.

    Its description is the label `command.<name>`. Menus and help are sorted by `place`: from 100 what everybody asks
    and reads, 300 the agencies' work, 400 approval, 500 the editors' work, 700 what everybody sets, 800 the admins'
    work, 900 groups. Gaps of ten leave room.
    """

    def enter(run: OnCommand) -> OnCommand:
        assert name not in COMMANDS, f"/{name} is entered twice"
        assert all(one.place != place for one in COMMANDS.values()), f"/{name} has another command's place"
        COMMANDS[name] = Command(name, frozenset(audience), run, place, in_menu)
        return run

    return enter


def press(*acts: Act) -> Callable[[OnPress], OnPress]:
    """Register what happens when a button with one of these acts is pressed."""

    def enter(run: OnPress) -> OnPress:
        for act in acts:
            assert act not in PRESSES, f"{act} is entered twice"
            PRESSES[act] = run
        return run

    return enter


def step(*names: str, holds: type[Held]) -> Callable[[OnStep[Held]], OnStep[Held]]:
    """Register what a message means at one of these steps.

    `holds` is the dataclass of what they hold.
    """

    def enter(run: OnStep[Held]) -> OnStep[Held]:
        for name in names:
            assert name not in STEPS, f"the step {name} is entered twice"
            STEPS[name] = Step(holds, run)
        return run

    return enter


def reply_to(about: str) -> Callable[[OnReply], OnReply]:
    """Register how a reply to a message of this kind (`outbox.about`) is handled."""

    def enter(run: OnReply) -> OnReply:
        assert about not in REPLIES, f"replies to {about} are entered twice"
        REPLIES[about] = run
        return run

    return enter


def read_command(text: str, bot_name: str) -> tuple[str, str] | None:
    """Read (name, argument) of a command.

    None for other text and for a command meant for another bot.
    """
    found = _COMMAND.match(text)
    if found is None or (found[2] and found[2].lower() != bot_name.lower()):
        return None
    return fold(found[1]), text[found.end() :].strip()


def in_order() -> list[Command]:
    """List all commands in the order of menus and help."""
    return sorted(COMMANDS.values(), key=lambda one: one.place)


def menu_of(actor: Actor) -> list[str]:
    """List the names of the commands in this person's menu."""
    return [one.name for one in in_order() if one.in_menu and one.is_for(actor)]
