"""`/dulieu` and `/xoadulieu`: one's own data, to see, take, correct and erase (Law 91/2025/QH15)."""

from typing import Any

from telegram import Message, Update

from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.codes import Code
from domain.vietnamese.text import fold, phrase_at_front
from handlers.chat.confirming import ask_after, confirmed
from handlers.chat.context import (
    Context,
    current_step,
    rewrite_pressed,
    take_pressed_buttons_away,
)
from handlers.chat.prompting import ask_for
from handlers.chat.registry import command, press, step
from handlers.chat.typed import choice_of, code_at_front, id_of, one_line, own_number
from handlers.questions.draft import open_draft
from handlers.subscribers.subscriptions import names
from messages.buttons import Act, Button, Keyboard, Press
from messages.notices.privacy import (
    AskerErased,
    ErasureAsked,
    GivenConsent,
    MyData,
    OwnDataAsked,
    OwnDataCorrected,
    OwnDataFile,
)
from services.people import consents, introductions
from services.people.actors import Actor
from services.privacy import erasing, own_data
from services.questions import asker_decisions
from services.questions.case import code_of
from services.subscribers import subscriptions
from storage.delivery.outbox import OWN_DATA
from storage.people import people
from storage.questions import questions
from storage.tables import Row

STEP = "own_data"
CORRECTED = ("full_name", "home_address", "contact")
# What may be typed behind /dulieu, folded, in Vietnamese and English.
_FILE = ("tep", "file")
_WITHDRAW = ("rut", "withdraw")
_WHAT = {
    "ho ten": "full_name",
    "ho va ten": "full_name",
    "hoten": "full_name",
    "ten": "full_name",
    "name": "full_name",
    "dia chi": "home_address",
    "diachi": "home_address",
    "address": "home_address",
    "lien he": "contact",
    "lienhe": "contact",
    "contact": "contact",
}
_NOTHING = ("bo", "remove")  # /dulieu liên hệ bỏ


@command("dulieu", place=200)
async def on_my_data(update: Update, context: Context, argument: str) -> None:
    withdrawn = phrase_at_front(argument, _WITHDRAW)
    if not argument:
        await context.reply(*await _held(context))
    elif fold(argument) in _FILE:
        await _give_file(context)
    elif withdrawn is not None:
        await _withdraw_typed(context, fold(withdrawn[1]))
    else:
        await _correct_typed(context, argument)


async def _held(context: Context) -> tuple[MyData, Keyboard]:
    work, person = context.work, context.person
    given = await people.consents_of(work, person.id)
    codes = {row.id: await _what_for(context, row) for row in given}
    notice = MyData(
        full_name=person.full_name,
        home_address=person.home_address,
        contact=person.contact,
        questions=await questions.count_of_asker(work, person.id),
        consents=tuple(
            GivenConsent(kind=row.kind, code=codes[row.id], version=row.version, given_at=row.given_at)
            for row in given
        ),
    )
    label = context.words.label
    withdraw: list[list[Button]] = [
        [
            Button(
                "button.withdraw_consent",
                Act.WITHDRAW_CONSENT,
                (row.id,),
                text=f"{label('button.withdraw_consent')}: {label(f'consent.{row.kind}')} {codes[row.id]}".strip(),
            )
        ]
        for row in given
    ]
    return notice, [
        [Button("button.own_data_file", Act.OWN_DATA_FILE)],
        [Button(f"button.correct_{what}", Act.CORRECT_OWN, (what,)) for what in CORRECTED],
        *withdraw,
        [Button("button.erase", Act.ERASE)],
    ]


async def _what_for(context: Context, consent: Row) -> str:
    """The question or the topic that a consent is for; empty for the others."""
    if consent.topic is not None:
        return "".join(await names(context, [consent.topic]))
    if consent.question_id is None:
        return ""
    question = await questions.by_id(context.work, consent.question_id)
    return "" if question is None else code_of(context.work, question)


# --- consents ---------------------------------------------------------------------------------------------------


@press(Act.WITHDRAW_CONSENT)
async def on_withdraw_consent(update: Update, context: Context, pressed: Press) -> None:
    consent = await people.consent_by_id(context.work, pressed.number(0) or 0)
    if consent is None or consent.person_id != context.person.id or consent.withdrawn_at is not None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await _withdraw(context, consent)
    context.say("toast.done")
    await rewrite_pressed(update, context, *await _held(context))


async def _withdraw_typed(context: Context, number: str) -> None:
    """`/dulieu rút 2`: the second of those that `/dulieu` lists."""
    given = await people.consents_of(context.work, context.person.id)
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= len(given)):
        raise RuleViolation(Reason.UNKNOWN_DATA)
    await _withdraw(context, given[int(number[:9]) - 1])
    await context.reply(*await _held(context))


async def _withdraw(context: Context, consent: Row) -> None:
    if consent.kind == Consent.PUBLICATION:
        await asker_decisions.choose_publication(
            context.work, context.actor, consent.question_id, agreed=False
        )
    elif consent.kind == Consent.SUBSCRIPTION:
        await subscriptions.leave(context.work, context.person, consent.topic)
    else:
        await consents.withdraw(context.work, context.person, Consent(consent.kind))


# --- as a file --------------------------------------------------------------------------------------------------


@press(Act.OWN_DATA_FILE)
async def on_file(update: Update, context: Context, pressed: Press) -> None:
    await _give_file(context)
    context.say("toast.sent")


async def _give_file(context: Context) -> None:
    draft, _under = await open_draft(context)
    made = await own_data.export(context.work, context.actor, "" if draft is None else draft.text)
    name = context.words.label("file.own_data")
    for content, ending, readable in ((made.for_people, "txt", True), (made.for_programs, "json", False)):
        await context.reply_with_document(
            OwnDataFile(readable=readable), content, f"{name}.{ending}", about=OWN_DATA
        )


# --- corrected --------------------------------------------------------------------------------------------------


@press(Act.CORRECT_OWN)
async def on_correct(update: Update, context: Context, pressed: Press) -> None:
    await _ask(context, choice_of(pressed, CORRECTED))


async def _ask(context: Context, what: str) -> None:
    buttons = [Button("button.cancel", Act.CANCEL)]
    if what == "contact" and context.person.contact:
        buttons.insert(0, Button("button.no_contact", Act.NO_CONTACT))
    await ask_for(context, STEP, OwnDataAsked(what=what), {"what": what}, [buttons])


async def _correct_typed(context: Context, typed: str) -> None:
    """`/dulieu họ tên Nguyễn Thị Mai`; without the new words they are asked for."""
    found = phrase_at_front(typed, _WHAT)
    if found is None:
        raise RuleViolation(Reason.UNKNOWN_DATA)
    what, value = _WHAT[found[0]], found[1]
    if not value:
        await _ask(context, what)
    elif what == "contact" and fold(value) in _NOTHING:
        await _correct(context, what, None)
    else:
        await _correct(context, what, introductions.read_said(what, one_line(value)))


@step(STEP)
async def on_correction(update: Update, context: Context, message: Message, conversation: Row) -> None:
    what, typed = conversation.data["what"], message.text
    if what == "contact" and message.contact is not None:
        typed = own_number(message)
    if typed is None:
        raise RuleViolation(Reason.TEXT_MISSING)
    value = introductions.read_said(what, one_line(typed))
    await context.end_step()
    await _correct(context, what, value)


@press(Act.NO_CONTACT)
async def on_no_contact(update: Update, context: Context, pressed: Press) -> None:
    if (await current_step(update, context, STEP)).data["what"] != "contact":
        raise RuleViolation(Reason.STALE_BUTTON)
    await context.end_step()
    await take_pressed_buttons_away(update, context)
    await _correct(context, "contact", None)
    context.say("toast.done")


async def _correct(context: Context, what: str, value: str | None) -> None:
    if getattr(context.person, what) != value:
        person = await own_data.correct(context.work, context.actor, what, value)
        context.actor = Actor(person, context.actor.roles)
    await context.reply(OwnDataCorrected(what=what, value=value))


# --- erased -----------------------------------------------------------------------------------------------------


@command("xoadulieu", place=210)
async def on_erase(update: Update, context: Context, argument: str) -> None:
    """One's own data; with a code, an editor erases who asked by post, telephone or in person, and asked for it."""
    if argument and context.actor.is_staff:
        code, _ = code_at_front(context, argument, "xoadulieu")
        await _ask_to_erase_asker(context, code)
        return
    found = await erasing.extent(context.work, context.actor)
    notice = ErasureAsked(open=found.open, published=found.published)
    await ask_after(context, "erase", notice)


@press(Act.ERASE)
async def on_erase_pressed(update: Update, context: Context, pressed: Press) -> None:
    await on_erase(update, context, "")


@confirmed("erase")
async def on_erase_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    await erasing.erase_oneself(context.work, context.actor, update.update_id)


@press(Act.ERASE_ASKER)
async def on_erase_asker_pressed(update: Update, context: Context, pressed: Press) -> None:
    await _ask_to_erase_asker(context, id_of(pressed))


async def _ask_to_erase_asker(context: Context, which: Code | int) -> None:
    case, notice = await erasing.extent_for(context.work, context.actor, which)
    await ask_after(context, "erase_asker", notice, question=case.question.id)


@confirmed("erase_asker")
async def on_erase_asker_confirmed(update: Update, context: Context, data: dict[str, Any]) -> None:
    code = await erasing.erase_asker(context.work, context.actor, data["question"], update.update_id)
    await context.reply(AskerErased(code=code))
