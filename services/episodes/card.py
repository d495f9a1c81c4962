"""The card of an episode, with a button for everything an editor can do."""

from domain.vietnamese.text import excerpt
from messages.buttons import Act, Button, Key, Keyboard
from messages.notices.episodes import CardQuestion, EpisodeAiring, EpisodeCard, PlanReceipt
from services.episodes import guests, script_plans
from services.episodes.episodes import number_of
from services.episodes.links import link_buttons
from services.people.actors import Actor, require_editor
from services.questions.case import code_of
from storage.agencies import agencies
from storage.engine.database import Work
from storage.episodes import episodes
from storage.episodes import script_plans as stored_plans
from storage.episodes.episodes import ChosenQuestionRow
from storage.questions import entries
from storage.rows import EpisodeRow

TEXT = 400  # characters of the purpose and of the requirements
QUESTION = 160  # of each question
YEAR = 365  # days


async def episode_card(
    work: Work, editor: Actor, episode: EpisodeRow
) -> tuple[EpisodeCard, Keyboard, list[int]]:
    """Return the card, its buttons, and the questions whose words it shows.

    Raises `RuleViolation` for anybody but editors.
    """
    require_editor(editor)
    asked = await episodes.questions_of(work, episode.id)
    plan = await stored_plans.latest(work, episode.id)
    receipts = [] if plan is None else await stored_plans.receipts_of(work, plan.id)
    field = await agencies.field(work, episode.field_code) if episode.field_code else None
    missing = () if episode.recorded_at is not None else await script_plans.missing_of(work, episode, asked)
    notice = EpisodeCard(
        number=number_of(episode),
        title=episode.title,
        field=None if field is None else field.name,
        purpose=excerpt(episode.purpose or "", TEXT),
        requirements=excerpt(episode.requirements or "", TEXT),
        minutes=episode.minutes,
        recording_at=episode.recording_at,
        recording_place=episode.recording_place or "",
        recording_manner=episode.recording_manner or "",
        recorded_at=episode.recorded_at,
        airings=tuple(
            EpisodeAiring(starts_at=row.starts_at, channel=row.channel, kind=row.kind)
            for row in await script_plans.airings_of(work, episode.id)
        ),
        questions=tuple([await _question(work, row) for row in asked]),
        fallen_out=await episodes.count_fallen_out(work, episode.id),
        guests=await guests.lines_of(work, episode.id),
        plan_due_at=episode.plan_due_at,
        plan_overdue=plan is None
        and episode.recorded_at is None
        and episode.plan_due_at is not None
        and episode.plan_due_at < work.now,
        plan_version=0 if plan is None else plan.version,
        plan_sent_at=None if plan is None else plan.sent_at,
        plan_late=plan is not None and plan.sent_at > plan.due_at,
        plan_taken_back=bool(receipts) and all(one.replaced_at is not None for one in receipts),
        receipts=tuple(
            PlanReceipt(agency=one.agency_name, by=one.by_name or "", at=one.acknowledged_at)
            for one in receipts
        ),
        missing=tuple(missing),
    )
    return notice, episode_buttons(episode), await episodes.question_ids(work, episode.id)


async def _question(work: Work, row: ChosenQuestionRow) -> CardQuestion:
    lead = await agencies.by_id(work, row.lead_agency_id) if row.lead_agency_id else None
    words = row.on_air or await entries.question_text(work, row.id)
    return CardQuestion(
        code=code_of(work, row),
        words=excerpt(words, QUESTION),
        lead="" if lead is None else lead.short_name,
        worded=bool(row.on_air),
    )


def episode_buttons(episode: EpisodeRow) -> list[list[Key]]:
    """Lay out what an editor can do with an episode."""
    id_ = episode.id
    rows: list[list[Key]] = [
        [
            candidates_button(id_),
            Button("button.episode_questions", Act.EPISODE_QUESTIONS, (id_,)),
        ],
        [
            Button("button.guests", Act.GUESTS, (id_,)),
            Button("button.episode_parts", Act.EPISODE_PARTS, (id_,)),
        ],
        [Button("button.script_plan", Act.SCRIPT_PLAN, (id_,))],
    ]
    if episode.recorded_at is None:
        rows[-1].append(Button("button.recorded", Act.RECORDED, (id_,)))
    return [*rows, *link_buttons(episode)]


def candidates_button(episode_id: int) -> Button:
    """Make the button to the candidates.

    The first page: of every field, from one asker on, of the last year.
    """
    return Button("button.candidates", Act.CANDIDATES, (episode_id, 0, 1, YEAR, 1))


def episode_button(episode_id: int, number: str) -> Button:
    """Make the button that opens an episode."""
    return Button("button.episode", Act.EPISODE, (episode_id,), detail=number)
