"""The script plan of an episode: made, sent to agencies in time, acknowledged.

It must reach the answering agencies and the provincial office `script_plan_days` working days before the recording
(programme.md, "Episodes"). One that is sent late is sent all the same, and marked late.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from domain.airings.schedule import Airing, AiringKind, AiringStatus
from domain.episodes.episodes import ACKNOWLEDGE_DAYS, BLOCKING, EpisodeNumber, Missing
from domain.errors import Reason, RuleViolation
from domain.questions.life import Role
from messages.buttons import Act, Button, Keyboard
from messages.documents.script_plan import (
    NOT_YET,
    BrokenTemplate,
    PlannedAiring,
    PlannedGuest,
    PlannedQuestion,
    ScriptPlan,
    paragraphs,
    place_and_date,
    script_plan_document,
)
from messages.notices.episodes import PlanAcknowledged, PlanArrived, PlanPreview, PlanSent
from messages.words import Words, words
from services import notify
from services.airings.schedule import airings_of_episode
from services.calendar.working_days import calendar_of
from services.episodes import guests
from services.episodes.episodes import find, number_of
from services.episodes.recall import plan_key
from services.episodes.script_plan_readers import reached, readers_of
from services.notify import tell
from services.people.actors import Actor, require_editor
from services.people.desk import tell_role
from services.questions.case import code_of
from storage.agencies import agencies
from storage.delivery import outbox
from storage.engine.database import Work
from storage.episodes import episodes, script_plans
from storage.episodes.episodes import ChosenQuestionRow
from storage.episodes.script_plans import PlanRow, ReceiptRow
from storage.people import people
from storage.questions import questions
from storage.rows import AgencyRow, EpisodeRow, PersonRow

DOCUMENT_LANGUAGE = "vi"  # of an official document, whatever its reader's app speaks


@dataclass(frozen=True)
class Prepared:
    """A script plan as it would be sent now."""

    episode: EpisodeRow
    plan: ScriptPlan
    missing: tuple[Missing, ...]
    recipients: tuple[AgencyRow, ...]  # agencies
    unreached: tuple[str, ...]  # names of those of them where nobody gets messages
    late: bool

    @property
    def due_at(self) -> datetime:
        assert self.episode.plan_due_at is not None, "it has a recording"
        return self.episode.plan_due_at

    @property
    def fingerprint(self) -> str:
        """A hash of the plan and its recipients.

        Sending compares it, so that what an editor has seen is what goes out.
        """
        said = replace(self.plan, place_and_date="")
        facts = (said, self.episode.plan_due_at, [agency.id for agency in self.recipients])
        return sha256(repr(facts).encode()).hexdigest()[:16]


def recording_of(episode: EpisodeRow) -> datetime:
    """When an episode is recorded, without which there is no plan."""
    assert episode.recording_at is not None
    return episode.recording_at


async def airings_of(work: Work, episode_id: int) -> list[Airing]:
    """List when an episode airs, repeats too, without cancelled airings."""
    found = await airings_of_episode(work, episode_id)
    return [one for one in found if one.status is not AiringStatus.CANCELLED]


async def missing_of(
    work: Work, episode: EpisodeRow, asked: Sequence[ChosenQuestionRow] | None = None
) -> tuple[Missing, ...]:
    """Return what a script plan demands and this episode lacks."""
    if asked is None:
        asked = await episodes.questions_of(work, episode.id)
    there = {
        Missing.RECORDING: episode.recording_at,
        Missing.QUESTIONS: asked,
        Missing.ON_AIR: all(row.on_air for row in asked),
        Missing.LEAD: all(row.lead_agency_id for row in asked),
        Missing.PURPOSE: episode.purpose,
        Missing.REQUIREMENTS: episode.requirements,
        Missing.MINUTES: episode.minutes,
        Missing.PLACE: episode.recording_place,
        Missing.MANNER: episode.recording_manner,
        Missing.AIRING: await airings_of(work, episode.id),
        Missing.GUESTS: await guests.coming(work, episode.id),
    }
    return tuple(one for one, has in there.items() if not has)


async def prepare(work: Work, editor: Actor, which: EpisodeNumber | int, *, lock: bool = False) -> Prepared:
    """Make the plan of an episode as it stands.

    Raises `RuleViolation` where something indispensable is missing.
    """
    require_editor(editor)
    episode = await find(work, which, lock=lock)
    asked = await episodes.questions_of(work, episode.id)
    missing = await missing_of(work, episode, asked)
    blocking = [one for one in missing if one in BLOCKING]
    if blocking:
        raise RuleViolation(Reason.PLAN_NOT_READY, number=number_of(episode), missing=tuple(blocking))
    recipients = await _recipients(work, episode, asked)
    if not recipients:
        raise RuleViolation(Reason.PLAN_NOT_READY, number=number_of(episode), missing=(Missing.LEAD,))
    unreached = [agency.name for agency in recipients if not reached(await readers_of(work, [agency.id]))]
    standing = await script_plans.latest(work, episode.id)
    version = 1 if standing is None else standing.version + 1
    plan = await _plan(work, episode, asked, version, [agency.name for agency in recipients])
    prepared = Prepared(episode, plan, missing, tuple(recipients), tuple(unreached), late=False)
    return replace(prepared, late=work.now > prepared.due_at)


async def _recipients(work: Work, episode: EpisodeRow, asked: Sequence[ChosenQuestionRow]) -> list[AgencyRow]:
    """List the agencies that get the plan, each once.

    Those that answer or coordinate, the guests' agencies, and the provincial office.
    """
    ids = [one.agency_id for row in asked for one in await questions.assigned(work, row.id)]
    ids += [guest.agency_id for guest in await guests.coming(work, episode.id)]
    office = await agencies.by_code(work, work.programme.provincial_office)
    if office is not None:
        ids.append(office.id)
    found: dict[int, AgencyRow] = {}
    for agency_id in ids:
        agency = await _standing(work, await agencies.by_id(work, agency_id))
        found.setdefault(agency.id, agency)
    return list(found.values())


async def _standing(work: Work, agency: AgencyRow) -> AgencyRow:
    """Return the successor of an agency that has ended, where there is just one; else the agency."""
    today = work.programme.local(work.now).date()
    if agency.valid_to is None or agency.valid_to >= today:
        return agency
    successors = await agencies.successors(work, agency.id)
    return successors[0] if len(successors) == 1 else agency


async def _plan(
    work: Work,
    episode: EpisodeRow,
    asked: Sequence[ChosenQuestionRow],
    version: int,
    recipients: Sequence[str],
) -> ScriptPlan:
    say = words(DOCUMENT_LANGUAGE, work.programme.timezone)
    return ScriptPlan(
        programme=work.programme.name,
        province=work.programme.province,
        number=number_of(episode),
        title=episode.title,
        version=version,
        place_and_date=place_and_date(work.programme.province, work.programme.local(work.now).date()),
        purpose=paragraphs(episode.purpose),
        requirements=paragraphs(episode.requirements),
        questions=tuple([await _question(work, row) for row in asked]),
        guests=await _guests(work, episode),
        recording_time=say.when(recording_of(episode)),
        recording_place=episode.recording_place or NOT_YET,
        recording_manner=episode.recording_manner or NOT_YET,
        minutes=str(episode.minutes or NOT_YET),
        airings=tuple(_airing(say, row) for row in await airings_of(work, episode.id))
        or (PlannedAiring(NOT_YET, NOT_YET),),
        recipients=tuple(recipients),
    )


async def _question(work: Work, row: ChosenQuestionRow) -> PlannedQuestion:
    assigned = await questions.assigned(work, row.id)
    return PlannedQuestion(
        code=code_of(work, row),
        on_air=row.on_air or "",
        lead=next((one.agency_name for one in assigned if one.part == "lead"), NOT_YET),
        coordinating=tuple(one.agency_name for one in assigned if one.part == "coordinating"),
    )


async def _guests(work: Work, episode: EpisodeRow) -> tuple[PlannedGuest, ...]:
    found = await guests.lines_of(work, episode.id)
    return tuple(
        PlannedGuest(one.name, one.position, one.agency, one.instead_of) for one in found if not one.gone
    ) or (PlannedGuest(NOT_YET, "", NOT_YET),)


def _airing(say: Words, airing: Airing) -> PlannedAiring:
    repeat = say.label("episode.repeat") if airing.kind is AiringKind.REPEAT else ""
    return PlannedAiring(say.when(airing.starts_at), airing.channel, f", {repeat}" if repeat else "")


async def document_of(work: Work, prepared: Prepared) -> bytes:
    """Write the plan as a Word document.

    Raises `RuleViolation` with what is wrong with the office's template.
    """
    try:
        # Half a second of work, which must not keep everybody else waiting.
        return await asyncio.to_thread(
            script_plan_document, prepared.plan, work.programme.script_plan_template
        )
    except BrokenTemplate as broken:
        raise RuleViolation(Reason.TEMPLATE_BROKEN, what=str(broken)) from broken


def file_name(number: str, version: int) -> str:
    """Return "kich-ban-ky-12-2026.docx"; a later version has its number, too."""
    later = f"-ban-{version}" if version > 1 else ""
    return f"kich-ban-ky-{number.replace('/', '-')}{later}.docx"


def preview(prepared: Prepared) -> PlanPreview:
    """Make the notice that the editor reads with the document before sending."""
    episode = prepared.episode
    return PlanPreview(
        number=number_of(episode),
        title=episode.title,
        version=prepared.plan.version,
        recording_at=recording_of(episode),
        due_at=prepared.due_at,
        late=prepared.late,
        recipients=prepared.plan.recipients,
        unreached=prepared.unreached,
        missing=tuple(prepared.missing),
    )


async def send(work: Work, editor: Actor, which: int, fingerprint: str) -> PlanSent:
    """Send the plan to every officer and leader of the agencies.

    It replaces the plan before. Raises `RuleViolation` where it is not what the editor has seen (`fingerprint`).
    """
    prepared = await prepare(work, editor, which, lock=True)
    if prepared.fingerprint != fingerprint:
        raise RuleViolation(Reason.PLAN_CHANGED, number=number_of(prepared.episode))
    content = await document_of(work, prepared)
    episode, plan = prepared.episode, prepared.plan
    before = await script_plans.latest(work, episode.id)
    if before is not None:
        await _retire(work, before)
    plan_id = await script_plans.add(
        work, episode.id, plan.version, content, due_at=prepared.due_at, sent_by=editor.id
    )
    acknowledge_by = (await calendar_of(work)).due(work.now, ACKNOWLEDGE_DAYS)
    for agency in prepared.recipients:
        receipt_id = await script_plans.add_receipt(work, plan_id, agency.id, agency.name, acknowledge_by)
        receipt = await script_plans.receipt(work, receipt_id)
        assert receipt is not None
        for person in await readers_of(work, [agency.id]):
            await _hand_over(work, person, receipt, content, file_name(plan.number, plan.version))
    sent = PlanSent(
        number=number_of(episode),
        version=plan.version,
        due_at=prepared.due_at,
        late=prepared.late,
        recipients=plan.recipients,
        unreached=prepared.unreached,
        acknowledge_by=acknowledge_by,
    )
    await tell_role(work, Role.EDITOR, sent, besides=[editor.id])
    return sent


async def _retire(work: Work, plan: PlanRow) -> None:
    """Replace an older plan: its receipts are replaced, its messages lose their buttons."""
    for receipt in await script_plans.receipts_of(work, plan.id):
        if receipt.replaced_at is None:
            for person in await readers_of(work, [receipt.agency_id]):
                row = await outbox.latest_as(work, plan_key(plan.episode_id, receipt.agency_id, person))
                if row is not None and row.content.get("buttons"):
                    await notify.take_buttons_away(work, person, edit_of=row.id)
    await script_plans.replace_receipts(work, plan.id)


async def _hand_over(work: Work, person: PersonRow, receipt: ReceiptRow, content: bytes, name: str) -> None:
    notice, buttons = await _arrived(work, receipt)
    key = plan_key(receipt.episode_id, receipt.agency_id, person)
    await notify.tell_with_document(work, person, notice, content, name, buttons, supersedes=key)


async def _arrived(work: Work, receipt: ReceiptRow) -> tuple[PlanArrived, Keyboard]:
    """Make the message of an agency's people: the plan, with their receipt as it stands."""
    episode = await find(work, receipt.episode_id)
    plan = await script_plans.by_id(work, receipt.plan_id)
    assert plan is not None
    own = await guests.coming(work, episode.id, receipt.agency_id)
    by = await people.by_id(work, receipt.acknowledged_by) if receipt.acknowledged_by else None
    notice = PlanArrived(
        number=number_of(episode),
        title=episode.title,
        agency=receipt.agency_name,
        version=plan.version,
        recording_at=recording_of(episode),
        recording_place=episode.recording_place or "",
        late=plan.sent_at > plan.due_at,
        guests=tuple(guest.name for guest in own),
        acknowledge_by=receipt.due_at,
        acknowledged_by="" if by is None else by.full_name or by.display_name,
        acknowledged_at=receipt.acknowledged_at,
    )
    rows: list[list[Button]] = []
    if receipt.acknowledged_at is None:
        rows.append([Button("button.plan_received", Act.PLAN_ACKNOWLEDGE, (receipt.id,))])
    if own:
        rows.append([Button("button.substitute", Act.PLAN_SUBSTITUTE, (receipt.id,))])
    return notice, rows


# --- the agency -------------------------------------------------------------------------------------------------


async def own_receipt(work: Work, actor: Actor, receipt_id: int | None) -> ReceiptRow:
    """Return a receipt of somebody's own agency, of the present plan.

    Raises `RuleViolation`.
    """
    receipt = None if receipt_id is None else await script_plans.receipt(work, receipt_id)
    if receipt is None or receipt.agency_id not in actor.agencies(Role.OFFICER, Role.LEADER):
        raise RuleViolation(Reason.STALE_BUTTON)
    if receipt.replaced_at is not None:
        raise RuleViolation(Reason.PLAN_REPLACED, number=number_of(await find(work, receipt.episode_id)))
    return receipt


async def acknowledge(work: Work, actor: Actor, receipt_id: int | None) -> ReceiptRow:
    """Acknowledge the plan for an agency; one person's tap is enough.

    The messages of the agency's other people say who did. Raises `RuleViolation` (already done) when somebody was
    quicker.
    """
    receipt = await own_receipt(work, actor, receipt_id)
    if not await script_plans.acknowledge(work, receipt.id, actor.id):
        raise RuleViolation(Reason.ALREADY_DONE)
    done = await own_receipt(work, actor, receipt.id)
    await refresh(work, done)
    plan = await script_plans.by_id(work, done.plan_id)
    assert plan is not None
    sender = await people.by_id(work, plan.sent_by)
    by = actor.person.full_name or actor.person.display_name
    number = number_of(await find(work, done.episode_id))
    await tell(work, sender, PlanAcknowledged(number=number, agency=done.agency_name, by=by))
    return done


async def refresh(work: Work, receipt: ReceiptRow) -> None:
    """Bring the messages with the plan up to date, for everybody at the agency."""
    notice, buttons = await _arrived(work, receipt)
    for person in await readers_of(work, [receipt.agency_id]):
        row = await outbox.latest_as(work, plan_key(receipt.episode_id, receipt.agency_id, person))
        if row is not None:
            await notify.rewrite(work, person, notice, buttons, edit_of=row.id)


async def guests_changed(work: Work, episode_id: int, agency_id: int) -> None:
    """Bring the plan's messages at an agency up to date after a change of guests."""
    plan = await script_plans.latest(work, episode_id)
    for row in [] if plan is None else await script_plans.receipts_of(work, plan.id):
        if row.agency_id == agency_id:
            receipt = await script_plans.receipt(work, row.id)
            assert receipt is not None
            await refresh(work, receipt)


async def show_again(work: Work, actor: Actor, receipt_id: int | None) -> None:
    """Send the plan once more to somebody of an agency that got it.

    Raises `RuleViolation`.
    """
    receipt = await own_receipt(work, actor, receipt_id)
    plan = await script_plans.by_id(work, receipt.plan_id)
    assert plan is not None
    content = await script_plans.document(work, receipt.plan_id)
    name = file_name(number_of(await find(work, receipt.episode_id)), plan.version)
    earlier = await outbox.latest_as(work, plan_key(receipt.episode_id, receipt.agency_id, actor.person))
    if earlier is not None and earlier.content.get("buttons"):
        await notify.take_buttons_away(work, actor.person, edit_of=earlier.id)
    await _hand_over(work, actor.person, receipt, content, name)
