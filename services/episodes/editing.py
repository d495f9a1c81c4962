"""Editing an episode.

A new time of recording gives the script plan another due time.
"""

from domain.episodes.episodes import EpisodeNumber, EpisodePart
from domain.errors import Reason, RuleViolation
from messages.notices.episodes import RecordingMoved
from services.calendar.working_days import calendar_of
from services.episodes.episodes import find, number_of, read_part
from services.episodes.script_plan_readers import readers_of
from services.notify import tell
from services.people.actors import Actor, require_editor
from storage.engine.database import Work
from storage.episodes import episodes, script_plans
from storage.rows import EpisodeRow


async def change(
    work: Work, editor: Actor, which: EpisodeNumber | int, part: EpisodePart, typed: str
) -> EpisodeRow:
    """Set one part of an episode from what somebody typed.

    Another recording gives the plan another day; whoever has the plan is told. Raises `RuleViolation` for what can't
    be read.
    """
    require_editor(editor)
    before = await find(work, which, lock=True)
    changes = await read_part(work, part, typed)
    if "recording_at" in changes:
        calendar = await calendar_of(work)
        days = work.programme.script_plan_days
        changes["plan_due_at"] = calendar.due_before(changes["recording_at"], days)
    await episodes.update(work, before.id, **changes)
    after = await find(work, before.id)
    if before.recording_at is not None and before.recording_at != after.recording_at:
        await _recording_moved(work, before, after)
    return after


async def _recording_moved(work: Work, before: EpisodeRow, after: EpisodeRow) -> None:
    plan = await script_plans.latest(work, after.id)
    if plan is None:
        return
    assert before.recording_at is not None
    assert after.recording_at is not None
    assert after.plan_due_at is not None
    await script_plans.move_due(work, plan.id, after.plan_due_at)
    notice = RecordingMoved(
        number=number_of(after), title=after.title, old=before.recording_at, new=after.recording_at
    )
    agencies_told = [one.agency_id for one in await script_plans.receipts_of(work, plan.id)]
    for person in await readers_of(work, agencies_told):
        await tell(work, person, notice)


async def mark_recorded(work: Work, editor: Actor, which: EpisodeNumber | int) -> EpisodeRow:
    """Note that the episode is recorded; its plan is no longer chased.

    Raises `RuleViolation` (already done).
    """
    require_editor(editor)
    episode = await find(work, which, lock=True)
    if episode.recorded_at is not None:
        raise RuleViolation(Reason.ALREADY_DONE)
    await episodes.update(work, episode.id, recorded_at=work.now)
    return await find(work, episode.id)
