"""Clears the chat of somebody whose role ended.

Cards, lists and files that they may no longer see lose their words and buttons. What has not left goes at once. What
they have before them is changed in pieces, newest first, the first at once and the rest by ticks: a chat takes one
message a second, and an officer may have thousands (docs/decisions/0027).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.privacy.consent import Consent
from domain.questions.life import HIDDEN, Capacity, Role
from messages.notice import Notice
from messages.notices.chat import ListChanged
from messages.notices.desk import HiddenCard
from messages.notices.staff import RoleOver
from services import notify
from services.deadlines import reminding
from services.episodes.recall import plan_of, preview_of
from services.ledger import digests
from services.people.actors import Actor, actor_of
from services.people.ended_roles import Phase, ends_with_role, step_that_ends
from services.questions.case import code_of, look_at
from storage.delivery import inbox, outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database, Work
from storage.people import consents, people
from storage.privacy import erasing, left_chats
from storage.questions import questions
from storage.rows import OutboxRow

PIECE = 20  # messages looked at in one transaction: a chat takes as many until the next tick
UNSENT = 50  # that are looked at one by one at once

_CHANGES = (outbox.EDIT, outbox.BUTTONS, outbox.DELETE, outbox.MENU)
_FILES = (outbox.FILE, outbox.ALBUM)
# `about` of what only the staff are told.
_OF_STAFF = ("card", outbox.LIST, reminding.ABOUT, digests.ABOUT)
_SHOWN = (OutboxState.SENDING, OutboxState.SENT, OutboxState.FORGOTTEN)


@ends_with_role(Phase.CHAT)
async def begin(work: Work, left: Actor, _by: int | None) -> None:
    """Begin to clear a chat after a role ended.

    `left` has the roles they still hold.
    """
    if left.person.address is None:
        return
    await inbox.blank_done(work, left.person.channel, left.person.address)  # replies quote cards
    if not left.is_staff:
        # Thousands may wait for who blocked the bot.
        await left_chats.drop_unsent(work, left.person, _OF_STAFF)
    clearing = _Clearing(work, left)
    unsent = await left_chats.unsent(work, left.person, UNSENT)
    shown = await outbox.shown_by(work, unsent)
    for row in unsent:
        await clearing.look_at(row, shown.get(row.id, []))
    await left_chats.begin(work, left.person)
    await _piece(work, clearing)


@ends_with_role(Phase.PROMPT)
async def take_prompt_back(work: Work, left: Actor, _by: int | None) -> None:
    """Blank the prompt of a step that ends with a role.

    It may already name who asks, and the matter.
    """
    step = await step_that_ends(work, left.id)
    prompt = None if step is None else step.data.get("prompt")
    if prompt is not None:
        await _Clearing(work, left).say(await outbox.by_id(work, prompt), RoleOver(code=""))


async def go_on(database: Database) -> int:
    """Clear the next piece of every chat that takes more.

    Returns how many messages were looked at.
    """
    done = 0
    async with database.reading() as work:
        waiting = await left_chats.people_waiting(work)
    for person_id in waiting:
        async with database.work() as work:
            person = await people.by_id(work, person_id)
            if person.address is None:  # erased meanwhile
                await left_chats.end(work, person_id)
            elif not await left_chats.is_busy(work, person, PIECE):
                done += await _piece(work, _Clearing(work, await actor_of(work, person)))
    return done


async def _piece(work: Work, clearing: "_Clearing") -> int:
    person = clearing.left.person
    rows = await left_chats.next_rows(work, person, PIECE)
    shown = await outbox.shown_by(work, rows)
    for row in rows:
        await clearing.look_at(row, shown.get(row.id, []))
    if len(rows) < PIECE:
        await left_chats.end(work, person.id)
    else:
        await left_chats.went_down_to(work, person.id, rows[-1].id)
    return len(rows)


@dataclass(frozen=True)
class _Standing:
    """What somebody may see now of one question, as one of the staff or as its asker."""

    code: str
    status: str
    staff: bool
    shut: bool  # a denunciation that they may not read
    asked: bool  # or asked the same
    contact: str | None  # of the asker, where they may not know it: at an agency, without consent


@dataclass
class _Clearing:
    """One chat being cleared, by what its person may see now."""

    work: Work
    left: Actor
    standings: dict[int, _Standing] = field(default_factory=dict)

    async def look_at(self, row: OutboxRow, shows: Sequence[int]) -> None:
        """Keep one message, or replace it by what may be seen now.

        It `shows` further questions.
        """
        if row.about == outbox.LIST:
            # The words of an old one are forgotten here, and with them what it showed.
            if not await self._all_theirs(shows) or (not shows and not self.left.is_staff):
                await self.say(row, ListChanged(), shows)
        elif row.kind in _CHANGES:
            return
        elif not await self._all_theirs(shows):
            await self.say(row, RoleOver(code=""), shows)
        elif row.question_id is not None:
            await self._of_question(row, await self._standing(row.question_id))
        elif self._is_over(row):
            await self.say(row, RoleOver(code=""))

    async def _all_theirs(self, question_ids: Sequence[int]) -> bool:
        """Return whether they may still see all these questions, as one of the staff or as an asker."""
        standings = [await self._standing(one) for one in question_ids]
        return all(one.asked or (one.staff and not one.shut) for one in standings)

    async def _of_question(self, row: OutboxRow, now: _Standing) -> None:
        if now.staff and not now.shut and not (now.contact and now.contact in row.content.get("html", "")):
            return
        if row.about != "card" and now.asked:
            return  # told to them as who asked
        notice: Notice = RoleOver(code=now.code)
        if now.shut and now.staff:
            notice = HiddenCard(code=now.code, status=now.status)
        await self.say(row, notice)

    def _is_over(self, row: OutboxRow) -> bool:
        """Return whether a message about no single question is over: a plan, a digest, reminders."""
        key = row.supersedes or ""
        plan = plan_of(key)
        if plan is not None:
            return plan not in self.left.agencies(Role.OFFICER, Role.LEADER)
        if preview_of(key):
            return not self.left.holds(Role.EDITOR, Role.ADMIN)
        return not self.left.is_staff and row.about in (reminding.ABOUT, digests.ABOUT)

    async def say(self, row: OutboxRow, notice: Notice, shows: Sequence[int] = ()) -> None:
        work, person = self.work, self.left.person
        key = f"left:{row.id}"
        if await outbox.last_change(work, key, row.id) is not None:
            return  # it was changed when another role of theirs ended
        was = row.state
        await erasing.blank_messages(work, [row, *await erasing.changes_of(work, row)])
        if was not in _SHOWN:
            return
        about = row.question_id or next(iter(shows), None)
        if row.kind in _FILES or (row.kind == outbox.DOCUMENT and row.supersedes):
            if left_chats.can_be_taken_back(work, row):
                await notify.take_back(work, person, edit_of=row.id)
            return
        pressed = row.content.get("message_id")  # another page in the place of the list that was pressed
        where = {"edit_of": row.id} if pressed is None else {"message_id": pressed}
        await notify.rewrite(work, person, notice, supersedes=key, hides=about, **where)

    async def _standing(self, question_id: int) -> _Standing:
        if question_id not in self.standings:
            question = await questions.by_id(self.work, question_id)
            assert question is not None
            who = (await look_at(self.work, self.left, question)).capacities
            contact = None
            if who.isdisjoint({Capacity.EDITOR, Capacity.ADMIN}):
                asker = await people.by_id(self.work, question.asker_id)
                agreed = await consents.latest(self.work, asker.id, Consent.CONTACT)
                contact = None if agreed else asker.contact
            self.standings[question_id] = _Standing(
                code=code_of(self.work, question),
                status=question.status,
                staff=not who <= {Capacity.ASKER, Capacity.FOLLOWER, Capacity.STRANGER},
                shut=question.secrecy in HIDDEN and Capacity.EDITOR not in who,
                contact=contact,
                asked=not who.isdisjoint({Capacity.ASKER, Capacity.FOLLOWER}),
            )
        return self.standings[question_id]
