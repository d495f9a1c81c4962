"""`/dulieu`: what is held about somebody, and the consents they can withdraw one by one (Law 91/2025/QH15)."""

from telegram import Update

from domain.consent import Consent
from domain.errors import Reason, RuleViolation
from handlers.context import Context, rewrite_pressed
from handlers.registry import command, press
from handlers.subscriptions import names
from messages.buttons import Act, Button, Keyboard, Press
from messages.notices import MyData
from services import afterwards, subscriptions
from services.case import code_of
from storage import people, questions
from storage.tables import Row


@command("dulieu")
async def on_my_data(update: Update, context: Context, argument: str) -> None:
    await context.reply(*await _held(context))


@press(Act.WITHDRAW_CONSENT)
async def on_withdraw_consent(update: Update, context: Context, pressed: Press) -> None:
    consent = await people.consent_by_id(context.work, pressed.number(0) or 0)
    if consent is None or consent.person_id != context.person.id or consent.withdrawn_at is not None:
        raise RuleViolation(Reason.STALE_BUTTON)
    if consent.kind == Consent.PUBLICATION:
        await afterwards.choose_publication(context.work, context.actor, consent.question_id, agreed=False)
    elif consent.kind == Consent.SUBSCRIPTION:
        await subscriptions.leave(context.work, context.person, consent.topic)
    else:
        await people.withdraw_consent(context.work, context.person.id, consent.kind)
    context.say("toast.done")
    await rewrite_pressed(update, context, *await _held(context))


async def _held(context: Context) -> tuple[MyData, Keyboard]:
    work, person = context.work, context.person
    given = await people.consents_of(work, person.id)
    codes = {row.id: await _what_for(context, row) for row in given}
    notice = MyData(
        full_name=person.full_name,
        home_address=person.home_address,
        contact=person.contact,
        questions=await questions.count_of_asker(work, person.id),
        consents=tuple((row.kind, codes[row.id], row.version, row.given_at) for row in given),
    )
    label = context.words.label
    return notice, [
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


async def _what_for(context: Context, consent: Row) -> str:
    """The question or the topic that a consent is for; empty for the others."""
    if consent.topic is not None:
        return "".join(await names(context, [consent.topic]))
    if consent.question_id is None:
        return ""
    question = await questions.by_id(context.work, consent.question_id)
    return "" if question is None else code_of(context.work, question)
