"""A month of an office on the set clock: who works there, who asks, and what each of them does through the bot.

Everybody types and presses; the real worker, sender and tick do the rest. All is drawn from one seed.
"""

import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from random import Random
from typing import Any

import sqlalchemy as sa

from domain.privacy.consent import Consent
from domain.questions.life import HIDDEN, OPEN, ApprovalStep, Role, Secrecy, Status
from services.operation.evidence import seal_ledger
from services.operation.loading import LOADERS
from services.operation.ticking import tick
from services.people import consents as consents_of
from services.privacy import retention
from services.questions import approval
from storage.agencies import agencies
from storage.deadlines import extensions
from storage.engine.database import Database
from storage.people import consents, people
from storage.questions import answer_drafts, questions
from storage.rows import QuestionRow
from storage.tables import promises as promises_table
from storage.tables import questions as questions_table
from tests.campaigns.simulation.mail import Mail
from tests.conftest import SetClock
from tests.worlds.chat import Chat, House, Shown
from tests.worlds.office import CODE
from tests.worlds.offices import hire

FIRST, LAST = date(2026, 11, 2), date(2026, 12, 4)  # Culture Day, 24/11, is off
ANNOUNCED = date(2026, 11, 27)  # a day off that is announced in the middle of the month
OFF = {date(2026, 11, 24), ANNOUNCED}
TICKS = (time(7, 30), time(17, 15))
EVENING = time(17, 25)  # everything of the working day has been said
A_MINUTE = timedelta(seconds=61)  # after which nothing can be undone, and others are told
LONGEST, A_MESSAGE = 20_000, 4096  # characters of a draft, and of what an app sends at once


class Habit(StrEnum):
    PROMPT = "prompt"
    LATE = "late"  # seldom before the last day, more often after it
    SILENT = "silent"


@dataclass
class Staffer:
    name: str
    role: Role
    agency: str | None
    habit: Habit
    chat: Chat = field(init=False)
    left: bool = False


EDITORS = [
    Staffer("Biên Một", Role.EDITOR, None, Habit.PROMPT),
    Staffer("Biên Hai", Role.EDITOR, None, Habit.LATE),
    Staffer("Biên Ba", Role.EDITOR, None, Habit.PROMPT),  # nobody vouches for them; leaves
]
OFFICERS = [
    Staffer("Cán Đất", Role.OFFICER, "SNNMT", Habit.PROMPT),
    Staffer("Cán Rừng", Role.OFFICER, "SNNMT", Habit.LATE),
    Staffer("Cán Đường", Role.OFFICER, "SXD", Habit.LATE),
    Staffer("Cán Cầu", Role.OFFICER, "SXD", Habit.PROMPT),  # leaves: a colleague goes on
    Staffer("Cán Thuốc", Role.OFFICER, "SYT", Habit.SILENT),  # leaves: nobody is left
    Staffer("Cán Biển", Role.OFFICER, "SDL", Habit.LATE),  # whose agency ends
    Staffer("Cán Hội", Role.OFFICER, "SVHTT", Habit.PROMPT),  # the successor
]
LEADERS = [
    Staffer("Lãnh Đất", Role.LEADER, "SNNMT", Habit.PROMPT),
    Staffer("Lãnh Đường", Role.LEADER, "SXD", Habit.PROMPT),  # blocks the bot
    Staffer("Lãnh Thuốc", Role.LEADER, "SYT", Habit.SILENT),
    Staffer("Lãnh Hội", Role.LEADER, "SVHTT", Habit.LATE),
]
NOBODY = "BHXH"  # an agency where no message reaches anybody
AGENCIES = ("SNNMT", "SNNMT", "SNNMT", "SXD", "SXD", "SDL", "SVHTT", "SYT", NOBODY)


class Wish(StrEnum):
    """What is particular about a question."""

    PLAIN = "plain"
    SILENT_AGENCY = "silent agency"
    LEFT_LYING = "left lying"  # by the editors
    RETURNED = "returned"
    MORE_QUICK = "more, quickly"  # the asker replies at once
    MORE_LATE = "more, late"  # after the last day for it
    MORE_NEVER = "more, never"
    MORE_OVERDUE = "more, overdue"  # asked for after the last day to answer
    EXTENDED = "extended"
    EXTENDED_LATE = "extended late"  # after the old date has passed
    NOT_EXTENDED = "not extended"
    EXTENSION_IGNORED = "extension ignored"
    REFUSED = "refused"
    RECONSIDERED = "reconsidered"  # refused, and screened once more
    MERGED = "merged"
    SPLIT = "split"  # merged, and taken apart again
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    DENOUNCES = "denounces"
    FLAGGED = "flagged"  # and confirmed
    CLEARED = "cleared"
    UNSEEN = "unseen"  # flagged, and no editor looks
    LONGEST = "longest"
    LONG = "long"
    FILES = "files"
    FILE_LATER = "file later"
    SENT_BACK = "sent back"
    CHANGED = "changed"  # by an editor who approves
    PROMISED = "promised"
    MISSED = "missed"  # a promise
    REASSIGNED = "reassigned"
    UNDONE = "undone"  # a wrong agency, seen at once
    CORRECTED = "corrected"
    PUBLISHED = "published"
    BLOCKS = "blocks"  # its asker blocks the bot, and comes back


# They take time, and so are asked in the first days.
EARLY = {
    Wish.SILENT_AGENCY, Wish.LEFT_LYING, Wish.RETURNED, Wish.MORE_LATE, Wish.MORE_NEVER, Wish.MORE_OVERDUE,
    Wish.EXTENDED, Wish.EXTENDED_LATE, Wish.NOT_EXTENDED, Wish.EXTENSION_IGNORED, Wish.REOPENED, Wish.UNSEEN,
    Wish.SENT_BACK, Wish.PROMISED, Wish.MISSED, Wish.CORRECTED, Wish.PUBLISHED, Wish.RECONSIDERED, Wish.SPLIT,
    Wish.BLOCKS,
}  # fmt: skip
WISHES: dict[Wish, int] = dict.fromkeys(Wish, 1) | {
    Wish.PLAIN: 6, Wish.EXTENDED: 2, Wish.SILENT_AGENCY: 3, Wish.LEFT_LYING: 2, Wish.RETURNED: 3,
    Wish.MORE_LATE: 2, Wish.MERGED: 4,
    Wish.REOPENED: 2, Wish.WITHDRAWN: 2, Wish.ERASED: 2, Wish.FILES: 2, Wish.SENT_BACK: 2, Wish.PROMISED: 2,
    Wish.DENOUNCES: 2, Wish.BLOCKS: 2, Wish.LONGEST: 2,
}  # fmt: skip
QUESTIONS, CITIZENS = sum(WISHES.values()), 50


@dataclass
class Citizen:
    name: str
    chat: Chat
    known: bool  # has told who they are, long ago
    gone: bool = False  # erased


@dataclass(frozen=True)
class Sent:
    """A draft as its officer sent it, or an editor changed it."""

    text: str
    files: tuple[str, ...]  # the messenger's ids


@dataclass
class Tale:
    """One question from what it is to be, through what has been done about it."""

    number: int
    asker: Citizen
    at: datetime
    wish: Wish
    agency: str
    code: str = ""
    id: int = 0
    done: Counter[str] = field(default_factory=Counter)
    drafts: list[Sent] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.code} ({self.wish})"

    @property
    def text(self) -> str:
        if self.wish is Wish.DENOUNCES:
            return f"Tôi tố cáo ông trưởng ấp nhận hối lộ ở hẻm {self.mark}."
        return f"Đường vào hẻm {self.mark} ngập nước từ tháng trước, bao giờ sửa?"

    @property
    def mark(self) -> str:
        """A word by which its text is known again."""
        return f"q{self.number}q"


# What an approver had been shown when they approved: (question, person's address) -> every letter in their chat.
Shows = dict[tuple[int, str], list[str]]


class Month:
    def __init__(self, database: Database, application: Any, clock: SetClock, seed: int) -> None:
        self.database, self.clock = database, clock
        self.zone = database.programme.timezone
        self.seed = seed
        self.chance = Random(seed)
        self.mail = Mail(clock=clock)
        self.house = House(database, application)
        self.house.messenger = self.mail
        self.house.start()
        self.did: Counter[str] = Counter()
        self.editors, self.officers, self.leaders = (
            [Staffer(one.name, one.role, one.agency, one.habit) for one in some]
            for some in (EDITORS, OFFICERS, LEADERS)
        )
        self.tales: list[Tale] = []
        self.shown: Shows = {}
        self._queue: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        self._events = 0

    # --- time ---------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.clock.at.astimezone(self.zone)

    def local(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone)

    def plan(self, at: datetime, do: Callable[[], Awaitable[None]]) -> None:
        self._events += 1
        heapq.heappush(self._queue, (at, self._events, do))

    def between(self, day: date, first: int, last: int) -> datetime:
        """Some minute of a day, between two hours."""
        return self.local(day, time()) + timedelta(minutes=self.chance.randrange(first * 60, last * 60))

    async def live(self, until: date) -> None:
        """Let everything happen that is planned, in its order, and what follows from it a minute later."""
        while self._queue and self._queue[0][0].date() <= until:
            at, _, do = heapq.heappop(self._queue)
            self.clock.at = max(self.clock.at, at.astimezone(self.clock.at.tzinfo))
            await self.house.deliver()
            await do()
            self.clock.at += A_MINUTE
            await self.house.deliver()

    # --- the beginning --------------------------------------------------------------------------------------

    async def begin(self) -> None:
        self.admin = await hire(self.house, "Quản", Role.ADMIN)
        for one in (*self.editors, *self.officers, *self.leaders):
            one.chat = await hire(self.house, one.name, one.role, one.agency)
        await self.editors[0].chat.press("Đồng ý cho xem", on=self._vouching("Biên Hai"))
        citizens = [await self._citizen(f"Dân {n}", known=n % 4 > 0) for n in range(CITIZENS)]
        wishes = [one for one, count in WISHES.items() for _ in range(count)]
        self.chance.shuffle(wishes)
        days = days_of(FIRST, FIRST + timedelta(18))
        for number, wish in enumerate(wishes):
            asker = citizens[number] if number < CITIZENS else self.chance.choice(citizens[:20])
            day = self.chance.choice(days[:7] if wish in EARLY else days)
            tale = Tale(number, asker, self.between(day, 0, 24), wish, self._agency_for(wish))
            self.tales.append(tale)
            self.plan(max(tale.at, self.local(FIRST, time(8))), partial(self.asks, tale))
        # Who asks twice has not left in between.
        twice = Counter(id(tale.asker) for tale in self.tales)
        for tale in self.tales:
            if twice[id(tale.asker)] > 1 and tale.wish in (Wish.ERASED, Wish.BLOCKS):
                other = next(
                    one
                    for one in self.tales
                    if twice[id(one.asker)] == 1 and one.wish not in (Wish.ERASED, Wish.BLOCKS)
                )
                tale.asker, other.asker = other.asker, tale.asker
        self._plan_what_happens_in_the_office()

    async def _citizen(self, name: str, *, known: bool) -> Citizen:
        """Somebody who will ask; most have said long ago who they are."""
        chat = self.house.person(name)
        if known:
            async with self.database.work() as work:
                row = await people.seen(
                    work, channel="telegram", address=str(chat.address), display_name=name, language="vi"
                )
                await people.update(
                    work,
                    row.id,
                    full_name=f"Nguyễn Thị {name}",
                    home_address="12 Lê Lợi",
                    contact="0901234567",
                )
                await consents.give(
                    work, row.id, Consent.PROCESSING, consents_of.version(work, row, Consent.PROCESSING)
                )
        return Citizen(name, chat, known)

    def _vouching(self, name: str) -> Shown:
        return next(one for one in self.editors[0].chat.shown if name in one.text and one.buttons)

    def _agency_for(self, wish: Wish) -> str:
        match wish:
            case Wish.SILENT_AGENCY:
                return self.chance.choice(("SYT", NOBODY))
            case Wish.MORE_OVERDUE | Wish.EXTENDED_LATE:
                return "SXD"
            case _ if wish in (Wish.PLAIN, Wish.MERGED, Wish.BLOCKS):
                return self.chance.choice(AGENCIES)
            case _:
                return self.chance.choice(("SNNMT", "SNNMT", "SXD", "SVHTT", "SDL"))

    def _plan_what_happens_in_the_office(self) -> None:
        def on(day: int, do: Callable[[], Awaitable[None]]) -> None:
            self.plan(self.between(date(2026, 11, day + self.chance.randrange(2)), 8, 16), do)

        officers = {one.name: one for one in self.officers}
        on(9, partial(self.blocks, self.leaders[1].chat))
        on(11, partial(self.leaves, officers["Cán Cầu"]))
        on(12, self.announces_a_day_off)
        on(12, partial(self.leaves, officers["Cán Thuốc"]))
        on(16, partial(self.leaves, self.editors[2]))
        on(17, self.an_agency_ends)
        if self.seed % 2:  # for some days nobody reads denunciations
            for one in self.editors[:2]:
                on(18, partial(self.blocks, one.chat))
                on(23, partial(self.comes_back, one.chat))

    def plan_day(self, day: date) -> None:
        """What people will do on a day, at which hours; the staff only on working days."""
        for at in TICKS:
            self.plan(self.local(day, at), self.ticks)
        self.plan(self.between(day, 18, 22), self.citizens_look)
        self.plan(self.local(day, time(3)), self.night)
        for some, session in (
            (self.editors, self.edits),
            (self.officers, self.works_on),
            (self.leaders, self.decides),
        ):
            for one in some if works(day) else ():
                if one.habit is Habit.PROMPT or (one.habit is Habit.LATE and self.chance.random() < 0.5):
                    self.plan(self.between(day, 8, 17), partial(session, one))

    async def ticks(self) -> None:
        await tick(self.database)
        await self.house.deliver()

    async def night(self) -> None:
        await seal_ledger(self.database)
        await retention.apply(self.database)

    # --- finding things --------------------------------------------------------------------------------------

    async def rows(self) -> list[tuple[Tale, QuestionRow]]:
        """Every question that was asked, as it stands, with its tale."""
        async with self.database.work() as work:
            found = await work.all(sa.select(questions_table).order_by(questions_table.c.id))
        of_id = {tale.id: tale for tale in self.tales if tale.id}
        return [(of_id[row.id], row) for row in found]

    async def row(self, tale: Tale) -> QuestionRow:
        async with self.database.work() as work:
            row = await questions.by_id(work, tale.id)
        assert row is not None
        return row

    async def agency_codes(self) -> dict[int | None, str]:
        async with self.database.work() as work:
            return {one.id: one.code for one in await agencies.everyone(work)}

    def card(self, chat: Chat, tale: Tale, label: str) -> Shown | None:
        """The newest message with this button for this question."""
        for shown in reversed(chat.shown):
            for line in shown.buttons:
                if any(label in one and data.split(":")[1:2] == [str(tale.id)] for one, data in line):
                    return shown
        return None

    async def press(self, chat: Chat, tale: Tale, label: str) -> bool:
        """Press a button of this question, after looking for it; whether there is one."""
        shown = self.card(chat, tale, label)
        if shown is None:
            await chat.send(f"/xem {tale.code}")
            shown = self.card(chat, tale, label)
        if shown is None:
            self.did[f"no button {label}"] += 1
            return False
        data = next(
            data
            for line in shown.buttons
            for one, data in line
            if label in one and data.split(":")[1:2] == [str(tale.id)]
        )
        await chat.press_data(data, shown.id)
        return True

    def some(self, likely: float) -> bool:
        return self.chance.random() < likely

    # --- citizens -----------------------------------------------------------------------------------------------

    async def asks(self, tale: Tale) -> None:
        chat, asker = tale.asker.chat, tale.asker
        await chat.send(tale.text)
        if not asker.known:
            asker.known = True
            await chat.press("Đồng ý")
            await chat.send(f"Nguyễn Văn N{tale.number}n", f"{tale.number} đường H{tale.number}h")
        while "Bỏ qua" in chat.last.labels:  # a way to reach them, the field
            await chat.press("Bỏ qua", on=chat.last)
        await chat.press("Gửi câu hỏi")
        found = [code for one in chat.shown[-2:] if (code := CODE.search(one.text))]
        assert found, (tale, chat.last.text)
        tale.code = found[-1][0]
        tale.id = int(tale.code[-6:])  # they begin together, and neither has gaps
        self.did["asked"] += 1
        later = self.now() + timedelta(hours=self.chance.randint(6, 30))
        if tale.wish is Wish.WITHDRAWN:
            self.plan(later, partial(self.withdraws, tale))
        elif tale.wish is Wish.ERASED:
            self.plan(later, partial(self.erases, tale))
        elif tale.wish is Wish.BLOCKS:
            self.plan(self.now() + timedelta(hours=2), partial(self.blocks, chat))
            away = timedelta(days=6 if self.did["askers away"] else 20)  # over a date that they would be told
            self.did["askers away"] += 1
            self.plan(self.now() + away, partial(self.comes_back, chat))

    async def citizens_look(self) -> None:
        """In the evening askers read, and some do what they were going to do."""
        for tale, row in await self.rows():
            chat = tale.asker.chat
            if tale.asker.gone or str(chat.address) in self.mail.blocked:
                continue
            if row.status == Status.WAITING and self._replies_today(tale):
                if self.some(0.5):
                    await self.press(chat, tale, "Trả lời")
                    await chat.send("Thửa số 5, tờ bản đồ số 7.")
                else:
                    asked = chat.saying("xin ông/bà cho biết thêm")[-1]
                    await chat.send("Thửa số 5, tờ bản đồ số 7.", reply_to=asked)
                self.did["supplied"] += 1
            elif row.status == Status.ANSWERED:
                await self._after_the_answer(tale)
            elif row.status in OPEN and self.some(0.03):
                await chat.send(f"/tracuu {tale.code}")
                self.did["tracked"] += 1

    def _replies_today(self, tale: Tale) -> bool:
        tale.done["asked for more, days"] += 1
        wait = {Wish.MORE_QUICK: 1, Wish.MORE_OVERDUE: 2, Wish.MORE_LATE: 6}.get(tale.wish)
        return wait is not None and tale.done["asked for more, days"] >= wait

    async def _after_the_answer(self, tale: Tale) -> None:
        chat = tale.asker.chat
        if tale.wish is Wish.REOPENED and not tale.done["reopened"]:
            tale.done["reopened"] += 1
            await chat.send(f"/molai {tale.code} Chưa nói rõ ngày nào sửa.")
            self.did["reopened"] += 1
        elif tale.wish is Wish.PUBLISHED and not tale.done["agreed"]:
            tale.done["agreed"] += 1
            await self.press(chat, tale, "Đồng ý công khai")
        elif not tale.done["rated"] and self.some(0.3):
            tale.done["rated"] += 1
            await self.press(chat, tale, self.chance.choice(("2 ★", "4 ★", "5 ★")))
            self.did["rated"] += 1

    async def withdraws(self, tale: Tale) -> None:
        if (await self.row(tale)).status not in OPEN:
            return
        await tale.asker.chat.send(f"/rut {tale.code}")
        await tale.asker.chat.press("Xác nhận")
        self.did["withdrawn"] += 1

    async def erases(self, tale: Tale) -> None:
        await tale.asker.chat.send("/xoadulieu")
        await tale.asker.chat.press("Xác nhận")
        tale.asker.gone = True
        self.did["erased"] += 1

    async def blocks(self, chat: Chat) -> None:
        self.mail.blocked.add(str(chat.address))
        self.did["blocked"] += 1

    async def comes_back(self, chat: Chat) -> None:
        self.mail.blocked.discard(str(chat.address))
        await chat.send("/start")
        self.did["came back"] += 1

    # --- editors ------------------------------------------------------------------------------------------------

    async def edits(self, who: Staffer) -> None:
        """An editor goes through the queue, the requests, the drafts and what was answered."""
        if who.left or str(who.chat.address) in self.mail.blocked:
            return
        await who.chat.send("/moi")
        much = 0.75 if who.habit is Habit.PROMPT else 0.4
        for tale, row in await self.rows():
            if not self.some(much):
                continue
            if row.secrecy == Secrecy.SUSPECTED:
                await self._looks(who, tale, row)
            elif row.secrecy in HIDDEN:
                continue
            elif row.status == Status.RECEIVED:
                await self._screens(who, tale, row)
            elif row.status == Status.IN_APPROVAL:
                await self._approves(who, tale, row, ApprovalStep.EDITOR)
            elif row.status in (Status.ASSIGNED, Status.ACCEPTED):
                await self._oversees(who, tale, row)
            elif row.status in (Status.ANSWERED, Status.REFUSED, Status.MERGED):
                await self._looks_back(who, tale, row)

    async def _looks(self, who: Staffer, tale: Tale, row: QuestionRow) -> None:
        if who is self.editors[2] or tale.wish is Wish.UNSEEN:
            return
        await who.chat.send(f"/xem {tale.code}")
        if tale.wish is Wish.CLEARED:
            await self.press(who.chat, tale, "Không phải tố cáo")
            self.did["cleared"] += 1
        elif row.status in OPEN:
            await who.chat.send(f"/tuchoi {tale.code} to-cao")
            await who.chat.press("Xác nhận")
            self.did["confirmed"] += 1

    async def _screens(self, who: Staffer, tale: Tale, row: QuestionRow) -> None:
        chat, late = who.chat, row.assign_due_at < self.clock.at - timedelta(days=9)
        if tale.wish is Wish.LEFT_LYING and not late and not tale.done["returned"]:
            return
        if tale.wish is Wish.MERGED and not tale.done["merged"]:
            original = await self._original(tale)
            if original is not None:
                tale.done["merged"] += 1
                await chat.send(f"/gop {tale.code} {original.code}")
                await chat.press("Xác nhận")
                self.did["merged"] += 1
                return
        if tale.wish is Wish.SPLIT and not tale.done["merged"]:
            original = await self._original(tale)
            if original is not None:
                tale.done["merged"] += 1
                await self.press(chat, tale, "Gộp")
                await chat.send(original.code)
                await chat.press("Xác nhận")
                self.did["merged"] += 1
                return
        if tale.wish in (Wish.REFUSED, Wish.RECONSIDERED) and not tale.done["refused"]:
            tale.done["refused"] += 1
            reason = self.chance.choice(("ngoai-pham-vi Xin hỏi Trung ương.", "khong-ro", "khieu-nai"))
            await chat.send(f"/tuchoi {tale.code} {reason}")
            await chat.press("Xác nhận")
            self.did["refused"] += 1
            return
        wrong = tale.wish is Wish.UNDONE and not tale.done["undone"]
        agency = "STP" if wrong else tale.agency
        if agency == "SDL" and self.did["ended"]:
            agency = "SVHTT"
        helping = " SGDDT" if self.some(0.1) else ""
        await chat.send(f"/chuyen {tale.code} {agency}{helping}")
        if "Vẫn chuyển" in chat.last.labels:
            await chat.press("Vẫn chuyển", on=chat.last)
        self.did["assigned"] += 1
        if wrong:
            tale.done["undone"] += 1
            await chat.press("Hoàn tác")
            self.did["undone"] += 1

    async def _original(self, tale: Tale) -> Tale | None:
        """An open question of somebody else that it can be merged into."""
        fit = [
            one
            for one, row in await self.rows()
            if row.status in (Status.ASSIGNED, Status.ACCEPTED, Status.RECEIVED)
            and row.secrecy not in HIDDEN
            and one.asker is not tale.asker
            and one.wish not in (Wish.DENOUNCES, Wish.MERGED, Wish.SPLIT)
        ]
        return self.chance.choice(fit) if fit else None

    async def _approves(self, who: Staffer, tale: Tale, row: QuestionRow, step: ApprovalStep) -> None:
        async with self.database.work() as work:
            waits_for = await approval.step_waited_for(work, row)
            draft = await answer_drafts.open_of(work, row.id)
        if waits_for is not step:
            return
        assert draft is not None
        chat = who.chat
        back = f"sent back by {step}"
        if tale.wish is Wish.SENT_BACK and not tale.done[back]:
            tale.done[back] += 1
            if self.some(0.5):
                await chat.send(f"/sualai {tale.code} Thiếu ngày hoàn thành.")
            elif await self.press(chat, tale, "Yêu cầu sửa"):
                await chat.send("Thiếu ngày hoàn thành.")
            self.did["sent back"] += 1
            return
        if tale.wish is Wish.CHANGED and step is ApprovalStep.EDITOR and not tale.done["changed"]:
            tale.done["changed"] += 1
            if await self.press(chat, tale, "Sửa rồi duyệt"):
                words = f"Đã sửa lại lời: hẻm {tale.mark} được làm xong trong tháng sau."
                await chat.send(f"sửa phần 1: {words}")
                self.sees(tale, chat)
                tale.drafts.append(Sent(words, tale.drafts[-1].files))
                await chat.press("Duyệt bản đã sửa")
                self.did["changed"] += 1
            return
        if self.some(0.3) and tale.drafts[-1].files:
            await self.press(chat, tale, "Tệp đính kèm")
        if self.some(0.4) and self.card(chat, tale, "Duyệt") is not None:
            self.sees(tale, chat)
            await chat.send(f"/duyet {tale.code}")
        else:
            shown = self.card(chat, tale, "Duyệt")
            if shown is None:
                await chat.send(f"/xem {tale.code}")
            self.sees(tale, chat)
            await self.press(chat, tale, "Duyệt")
        self.did[f"approved by {step}"] += 1

    def sees(self, tale: Tale, chat: Chat) -> None:
        """Keep what somebody has before their eyes at the moment in which they approve."""
        self.shown.setdefault((tale.id, str(chat.address)), []).append(
            "\n".join(one.text for one in chat.shown[-100:])
        )

    async def _oversees(self, who: Staffer, tale: Tale, row: QuestionRow) -> None:
        chat = who.chat
        async with self.database.work() as work:
            request = await extensions.undecided(work, row.id)
        assert row.due_at is not None
        if request is not None:
            past = row.due_at < self.clock.at
            over = working_days(row.due_at.astimezone(self.zone).date(), self.now().date()) >= request.days
            if tale.wish is Wish.NOT_EXTENDED or over:
                await chat.send(f"/giahan {tale.code} không Đã đủ ngày.")
                self.did["extension refused"] += 1
            elif tale.wish is Wish.EXTENDED or (tale.wish is Wish.EXTENDED_LATE and past):
                if self.some(0.5):
                    await self.press(chat, tale, "Cho gia hạn")
                else:
                    await chat.send(f"/giahan {tale.code} đồng ý Chờ mặt bằng.")
                self.did["extended after the date" if past else "extended"] += 1
        elif tale.wish is Wish.REASSIGNED and not tale.done["reassigned"]:
            tale.done["reassigned"] += 1
            other = "SVHTT" if (await self.agency_codes())[row.lead_agency_id] != "SVHTT" else "SNNMT"
            await chat.send(f"/chuyen {tale.code} {other}")
            if "Xác nhận" in chat.last.labels:
                await chat.press("Xác nhận", on=chat.last)
            self.did["reassigned"] += 1
        elif tale.wish is Wish.SILENT_AGENCY and row.due_at < self.clock.at - timedelta(days=8):
            await chat.send(f"/chuyen {tale.code} SNNMT")
            self.did["taken from the silent"] += 1

    async def _looks_back(self, who: Staffer, tale: Tale, row: QuestionRow) -> None:
        chat = who.chat
        if tale.wish is Wish.SPLIT and row.status == Status.MERGED and not tale.done["split"]:
            tale.done["split"] += 1
            await chat.send(f"/molai {tale.code}")
            self.did["split"] += 1
        elif tale.wish is Wish.RECONSIDERED and row.status == Status.REFUSED and not tale.done["again"]:
            tale.done["again"] += 1
            await self.press(chat, tale, "Mở lại")
            self.did["reconsidered"] += 1
        elif tale.wish is Wish.CORRECTED and row.status == Status.ANSWERED and not tale.done["corrected"]:
            tale.done["corrected"] += 1
            await self.press(chat, tale, "Đính chính")
            await chat.send("Xin sửa: ngày 12/12 mới xong.")
            await chat.send("Nhầm ngày.")
            self.did["corrected"] += 1
        elif tale.wish is Wish.PUBLISHED and tale.done["agreed"] and not tale.done["published"]:
            tale.done["published"] += 1
            await chat.send(f"/congkhai {tale.code}")
            await chat.press("Xác nhận")
            self.did["published"] += 1

    # --- officers ---------------------------------------------------------------------------------------------

    async def works_on(self, who: Staffer) -> None:
        """An officer goes through the work of their agency."""
        if who.left:
            return
        await who.chat.send("/viec")
        codes = await self.agency_codes()
        for tale, row in await self.rows():
            if codes.get(row.lead_agency_id) != who.agency or row.secrecy in HIDDEN:
                continue
            if row.status in (Status.ASSIGNED, Status.ACCEPTED):
                assert row.due_at is not None
                late = row.due_at < self.clock.at
                much = 0.6 if who.habit is Habit.PROMPT else 0.45 if late else 0.2
                if self.some(much):
                    await self._acts(who, tale, row, late=late)
            elif row.status == Status.ANSWERED:
                await self._keeps_its_word(who, tale)

    async def _acts(self, who: Staffer, tale: Tale, row: QuestionRow, *, late: bool) -> None:
        chat, wish = who.chat, tale.wish
        asks_more = wish in (Wish.MORE_QUICK, Wish.MORE_LATE, Wish.MORE_NEVER) or (
            wish is Wish.MORE_OVERDUE and late
        )
        extends = {Wish.EXTENDED, Wish.EXTENDED_LATE, Wish.NOT_EXTENDED, Wish.EXTENSION_IGNORED}
        if wish is Wish.RETURNED and not tale.done["returned"]:
            tale.done["returned"] += 1
            if self.some(0.5):
                await chat.send(f"/trave {tale.code} Không thuộc thẩm quyền.")
            elif await self.press(chat, tale, "Trả lại"):
                await chat.send("Việc này của Sở Nông nghiệp và Môi trường.")
            tale.agency = self.chance.choice(("SNNMT", "SVHTT"))
            self.did["returned"] += 1
        elif asks_more and not tale.done["asked for more"]:
            tale.done["asked for more"] += 1
            if self.some(0.5):
                await chat.send(f"/hoithem {tale.code} Thửa đất nào?")
            elif await self.press(chat, tale, "Yêu cầu bổ sung"):
                await chat.send("Thửa đất nào?")
            self.did["asked for more when overdue" if late else "asked for more"] += 1
        elif wish is Wish.MORE_OVERDUE and not tale.done["asked for more"]:
            return  # they let it lie until its last day is over
        elif wish in extends and not late and not tale.done["asked for days"]:
            tale.done["asked for days"] += 1
            days = 3 if wish is Wish.EXTENDED_LATE else 4
            await chat.send(f"/giahan {tale.code} {days} Chờ bàn giao mặt bằng.")
            self.did["asked for days"] += 1
        elif wish in extends and await self._waits_for_a_decision(row, late=late):
            return
        elif wish in (Wish.FLAGGED, Wish.CLEARED, Wish.UNSEEN) and not tale.done["flagged"]:
            tale.done["flagged"] += 1
            await self.press(chat, tale, "Nghi tố cáo")
            self.did["flagged"] += 1
        elif row.status == Status.ASSIGNED and self.some(0.4):
            await self.press(chat, tale, "Nhận xử lý")
            self.did["accepted late" if late else "accepted"] += 1
        else:
            await self._answers(who, tale)

    async def _waits_for_a_decision(self, row: QuestionRow, *, late: bool) -> bool:
        async with self.database.work() as work:
            request = await extensions.undecided(work, row.id)
        return request is not None and (not late or row.id % 2 == 0 or self.some(0.8))

    async def _answers(self, who: Staffer, tale: Tale) -> None:
        chat, name = who.chat, f"tra-loi-{tale.number}.pdf"
        words = self._draft(tale)
        self.did["submitted"] += 1
        if tale.wish in (Wish.LONGEST, Wish.LONG):
            await self._answers_at_length(chat, tale)
            return
        if self.card(chat, tale, "Sửa từ bản trước") is not None and self.some(0.5):
            await self.press(chat, tale, "Sửa từ bản trước")
            await chat.send(f"sửa phần 1: {words}")
            await chat.press("Gửi duyệt")
            # What an earlier draft had besides its first part stays.
            rest = tale.drafts[-1].text.split("\n\n")[1:]
            tale.drafts.append(Sent("\n\n".join([words, *rest]), tale.drafts[-1].files))
            return
        if tale.wish is Wish.FILES:
            document = self._document(chat, name, f"/traloi {tale.code} {words}")
            tale.drafts.append(Sent(words, (document["document"]["file_id"],)))
            await chat.send(document)
        elif tale.wish is Wish.FILE_LATER:
            await chat.send(f"/traloi {tale.code} {words}")
            photos = chat.album(2)
            document = self._document(chat, name, None)
            await chat.send(*photos, document)
            ids = [one["photo"][-1]["file_id"] for one in photos]
            tale.drafts.append(Sent(words, (*ids, document["document"]["file_id"])))
        elif self.some(0.5):
            tale.drafts.append(Sent(words, ()))
            await chat.send(f"/traloi {tale.code} {words}")
        else:
            tale.drafts.append(Sent(words, ()))
            if await self.press(chat, tale, "Trả lời"):
                for part in words.split("\n\n"):
                    await chat.send(part)
                await chat.press("Gửi duyệt")

    async def _answers_at_length(self, chat: Chat, tale: Tale) -> None:
        """As an app does it with a long text: in full messages, one after the other."""
        length = LONGEST if tale.wish is Wish.LONGEST else self.chance.randint(5000, 12_000)
        pieces = []
        while length:
            piece = self._words(min(length, A_MESSAGE))
            pieces.append(piece)
            length -= len(piece)
        if not await self.press(chat, tale, "Trả lời"):
            return
        for piece in pieces:
            await chat.send(piece)
        tale.drafts.append(Sent("".join(pieces), ()))
        await chat.press("Gửi duyệt")

    def _words(self, length: int) -> str:
        """Words, lines and paragraphs of exactly this length, with nothing at either end that would be cut off."""
        some = ("hồ sơ", "ngày 5/12", "<b>đã</b>", "& thẩm định", "xong;", "- mục", "“giấy”", "a<b", "100%")
        found = ""
        while len(found) < length:
            found += self.chance.choice(some) + self.chance.choice((" ", " ", " ", "\n", "\n\n"))
        return "x" + found[1 : length - 1] + "x"

    def _draft(self, tale: Tale) -> str:
        """A draft of one or two paragraphs; it says when, where a promise is wanted."""
        first = f"Sở đã kiểm tra hẻm {tale.mark}, lần {len(tale.drafts) + 1}.\n- Mương: hẹp;\n- Cống: <nghẹt> & hư."
        if tale.wish in (Wish.PROMISED, Wish.MISSED):
            day = self.now().date() + timedelta(days=3)
            return f"{first} Cống sẽ được thay trước ngày {day:%d/%m/%Y}."
        several = tale.wish is not Wish.CHANGED and self.some(0.4)
        return f"{first}\n\nViệc sửa chữa theo kế hoạch năm." if several else first

    def _document(self, chat: Chat, name: str, caption: str | None) -> dict[str, Any]:
        """A message with a file that has a name."""
        file = {
            "file_id": f"document-{self.house.new_message_id()}",
            "file_unique_id": "x",
            "file_name": name,
            "mime_type": "application/pdf",
            "file_size": 340_000,
        }
        body = chat.message() | {"document": file}
        return body if caption is None else body | {"caption": caption}

    async def _keeps_its_word(self, who: Staffer, tale: Tale) -> None:
        if tale.wish not in (Wish.PROMISED, Wish.MISSED):
            return
        chat = who.chat
        if not tale.done["promised"]:
            tale.done["promised"] += 1
            day = self.now().date() + timedelta(days=self.chance.randint(2, 5))
            await chat.send(f"/hua {tale.code} {day:%d/%m/%Y} Thay xong cống")
            self.did["promised"] += 1
            return
        async with self.database.work() as work:
            due = await work.value(
                sa.select(promises_table.c.due_at).where(
                    promises_table.c.question_id == tale.id, promises_table.c.kept_at.is_(None)
                )
            )
        if due is not None and (tale.wish is Wish.PROMISED or due < self.clock.at - timedelta(days=7)):
            await chat.send(f"/hua {tale.code} xong Đã thay.")
            self.did["kept late" if due < self.clock.at else "kept"] += 1

    # --- leaders ------------------------------------------------------------------------------------------------

    async def decides(self, who: Staffer) -> None:
        """A leader goes through the drafts of their agency."""
        if str(who.chat.address) in self.mail.blocked:
            return
        await who.chat.send("/duyet")
        codes = await self.agency_codes()
        for tale, row in await self.rows():
            theirs = row.status == Status.IN_APPROVAL and codes.get(row.lead_agency_id) == who.agency
            if theirs and row.secrecy not in HIDDEN and self.some(0.6):
                await self._approves(who, tale, row, ApprovalStep.LEADER)

    # --- what happens in the office ------------------------------------------------------------------------------

    async def leaves(self, who: Staffer) -> None:
        """An admin ends somebody's role, by the list of those who hold one."""
        await self.admin.send("/moinguoi")
        while not any(who.name in label for label in self.admin.last.labels):
            await self.admin.press("Trang sau", on=self.admin.last)
        await self.admin.press(f"Thu hồi: {who.name}", on=self.admin.last)
        await self.admin.press("Xác nhận")
        who.left = True
        self.did["left"] += 1

    async def announces_a_day_off(self) -> None:
        await self.admin.send(f"/ngaynghi {ANNOUNCED:%d/%m/%Y} nghỉ")
        await self.admin.press("Xác nhận")
        self.did["announced"] += 1

    async def an_agency_ends(self) -> None:
        """The operator loads the file that ends it; its one successor goes on."""
        yesterday = self.now().date() - timedelta(days=1)
        async with self.database.work() as work:
            await LOADERS["agencies"](
                work,
                "code,name,short_name,level,valid_to,successors\n"
                f"SDL,Sở Du lịch,Sở Du lịch,province,{yesterday},SVHTT\n",
            )
        self.did["ended"] += 1


def letters(text: str) -> str:
    """A text without what a messenger may take away where it cuts: blanks and ends of lines."""
    return "".join(text.split())


def works(day: date) -> bool:
    """Whether the office works on a day of the month."""
    return day.weekday() < 5 and day not in OFF


def working_days(since: date, until: date) -> int:
    """How many working days come after a day, up to another; walked."""
    return sum(works(day) for day in days_of(since, until) if day > since)


def days_of(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]
