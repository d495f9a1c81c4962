"""Takes sent script plans back.

Plans with a question that is hidden now, or that name an erased person. Their words disappear from the chats of
people who may not read them, as far as the messenger lets us delete; the agencies get a new one without the question.
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from html import unescape
from io import BytesIO
from zipfile import ZipFile, is_zipfile

from domain.episodes.episodes import EpisodeNumber
from domain.questions.anonymise import unnamed
from domain.questions.life import Role
from messages.notices.episodes import PlanTakenBack
from services import notify
from services.episodes.script_plan_readers import readers_of
from services.notify import tell
from services.questions import publication
from services.questions.recall import known_of_asker, mask, with_originals
from services.recall import GONE, Recall, Stage, Why, outlet
from storage.delivery import outbox
from storage.engine.database import Work
from storage.episodes import script_plans
from storage.episodes.script_plans import NumberedPlanRow
from storage.people import roles
from storage.privacy import erasing
from storage.rows import PersonRow

_TAG = re.compile(r"<[^<>]*>")


@outlet("script plans", holds=("script_plans.document", "outbox.content"), why=[Why.HIDDEN])
async def take_back(work: Work, recall: Recall) -> None:
    """Take back sent plans with these questions, and unauthorised people's previews."""
    episodes = await script_plans.episodes_with(work, recall.ids)
    if not episodes:
        return
    reads_on = {reader.id for reader in await roles.readers_of_hidden(work)}
    for plan in await script_plans.with_questions(work, recall.ids):
        await _take_back(work, plan, reads_on)
    await _delete_previews(work, episodes, reads_on)


@outlet("script plans that name", holds=("script_plans.document", "outbox.content"), why=GONE)
async def take_back_naming(work: Work, recall: Recall) -> None:
    """Take back, from everybody, plans that name who asked.

    Editors word a question without its asker; somebody's name may have become known afterwards.
    """
    known = known_of_asker(recall)
    for question_id in with_originals(recall):
        episodes = await script_plans.episodes_with(work, [question_id])
        if not episodes:
            continue
        theirs = await publication.of_them_alone(work, recall.person, question_id, known)
        for plan in await script_plans.with_questions(work, [question_id]):
            if _names(await script_plans.document(work, plan.id), theirs):
                await _take_back(work, plan, set())
                await script_plans.blank_document(work, plan.id)
        await _delete_previews(work, episodes, set(), theirs)


@outlet(
    "episodes",
    holds=(
        "episodes.purpose",
        "episodes.requirements",
        "episode_guests.position",
        "episode_questions.on_air",
        "episode_questions.left_out_why",
    ),
    why=GONE,
    stage=Stage.WORDS,
)
async def mask_episodes(work: Work, recall: Recall) -> None:
    """Remove what points to who asked from the texts of episodes with their questions."""
    texts = await erasing.texts_about_on_air(work, with_originals(recall))
    await mask(work, texts, known_of_asker(recall))


def _names(document: bytes, known: Sequence[str]) -> bool:
    """Return whether a Word file holds one of these details of somebody."""
    if not is_zipfile(BytesIO(document)):
        return False
    with ZipFile(BytesIO(document)) as parts:
        xml = parts.read("word/document.xml").decode()
    text = unescape(_TAG.sub("", xml.replace("</w:p>", "\n")))
    return unnamed(text, *known) != text


async def _take_back(work: Work, plan: NumberedPlanRow, reads_on: set[int]) -> None:
    editors = await roles.holders(work, Role.EDITOR)
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


async def _delete_previews(
    work: Work, episode_ids: Sequence[int], reads_on: set[int], naming: Sequence[str] | None = None
) -> None:
    desk = [*await roles.holders(work, Role.EDITOR), *await roles.holders(work, Role.ADMIN)]
    for episode_id in episode_ids:
        for person in desk:
            if person.id not in reads_on:
                await _delete(work, person, preview_key(episode_id, person), naming)


async def _delete(work: Work, person: PersonRow, key: str, naming: Sequence[str] | None = None) -> None:
    """Delete the messages with this key; with `naming`, only those whose document names somebody."""
    for row in await outbox.all_as(work, key):
        if naming is not None and not _names(b64decode(row.content.get("data", "")), naming):
            continue
        dropped = await outbox.drop(work, row.id)
        await erasing.blank_messages(work, [row])
        if not dropped:
            await notify.take_back(work, person, edit_of=row.id)


def plan_key(episode_id: int, agency_id: int, person: PersonRow) -> str:
    """Return the key of somebody's message with the plan of an episode.

    A newer version replaces one that has not left.
    """
    return f"script:{episode_id}:{agency_id}:{person.id}"


def plan_of(key: str) -> int | None:
    """Return the agency whose plan a message of this key brings, or None."""
    parts = key.split(":")
    return int(parts[2]) if parts[0] == "script" else None


def preview_of(key: str) -> bool:
    """Return whether a message of this key is a preview of a plan."""
    return key.startswith("script-seen:")


def preview_key(episode_id: int, person: PersonRow) -> str:
    """Return the key of the preview of a plan that somebody looked at."""
    return f"script-seen:{episode_id}:{person.id}"
