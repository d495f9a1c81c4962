"""`/dulieu` and `/xoadulieu`: seeing, taking, correcting, erasing one's own data.

Source: Law 91/2025/QH15.
"""

from dataclasses import dataclass

from channels.incoming import Message
from domain.errors import Reason, RuleViolation
from domain.privacy.consent import Consent
from domain.questions.codes import Code
from domain.vietnamese.text import fold, phrase_at_front
from handlers.chat.confirming import ask_after, confirmed
from handlers.chat.prompting import ask_for
from handlers.chat.registry import command, press, step
from handlers.chat.steps import QuestionStep, StepData
from handlers.chat.turn import (
    Turn,
    current_step,
    rewrite_pressed,
    take_pressed_buttons_away,
)
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
from messages.typed import forms, meanings
from services.people import consents, introductions
from services.people.actors import Actor
from services.privacy import erasing, own_data
from services.questions import asker_decisions
from services.questions.case import code_of
from services.subscribers import subscriptions
from storage.delivery.outbox import OWN_DATA
from storage.people import consents as stored_consents
from storage.questions import questions
from storage.rows import ConsentRow

STEP = "own_data"


@dataclass(frozen=True, kw_only=True)
class OwnDataStep(StepData):
    """Which of their own data somebody corrects: one of `CORRECTED`."""

    what: str


CORRECTED = ("full_name", "home_address", "contact")
_FILE, _WITHDRAW = forms("own_data", "file"), forms("own_data", "withdraw")
_NOTHING = forms("own_data", "nothing")  # /dulieu liên hệ bỏ
_NO_CONTACT = forms("contact", "none")
_WHAT = meanings("own_data_part", {what: what for what in CORRECTED})


@command("dulieu", place=200)
async def on_my_data(turn: Turn, argument: str) -> None:
    withdrawn = phrase_at_front(argument, _WITHDRAW)
    if not argument:
        await turn.reply(*await _held(turn))
    elif fold(argument) in _FILE:
        await _give_file(turn)
    elif withdrawn is not None:
        await _withdraw_typed(turn, fold(withdrawn[1]))
    else:
        await _correct_typed(turn, argument)


async def _held(turn: Turn) -> tuple[MyData, Keyboard]:
    work, person = turn.work, turn.person
    given = await stored_consents.of_person(work, person.id)
    codes = {row.id: await _what_for(turn, row) for row in given}
    notice = MyData(
        full_name=person.full_name,
        home_address=person.home_address,
        contact=person.contact,
        questions=await questions.count_of_asker(work, person.id),
        consents=tuple(
            GivenConsent(kind=row.kind, code=codes[row.id], version=row.version, given_at=row.given_at)
            for row in given
        ),
        holds_role=bool(turn.actor.roles),
    )
    label = turn.words.label
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
        *([] if turn.actor.roles else [[Button("button.erase", Act.ERASE)]]),
    ]


async def _what_for(turn: Turn, consent: ConsentRow) -> str:
    """Name the question or the topic that a consent is for; "" for others."""
    if consent.topic is not None:
        return "".join(await names(turn, [consent.topic]))
    if consent.question_id is None:
        return ""
    question = await questions.by_id(turn.work, consent.question_id)
    return "" if question is None else code_of(turn.work, question)


# --- consents ---------------------------------------------------------------------------------------------------


@press(Act.WITHDRAW_CONSENT)
async def on_withdraw_consent(turn: Turn, pressed: Press) -> None:
    consent = await stored_consents.by_id(turn.work, pressed.number(0) or 0)
    if consent is None or consent.person_id != turn.person.id or consent.withdrawn_at is not None:
        raise RuleViolation(Reason.STALE_BUTTON)
    await _withdraw(turn, consent)
    turn.say("toast.consent_withdrawn")
    await rewrite_pressed(turn, *await _held(turn))


async def _withdraw_typed(turn: Turn, number: str) -> None:
    """`/dulieu rút 2`: withdraw the second consent in the list of `/dulieu`."""
    given = await stored_consents.of_person(turn.work, turn.person.id)
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= len(given)):
        raise RuleViolation(Reason.UNKNOWN_DATA)
    await _withdraw(turn, given[int(number[:9]) - 1])
    await turn.reply(*await _held(turn))


async def _withdraw(turn: Turn, consent: ConsentRow) -> None:
    if consent.kind == Consent.PUBLICATION and consent.question_id is not None:
        await asker_decisions.withdraw_publication(turn.work, turn.actor, consent.question_id)
    elif consent.kind == Consent.SUBSCRIPTION and consent.topic is not None:
        await subscriptions.leave(turn.work, turn.person, consent.topic)
    else:
        await consents.withdraw(turn.work, turn.person, Consent(consent.kind))


# --- as a file --------------------------------------------------------------------------------------------------


@press(Act.OWN_DATA_FILE)
async def on_file(turn: Turn, pressed: Press) -> None:
    await _give_file(turn)
    turn.say("toast.files_coming")


async def _give_file(turn: Turn) -> None:
    draft, _under = await open_draft(turn)
    made = await own_data.export(turn.work, turn.actor, "" if draft is None else draft.text)
    name = turn.words.label("file.own_data")
    for content, ending, readable in ((made.for_people, "txt", True), (made.for_programs, "json", False)):
        await turn.reply_with_document(
            OwnDataFile(readable=readable), content, f"{name}.{ending}", about=OWN_DATA
        )


# --- corrected --------------------------------------------------------------------------------------------------


@press(Act.CORRECT_OWN)
async def on_correct(turn: Turn, pressed: Press) -> None:
    await _ask(turn, choice_of(pressed, CORRECTED))


async def _ask(turn: Turn, what: str) -> None:
    buttons = [Button("button.cancel", Act.CANCEL)]
    if what == "contact" and turn.person.contact:
        buttons.insert(0, Button("button.no_contact", Act.NO_CONTACT))
    await ask_for(turn, STEP, OwnDataAsked(what=what), OwnDataStep(what=what), [buttons])


async def _correct_typed(turn: Turn, typed: str) -> None:
    """`/dulieu họ tên Nguyễn Thị Mai`: correct a detail; ask for it where it is missing."""
    found = phrase_at_front(typed, _WHAT)
    if found is None:
        raise RuleViolation(Reason.UNKNOWN_DATA)
    what, value = _WHAT[found[0]], found[1]
    if not value:
        await _ask(turn, what)
    elif what == "contact" and fold(value) in _NOTHING:
        await _correct(turn, what, None)
    else:
        await _correct(turn, what, introductions.read_said(what, one_line(value)))


@step(STEP, holds=OwnDataStep)
async def on_correction(turn: Turn, message: Message, held: OwnDataStep) -> None:
    what, typed = held.what, message.text
    if what == "contact" and message.contact is not None:
        typed = own_number(message)
    if typed is None:
        raise RuleViolation(Reason.TEXT_MISSING)
    dropped = what == "contact" and fold(typed).strip(" .!") in _NO_CONTACT
    value = None if dropped else introductions.read_said(what, one_line(typed))
    await turn.end_step()
    await _correct(turn, what, value)


@press(Act.NO_CONTACT)
async def on_no_contact(turn: Turn, pressed: Press) -> None:
    if (await current_step(turn, OwnDataStep, STEP)).what != "contact":
        raise RuleViolation(Reason.STALE_BUTTON)
    await turn.end_step()
    await take_pressed_buttons_away(turn)
    await _correct(turn, "contact", None)
    turn.say("toast.contact_dropped")


async def _correct(turn: Turn, what: str, value: str | None) -> None:
    if getattr(turn.person, what) != value:
        person = await own_data.correct(turn.work, turn.actor, what, value)
        turn.actor = Actor(person, turn.actor.roles)
    await turn.reply(OwnDataCorrected(what=what, value=value))


# --- erased -----------------------------------------------------------------------------------------------------


@command("xoadulieu", place=210)
async def on_erase(turn: Turn, argument: str) -> None:
    """Ask whether to erase somebody's own data.

    With a code, an editor erases a person who asked by post, telephone or in person, and wants to be erased.
    """
    if argument and turn.actor.is_staff:
        code, _ = code_at_front(turn, argument, "xoadulieu")
        await _ask_to_erase_asker(turn, code)
        return
    found = await erasing.extent(turn.work, turn.actor)
    notice = ErasureAsked(open=found.open, published=found.published)
    await ask_after(turn, "erase", notice, StepData())


@press(Act.ERASE)
async def on_erase_pressed(turn: Turn, pressed: Press) -> None:
    await on_erase(turn, "")


@confirmed("erase", holds=StepData)
async def on_erase_confirmed(turn: Turn, held: StepData) -> None:
    await erasing.erase_oneself(turn.work, turn.actor, turn.place)


@press(Act.ERASE_ASKER)
async def on_erase_asker_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_to_erase_asker(turn, id_of(pressed))


async def _ask_to_erase_asker(turn: Turn, which: Code | int) -> None:
    case, notice = await erasing.extent_for(turn.work, turn.actor, which)
    await ask_after(turn, "erase_asker", notice, QuestionStep(question=case.question.id))


@confirmed("erase_asker", holds=QuestionStep)
async def on_erase_asker_confirmed(turn: Turn, held: QuestionStep) -> None:
    code = await erasing.erase_asker(turn.work, turn.actor, held.question, turn.place)
    await turn.reply(AskerErased(code=code))
