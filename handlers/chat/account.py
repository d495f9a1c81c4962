"""Beginning, help, language, and giving up whatever is under way."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.errors import RuleViolation
from handlers.chat.confirming import ask_to_confirm, confirmed
from handlers.chat.dropping import drop
from handlers.chat.registry import COMMANDS, command, in_order, menu_of, press
from handlers.chat.steps import StepData, prompt_of
from handlers.chat.turn import Turn, take_pressed_buttons_away
from handlers.chat.typed import choice_of, split_code_of
from messages.buttons import Act, Button, Keyboard, Press
from messages.notices.chat import DescribedCommand, Help, LanguageAsked, LanguageChosen, Welcome
from messages.words import LANGUAGES, Words, words
from services import notify
from services.people import sources
from services.people.actors import Actor, actor_of
from services.staff import staff
from storage.agencies import agencies
from storage.people import people

_LANGUAGE_LABELS = {"vi": "button.vietnamese", "en": "button.english"}


@dataclass(frozen=True, kw_only=True)
class RedeemStep(StepData):
    """An invitation that waits for its reader's word, by the digest of its code."""

    digest: str


def default_menu(language: str) -> list[tuple[str, str]]:
    """Describe the commands of somebody without roles: everybody's menu at first."""
    say = words(language, ZoneInfo("UTC"))  # a menu tells no times
    return _described([one.name for one in in_order() if one.in_menu and not one.audience], say)


def _described(names: list[str], say: Words) -> list[tuple[str, str]]:
    return [(name, say.label(f"command.{name}")) for name in names]


async def show_menu(turn: Turn, other: Actor | None = None) -> None:
    """Set the menu in somebody's app to what they may do now, in their language."""
    actor = other or turn.actor
    say = notify.words_for(turn.work, actor.person)
    await notify.show_menu(turn.work, actor.person, _described(menu_of(actor), say))


@command("start", place=700, in_menu=False)
async def on_start(turn: Turn, argument: str) -> None:
    if staff.looks_like_invitation(argument):
        await _follow_invitation(turn, argument)
    elif not await _show_question(turn, argument):
        if not turn.actor.is_staff:
            await sources.count(turn.work, argument)
        await _welcome(turn)


async def _follow_invitation(turn: Turn, code: str) -> None:
    """Take an invitation up; who holds another role says first that it is for them, and not for somebody else."""
    invitation = await staff.invitation_of(turn.work, turn.person, code)
    if not await staff.is_to_be_asked(turn.work, turn.person, invitation):
        await staff.redeem(turn.work, turn.person, code)
        await _show_new_menu(turn)
        return
    agency = None
    if invitation.agency_id is not None:
        agency = (await agencies.by_id(turn.work, invitation.agency_id)).name
    role = turn.words.label(f"role.{invitation.role}")
    detail = " - ".join(filter(None, (role, agency)))
    await ask_to_confirm(turn, "redeem", "", RedeemStep(digest=invitation.digest), detail=detail)


@confirmed("redeem", holds=RedeemStep)
async def on_redeem_confirmed(turn: Turn, held: RedeemStep) -> None:
    await staff.redeem_agreed(turn.work, turn.person, held.digest)
    await _show_new_menu(turn)


async def _show_new_menu(turn: Turn) -> None:
    turn.actor = await actor_of(turn.work, turn.person)
    await show_menu(turn)


async def _show_question(turn: Turn, argument: str) -> bool:
    """Open the question whose code stands behind the link, as this person may see it; False where they see none."""
    code, rest = split_code_of(turn, argument)
    if code is None or rest or not argument[:1].isalpha():  # bare digits may be anything
        return False
    opens = COMMANDS["xem" if turn.actor.is_staff else "tracuu"]
    try:
        async with turn.work.savepoint():
            await opens.run(turn, argument)
    except RuleViolation:
        return False
    return True


async def _welcome(turn: Turn) -> None:
    programme = turn.work.programme
    held = dict.fromkeys(turn.words.label(f"role.{row.role}") for row in turn.actor.roles)
    await turn.reply(
        Welcome(programme=programme.name, province=programme.province, roles=tuple(held)), _first_buttons()
    )
    if turn.actor.is_staff:
        await show_menu(turn)


def _first_buttons() -> Keyboard:
    return [[Button("button.ask", Act.ASK), Button("button.my_questions", Act.MY_QUESTIONS)]]


@command("ngonngu", place=710)
async def on_language(turn: Turn, argument: str) -> None:
    buttons = [
        Button(label, Act.LANGUAGE, (language,))
        for language, label in _LANGUAGE_LABELS.items()
        if language in LANGUAGES
    ]
    await turn.reply(LanguageAsked(), [buttons])


@press(Act.LANGUAGE)
async def on_language_chosen(turn: Turn, pressed: Press) -> None:
    language = choice_of(pressed, LANGUAGES)
    await people.update(turn.work, turn.person.id, language=language)
    person = await people.by_id(turn.work, turn.person.id)
    turn.actor = Actor(person, turn.actor.roles)
    await take_pressed_buttons_away(turn)
    await turn.reply(LanguageChosen())
    await show_menu(turn)
    turn.say("toast.language")


@command("huy", place=720)
async def on_cancel(turn: Turn, argument: str) -> None:
    conversation = await turn.step()
    prompt = prompt_of(conversation)
    dropped = await drop(turn)
    if dropped.draft and prompt is not None:
        await notify.take_buttons_away(turn.work, turn.person, edit_of=prompt)
    await turn.reply(dropped)


@command("trogiup", place=730)
async def on_help(turn: Turn, argument: str) -> None:
    names = [one.name for one in in_order() if one.is_for(turn.actor)]
    await turn.reply(
        Help(tuple(DescribedCommand(name, does) for name, does in _described(names, turn.words)))
    )
