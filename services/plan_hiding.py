"""A question in a script plan that was sent turns out to be a suspected denunciation: the plan is taken back.

Its words are gone from the chats of whoever is no editor, as far as the messenger lets us delete; the agencies get a
new plan without it.
"""

from domain.episodes import EpisodeNumber
from domain.question import Role
from messages.episode_notices import PlanTakenBack
from services import notify
from services.notify import tell
from services.plan_readers import readers_of
from storage import erasing, outbox, roles, script_plans
from storage.database import Work
from storage.tables import Row


async def take_back(work: Work, question: Row) -> None:
    """Every plan that was sent with this question in it, and every preview that an admin has of one."""
    editors = await roles.holders(work, Role.EDITOR)
    reads_on = {editor.id for editor in editors}
    for plan in await script_plans.with_question(work, question.id):
        receipts = await script_plans.receipts_of(work, plan.id)
        agencies = [receipt.agency_id for receipt in receipts]
        for agency_id in agencies:
            for person in await readers_of(work, [agency_id]):
                if person.id not in reads_on:
                    await _delete(work, person, plan_key(plan.episode_id, agency_id, person))
        if any(receipt.replaced_at is None for receipt in receipts):
            await script_plans.replace_receipts(work, plan.id)
            notice = PlanTakenBack(number=str(EpisodeNumber(plan.year, plan.number)))
            told = {person.id: person for person in (*await readers_of(work, agencies), *editors)}
            for person in told.values():
                await tell(work, person, notice)
    for episode_id in await script_plans.episodes_with(work, question.id):
        for admin in await roles.holders(work, Role.ADMIN):
            if admin.id not in reads_on:
                await _delete(work, admin, preview_key(episode_id, admin))


async def _delete(work: Work, person: Row, key: str) -> None:
    for row in await outbox.all_as(work, key):
        dropped = await outbox.drop(work, row.id)
        await erasing.blank_messages(work, [row])
        if not dropped:
            await notify.take_back(work, person, edit_of=row.id)


def plan_key(episode_id: int, agency_id: int, person: Row) -> str:
    """What tells somebody's message with the plan of an episode; a newer version replaces one that has not left."""
    return f"script:{episode_id}:{agency_id}:{person.id}"


def preview_key(episode_id: int, person: Row) -> str:
    """What tells the plan as somebody looked at it before it was sent."""
    return f"script-seen:{episode_id}:{person.id}"
