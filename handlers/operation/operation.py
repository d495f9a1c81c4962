"""`/nhatky`, `/tinhtrang`: the audit log and the programme's health, for admins."""

from domain.questions.life import Role
from handlers.chat.paging import paged
from handlers.chat.registry import command
from handlers.chat.turn import Turn
from messages.buttons import Keyboard
from messages.keyboards import list_turns
from messages.notice import Notice
from messages.notices.operation import HealthCheck, SystemHealth
from services.operation import audit_log as auditing
from services.operation.health import checks
from services.people.actors import require_admin


@command("nhatky", Role.ADMIN, place=830)
async def audit_log(turn: Turn, argument: str) -> None:
    await turn.reply(*await audit_page(turn, 1))


@paged("audit")
async def audit_page(turn: Turn, page: int) -> tuple[Notice, Keyboard]:
    require_admin(turn.actor)
    notice = await auditing.page(turn.work, page)
    return notice, list_turns("audit", page, more=notice.more)


@command("tinhtrang", Role.ADMIN, place=840)
async def health(turn: Turn, argument: str) -> None:
    found = await checks(turn.work)
    await turn.reply(
        SystemHealth(
            tuple(
                HealthCheck(name=one.name, ok=one.ok, count=one.count, since=one.since, day=one.day)
                for one in found
            )
        )
    )
