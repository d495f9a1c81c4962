"""The words of what subscribers hear: airings, changes, links, answers, digests.

Read when a delivery is about to go out, so that all of it is up to date. What is the same for everybody is worked out
once for the deliveries of one transaction (`Work.memo`): 100,000 recipients share it.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from domain.airings.schedule import Airing, AiringKind, AiringStatus
from domain.broadcasts.broadcasts import BroadcastKind
from domain.episodes.episodes import EpisodeNumber
from domain.questions.life import HIDDEN
from domain.subscribers.topics import AIRINGS, Topic, field_topic
from domain.vietnamese.text import excerpt
from messages.buttons import Act, Button, Keyboard, LinkButton
from messages.notice import Notice
from messages.notices.subscribers import (
    AiringChanged,
    AiringsAnnounced,
    AnnouncedAiring,
    AnswerAnnounced,
    ChangedAiring,
    LinkAnnounced,
    NewAnswer,
    NewLink,
    SubscriberDigest,
)
from messages.words import Words
from services.airings.schedule import airing_of, airings_between
from services.broadcasts import holding
from services.notify import words_for
from services.questions import publication
from services.questions.case import code_of
from storage.agencies import agencies
from storage.airings import airings
from storage.engine.database import Work
from storage.questions import questions
from storage.rows import BroadcastRow, PersonRow, QuestionRow
from storage.subscribers import announcements, subscriptions
from storage.subscribers.announcements import AnnouncedLinkRow

TOPICS = 5  # questions named in the announcement of an airing
TOPIC = 120  # characters of each
ASKED, ANSWERED = 200, 700  # characters of a published question and answer
AIRINGS_TOLD = 10  # in one message: a day has a handful
DIGEST_LINKS, DIGEST_ANSWERS, DIGEST_AIRINGS = 6, 8, 6  # so that the longest is one message
DIGEST_LINE = 120
DIGEST_DAYS = 14  # what was new before that is old news to who comes back
TOLD_OF_ANSWER = 500  # askers of one question who are left out of its announcement

T = TypeVar("T")


@dataclass(frozen=True)
class News:
    """What a broadcast says in one language.

    `shared`: to all alike. `not_for`: people who have heard it already.
    """

    notice: Notice
    buttons: Keyboard = ()
    not_for: frozenset[int] = frozenset()
    shared: bool = True


async def news(work: Work, broadcast: BroadcastRow, person: PersonRow) -> News | None:
    """Return what an automatic broadcast says to somebody.

    None where nothing is to be said any more, or not to them.
    """
    if broadcast.kind == BroadcastKind.DIGEST:
        until = datetime.fromisoformat(broadcast.content["until"])
        late = work.programme.local(work.now).date().isoformat() != broadcast.content["day"]
        found = await digest(work, person, until, late=late)
        return None if found is None else News(found, shared=False)
    say = words_for(work, person)
    told = await _once(
        work,
        ("news", broadcast.id, say.language),
        lambda: _NEWS[BroadcastKind(broadcast.kind)](work, broadcast, say),
    )
    return None if told is None or person.id in told.not_for else told


async def _once(work: Work, key: tuple[object, ...], find: Callable[[], Awaitable[T]]) -> T:
    """Find once what many deliveries of one transaction need."""
    if key not in work.memo:
        work.memo[key] = await find()
    found: T = work.memo[key]
    return found


# --- airings ---------------------------------------------------------------------------------------------------


async def _airings(work: Work, broadcast: BroadcastRow, say: Words) -> News | None:
    """Return the airings of the day, or minute, as they stand now, without cancelled or moved ones."""
    content = broadcast.content
    evening = "day" in content
    at = None if evening else datetime.fromisoformat(content["starts_at"])
    day = work.programme.local(at).date() if at is not None else date.fromisoformat(content["day"])
    coming = [one for one in await _coming(work, day, day) if at is None or one.starts_at == at]
    if not coming:
        return None
    ids = {one.episode_id for one in coming if one.episode_id is not None}
    return News(
        AiringsAnnounced(
            evening=evening,
            airings=await _rows(work, coming[:AIRINGS_TOLD]),
            topics=await _topics(work, ids, say),
        )
    )


async def _coming(work: Work, first: date, last: date) -> list[Airing]:
    return [
        one
        for one in await airings_between(work, first, last)
        if one.status is not AiringStatus.CANCELLED and one.starts_at > work.now
    ]


async def _rows(work: Work, found: Iterable[Airing]) -> tuple[AnnouncedAiring, ...]:
    """Return airings as they are announced, in the same order."""
    found = list(found)
    known = await airings.episodes_by_id(
        work, {one.episode_id for one in found if one.episode_id is not None}
    )
    rows = []
    for one in found:
        episode = None if one.episode_id is None else known[one.episode_id]
        rows.append(
            AnnouncedAiring(
                starts_at=one.starts_at,
                channel=one.channel,
                repeat=one.kind is AiringKind.REPEAT,
                episode="" if episode is None else str(EpisodeNumber(episode.year, episode.number)),
                title="" if episode is None else await _fit(work, episode.title),
            )
        )
    return tuple(rows)


async def _topics(work: Work, episode_ids: set[int], say: Words) -> tuple[str, ...]:
    """Return the questions in their wording on air; the field's name where there is none yet."""
    named = await _field_names(work, say)
    found = []
    for row in await announcements.on_air(work, episode_ids):
        said = await _fit(work, row.on_air or "")
        found.append(excerpt(said, TOPIC) if said else named.get(row.field_code, ""))
    return tuple(dict.fromkeys(topic for topic in found if topic))[:TOPICS]


async def _fit(work: Work, text: str) -> str:
    """Return an editor's words for an announcement; "" where somebody else would have to agree first."""
    return text if await holding.is_fit(work, text) else ""


async def _field_names(work: Work, say: Words) -> dict[str, str]:
    async def find() -> dict[str, str]:
        return {row.code: str(say.either(row.name, row.name_en)) for row in await agencies.all_fields(work)}

    return await _once(work, ("fields", say.language), find)


async def _changed(work: Work, broadcast: BroadcastRow, say: Words) -> News | None:
    """Return what was moved, cancelled or added, without what is over or changed again since."""
    content = broadcast.content
    changed, concerned = [], []
    for fact in (content, *content.get("repeats", ())):
        old, new = (datetime.fromisoformat(at) if (at := fact[key]) else None for key in ("old", "new"))
        airing = await airing_of(work, fact["key"])
        if airing is None or max(at for at in (old, new) if at is not None) <= work.now:
            continue
        if airing.on_air_at == new:
            changed.append(
                ChangedAiring(
                    old=old, new=new, channel=airing.channel, repeat=airing.kind is AiringKind.REPEAT
                )
            )
            concerned.append(airing)
    if not changed:
        return None
    first, *_ = await _rows(work, concerned)
    return News(
        AiringChanged(
            airings=tuple(changed[:AIRINGS_TOLD]),
            episode=first.episode,
            title=first.title,
            reason=content.get("reason") or "",
        )
    )


# --- links and answers -------------------------------------------------------------------------------------------


async def _link(work: Work, broadcast: BroadcastRow, say: Words) -> News | None:
    link = await announcements.link(work, broadcast.content["link_id"])
    if link is None:
        return None
    return News(
        LinkAnnounced(
            kind=link.kind,
            episode=str(EpisodeNumber(link.year, link.number)),
            title=await _fit(work, link.title),
            topics=await _topics(work, {link.episode_id}, say),
        ),
        [[LinkButton(say.label(f"link_kind.{link.kind}"), link.url)]],
    )


async def _answer(work: Work, broadcast: BroadcastRow, say: Words) -> News | None:
    """Return a published answer, while it is public; not for its askers, who have it already."""
    question = await questions.by_id(work, broadcast.content["question_id"])
    if question is None or question.secrecy in HIDDEN:
        return None
    if broadcast.content.get("answer_id", question.answer_id) != question.answer_id:
        return None  # corrected since: that is announced by itself
    public = await publication.published_text(work, question)
    if public is None:
        return None
    lead = await agencies.lead_of(work, question)
    same = await questions.duplicates_of(work, question.id)
    return News(
        AnswerAnnounced(
            code=code_of(work, question),
            field=(await _field_names(work, say)).get(question.field_code or "", ""),
            question=excerpt(public.question or "…", ASKED),
            agency=lead.name,
            answer=excerpt(public.answer or "…", ANSWERED),
        ),
        [[Button("button.read_answer", Act.TRACK, (question.id,))]],
        frozenset(one.asker_id for one in (question, *same[:TOLD_OF_ANSWER])),
    )


# --- digests ---------------------------------------------------------------------------------------------------


async def digest(work: Work, person: PersonRow, until: datetime, *, late: bool = False) -> Notice | None:
    """Return what is new in somebody's subscriptions since their last digest, or None."""
    topics = await subscriptions.topics_of(work, person.id)
    how = await subscriptions.manner(work, person.id)
    since = max(until - timedelta(days=DIGEST_DAYS), (how and how.digested_until) or until)
    say = words_for(work, person)

    def is_new(topic: str, at: datetime) -> bool:
        return topic in topics and at > since and at >= topics[topic]

    new_links = [row for row in await _new_links(work, until) if is_new(Topic.LINKS, row.added_at)]
    new_answers = [
        row
        for row in await _new_answers(work, until)
        if row.field_code is not None
        and row.published_at is not None
        and is_new(field_topic(row.field_code), row.published_at)
        and row.asker_id != person.id  # who has it already
    ]
    coming = [] if topics.keys().isdisjoint(AIRINGS) else await _coming_soon(work)
    tomorrow = work.programme.local(work.now).date() + timedelta(days=1)
    starts = any(late or work.programme.local(one.starts_at).date() == tomorrow for one in coming)
    if not (new_links or new_answers or starts):
        return None
    return SubscriberDigest(
        airings=tuple(coming[:DIGEST_AIRINGS]),
        links=tuple(
            [
                NewLink(
                    kind=row.kind,
                    episode=str(EpisodeNumber(row.year, row.number)),
                    title=await _fit(work, row.title),
                    url=row.url,
                )
                for row in new_links[-DIGEST_LINKS:]
            ]
        ),
        more_links=max(0, len(new_links) - DIGEST_LINKS),
        answers=tuple(
            [
                NewAnswer(
                    code=code_of(work, row),
                    field=(await _field_names(work, say)).get(row.field_code or "", ""),
                    question=await _asked(work, row),
                )
                for row in new_answers[:DIGEST_ANSWERS]
            ]
        ),
        more_answers=max(0, len(new_answers) - DIGEST_ANSWERS),
    )


async def _new_links(work: Work, until: datetime) -> list[AnnouncedLinkRow]:
    since = until - timedelta(days=DIGEST_DAYS)
    return await _once(work, ("new links", until), lambda: announcements.links_since(work, since, until))


async def _new_answers(work: Work, until: datetime) -> list[QuestionRow]:
    since = until - timedelta(days=DIGEST_DAYS)
    return await _once(
        work, ("new answers", until), lambda: announcements.published_since(work, since, until)
    )


async def _coming_soon(work: Work) -> list[AnnouncedAiring]:
    """Return the airings from now to the end of tomorrow."""

    async def find() -> list[AnnouncedAiring]:
        today = work.programme.local(work.now).date()
        return list(await _rows(work, await _coming(work, today, today + timedelta(days=1))))

    return await _once(work, ("coming",), find)


async def _asked(work: Work, question: QuestionRow) -> str:
    """Return the beginning of a published question, or of its answer where only that is public."""

    async def find() -> str:
        public = await publication.published_text(work, question)
        said = (public and (public.question or public.answer)) or ""
        return excerpt(await _fit(work, said) or "…", DIGEST_LINE)

    return await _once(work, ("asked", question.id), find)


_NEWS: dict[BroadcastKind, Callable[[Work, BroadcastRow, Words], Awaitable[News | None]]] = {
    BroadcastKind.AIRING: _airings,
    BroadcastKind.AIRING_CHANGED: _changed,
    BroadcastKind.LINK: _link,
    BroadcastKind.ANSWER: _answer,
}
