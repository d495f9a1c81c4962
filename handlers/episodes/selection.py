"""The questions of an episode: choosing, wording for the air, order, leaving out."""

from dataclasses import dataclass

from channels.incoming import Message
from domain.episodes.episodes import EpisodeNumber
from domain.errors import Reason, RuleViolation
from domain.questions.codes import Code
from handlers.chat.prompting import CANCEL, ask_for, end_text_step
from handlers.chat.registry import press, step
from handlers.chat.steps import QuestionStep
from handlers.chat.turn import Turn, leave_step, rewrite_pressed, take_pressed_buttons_away
from handlers.chat.typed import code_at_front, id_of, typed_text
from handlers.episodes.verbs import EpisodeStep, episode_verb
from messages.buttons import Act, Button, Keyboard, Press
from messages.keyboards import in_rows, turn_rows
from messages.notice import Notice
from messages.notices.episodes import LeavingOutAsked
from messages.words import plain
from services.agencies import naming
from services.episodes import episodes, selection
from services.episodes.card import YEAR, candidates_button
from services.episodes.selection import CandidateFilter
from services.questions.case import code_of
from storage.agencies import agencies
from storage.rows import EpisodeRow

ASKED_BY = (1, 2, 5)  # at least so many people: each press takes the next
DAYS = (YEAR, 0, 30, 90)  # of age at most; 0 is any
LAST_PAGE = 50  # who has not found it by then narrows the list


# --- candidates -------------------------------------------------------------------------------------------------


@episode_verb("candidates")
async def candidates_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 ứng viên [lĩnh vực]`."""
    code = (await naming.field_named(turn.work, words)).code if words else None
    episode = await episodes.find(turn.work, number)
    notice, buttons, shown = await _candidates(turn, episode, CandidateFilter(field_code=code, days=YEAR), 1)
    await turn.reply(notice, buttons, shows=shown)


@press(Act.CANDIDATES)
async def candidates_pressed(turn: Turn, pressed: Press) -> None:
    """Show candidates.

    From the card as a new message; filters and pages rewrite the list.
    """
    episode, wanted, page = await _wanted(turn, pressed)
    notice, buttons, shown = await _candidates(turn, episode, wanted, page)
    if pressed.word(5):
        await rewrite_pressed(turn, notice, buttons, shows=shown)
    else:
        await turn.reply(notice, buttons, shows=shown)


async def _wanted(turn: Turn, pressed: Press) -> tuple[EpisodeRow, CandidateFilter, int]:
    place, asked_by, days, page = (pressed.number(at) for at in range(1, 5))
    fields = await agencies.all_fields(turn.work)
    if place is None or place > len(fields) or not asked_by or days is None or not page:
        raise RuleViolation(Reason.STALE_BUTTON)
    if asked_by not in ASKED_BY or days not in DAYS or page > LAST_PAGE:
        raise RuleViolation(Reason.STALE_BUTTON)
    episode = await episodes.find(turn.work, id_of(pressed))
    return episode, CandidateFilter(fields[place - 1].code if place else None, asked_by, days), page


async def _candidates(
    turn: Turn, episode: EpisodeRow, wanted: CandidateFilter, page: int
) -> tuple[Notice, Keyboard, list[int]]:
    notice, rows, more = await selection.candidates_for(turn.work, turn.actor, episode.id, wanted, page)
    fields = [field.code for field in await agencies.all_fields(turn.work)]
    place = fields.index(wanted.field_code) + 1 if wanted.field_code in fields else 0
    own = fields.index(episode.field_code) + 1 if episode.field_code in fields else 0

    def to(place: int, asked_by: int, days: int, page: int) -> tuple[str | int, ...]:
        return (episode.id, place, asked_by, days, page, "x")

    here = to(place, wanted.asked_by, wanted.days, page)[:-1]
    take = [
        Button("button.take_in", Act.TAKE_IN, (*here, row.id), detail=code_of(turn.work, row)) for row in rows
    ]
    turns = turn_rows(
        Act.CANDIDATES,
        lambda other: to(place, wanted.asked_by, wanted.days, other),
        page,
        more=more and page < LAST_PAGE,
    )
    filters: list[Button] = []
    if own:
        label, where = ("button.any_field", 0) if place else ("button.own_field", own)
        filters.append(Button(label, Act.CANDIDATES, to(where, wanted.asked_by, wanted.days, 1)))
    asked_by, days = _next(ASKED_BY, wanted.asked_by), _next(DAYS, wanted.days)
    filters += [
        Button("button.asked_by", Act.CANDIDATES, to(place, asked_by, wanted.days, 1), detail=str(asked_by)),
        Button("button.days_old", Act.CANDIDATES, to(place, wanted.asked_by, days, 1), detail=str(days))
        if days
        else Button("button.any_age", Act.CANDIDATES, to(place, wanted.asked_by, 0, 1)),
    ]
    rows_ = [*in_rows(take), *turns, filters, [_chosen_button(episode.id)]]
    return notice, rows_, [row.id for row in rows]


def _next(values: tuple[int, ...], now: int) -> int:
    return values[(values.index(now) + 1) % len(values)]


def _chosen_button(episode_id: int) -> Button:
    return Button("button.episode_questions", Act.EPISODE_QUESTIONS, (episode_id,))


@press(Act.TAKE_IN)
async def take_in_pressed(turn: Turn, pressed: Press) -> None:
    """Choose a candidate; it leaves the list, which stays where it is."""
    episode, wanted, page = await _wanted(turn, pressed)
    case = await selection.choose(turn.work, turn.actor, episode.id, id_of(pressed, 5))
    notice, buttons, shown = await _candidates(turn, episode, wanted, page)
    await rewrite_pressed(turn, notice, buttons, shows=shown)
    turn.show(f"{turn.words.label('toast.taken_in')} {case.code}")


@episode_verb("choose")
async def take_in_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """Choose all of the typed questions, or none: `/kyphat 12/2026 chọn MÃ MÃ…`.

    Without a code: show what there is to choose from.
    """
    if not words:
        await candidates_typed(turn, number, "")
        return
    refused, alone = [], not code_at_front(turn, words, "kyphat")[1]
    while words:
        code, words = code_at_front(turn, words, "kyphat")
        try:
            await selection.choose(turn.work, turn.actor, number, code)
        except RuleViolation as violation:
            if alone:
                raise
            typed = code.written(turn.work.programme.code_prefix) if code.year_said else str(code.number)
            refused.append((typed, plain(turn.words.refusal(violation))))
    if refused:
        raise RuleViolation(Reason.NOT_ALL_CHOSEN, refused=tuple(refused))
    await _show_questions(turn, number)


# --- the chosen ones ------------------------------------------------------------------------------------------------


@episode_verb("questions")
async def questions_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    await _show_questions(turn, number)


@press(Act.EPISODE_QUESTIONS)
async def questions_pressed(turn: Turn, pressed: Press) -> None:
    await _show_questions(turn, id_of(pressed))


async def _show_questions(turn: Turn, which: EpisodeNumber | int) -> None:
    notice, buttons, shown = await _questions(turn, which)
    await turn.reply(notice, buttons, shows=shown)


async def _questions(turn: Turn, which: EpisodeNumber | int) -> tuple[Notice, Keyboard, list[int]]:
    notice, rows = await selection.chosen_questions(turn.work, turn.actor, which)
    episode = await episodes.find(turn.work, which)
    buttons: list[list[Button]] = []
    for place, row in enumerate(rows, start=1):
        args = (episode.id, row.id)
        line = [Button("button.on_air", Act.ON_AIR, args, detail=str(place))]
        if place > 1:
            line.append(Button("button.move_up", Act.MOVE_UP, args, detail=str(place)))
        line.append(Button("button.leave_out", Act.LEAVE_OUT, args, detail=str(place)))
        buttons.append(line)
    buttons.append([candidates_button(episode.id)])
    return notice, buttons, [row.id for row in rows]


@press(Act.MOVE_UP)
async def move_up_pressed(turn: Turn, pressed: Press) -> None:
    await selection.move_up(turn.work, turn.actor, id_of(pressed), id_of(pressed, 1))
    notice, buttons, shown = await _questions(turn, id_of(pressed))
    await rewrite_pressed(turn, notice, buttons, shows=shown)


@episode_verb("order")
async def order_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 thứ tự MÃ 1`: put a question at a place."""
    code, place = code_at_front(turn, words, "kyphat")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        raise RuleViolation(Reason.EPISODE_USAGE)
    await selection.put_at(turn.work, turn.actor, number, code, int(place))
    await _show_questions(turn, number)


@dataclass(frozen=True, kw_only=True)
class ChosenStep(QuestionStep, EpisodeStep):
    """A step about a question of an episode."""


# --- words for the air ------------------------------------------------------------------------------------------


@press(Act.ON_AIR)
async def on_air_pressed(turn: Turn, pressed: Press) -> None:
    await _ask_for_words(turn, id_of(pressed), id_of(pressed, 1))


async def _ask_for_words(turn: Turn, which: EpisodeNumber | int, question: Code | int) -> None:
    notice, case, episode = await selection.on_air_asked(turn.work, turn.actor, which, question)
    args = (episode.id, case.question.id)
    await ask_for(
        turn,
        "episode_on_air",
        notice,
        ChosenStep(episode=episode.id, question=case.question.id),
        [[Button("button.on_air_proposed", Act.ON_AIR_PROPOSED, args)], CANCEL],
        shows=[case.question.id],
    )


@step("episode_on_air", holds=ChosenStep)
async def on_air_typed(turn: Turn, message: Message, held: ChosenStep) -> None:
    await selection.word(turn.work, turn.actor, held.episode, held.question, typed_text(message))
    await end_text_step(turn, held)
    await _show_questions(turn, held.episode)


@press(Act.ON_AIR_PROPOSED)
async def proposed_pressed(turn: Turn, pressed: Press) -> None:
    episode_id, question_id = id_of(pressed), id_of(pressed, 1)
    await selection.word_as_proposed(turn.work, turn.actor, episode_id, question_id)
    await leave_step(turn, "episode_on_air")
    await take_pressed_buttons_away(turn)
    await _show_questions(turn, episode_id)


@episode_verb("words")
async def words_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 lời MÃ [lời trên sóng]`: word a question for the air."""
    code, text = code_at_front(turn, words, "kyphat")
    if not text:
        await _ask_for_words(turn, number, code)
        return
    await selection.word(turn.work, turn.actor, number, code, text)
    await _show_questions(turn, number)


# --- leaving out ------------------------------------------------------------------------------------------------


@press(Act.LEAVE_OUT)
async def leave_out_pressed(turn: Turn, pressed: Press) -> None:
    notice, case, episode = await selection.on_air_asked(
        turn.work, turn.actor, id_of(pressed), id_of(pressed, 1)
    )
    asked = LeavingOutAsked(number=notice.number, code=notice.code)
    held = ChosenStep(episode=episode.id, question=case.question.id)
    await ask_for(turn, "episode_leave_out", asked, held)


@step("episode_leave_out", holds=ChosenStep)
async def why_typed(turn: Turn, message: Message, held: ChosenStep) -> None:
    await selection.leave_out(turn.work, turn.actor, held.episode, held.question, typed_text(message))
    await end_text_step(turn, held)
    await _show_questions(turn, held.episode)


@episode_verb("leave_out")
async def leave_out_typed(turn: Turn, number: EpisodeNumber, words: str) -> None:
    """`/kyphat 12/2026 bỏ MÃ lý do`: leave a question out."""
    code, why = code_at_front(turn, words, "kyphat")
    await selection.leave_out(turn.work, turn.actor, number, code, why)
    await _show_questions(turn, number)
