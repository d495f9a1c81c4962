"""What holds in a simulated month, looked at every working morning, every night, and at the end.

Who has to hear of what is late, and what an asker was promised, is reckoned here again: from the plan's words and from
the letters that arrived, not with the code that is under test.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from channels.outgoing import Kind
from domain.questions.life import HIDDEN, OPEN, Secrecy, Status
from services.operation.evidence import examine, seal_ledger
from storage.delivery.inbox import InboxState
from storage.delivery.outbox import Lane, OutboxState
from storage.rows import QuestionRow
from storage.tables import Row, approvals, drafts, history, inbox, outbox
from storage.tables import people as people_table
from storage.tables import questions as questions_table
from storage.tables import roles as roles_table
from tests.campaigns.fuzz import watch
from tests.campaigns.fuzz.watch import Seen
from tests.campaigns.security.attempts import message, press, undone
from tests.campaigns.simulation.mail import Letter
from tests.campaigns.simulation.month import A_MINUTE, Month, Tale, letters, working_days, works
from tests.worlds.office import CODE

LEADERS_FROM, EDITORS_FROM, ADMINS_FROM = 2, 4, 4  # working days late
ASKERS_ON = (1, 5)
MORNING, NIGHT = time(7, 31), time(23, 50)
TRIED = 2  # messages a morning whose every button is pressed
SORRY = "Chúng tôi xin lỗi"
_WHEN = r"(\d\d):(\d\d), [^,:]{3,12}, ngày (\d{1,2})/(\d{1,2})/(\d{4})"
_MOMENT = re.compile(_WHEN)
# What stands before a moment that is promised to an asker, and before one that is only told.
PROMISED = (
    *("Hạn trả lời ông/bà:", "Hạn trả lời:", "hạn mới:", "Hạn giao cho cơ quan trả lời:", "Nay: chậm nhất"),
    *("hoặc trả lời thẳng tin nhắn này, trước", "Xin ông/bà trả lời trước", "Chậm nhất", "chậm nhất"),
)
TOLD = (
    *(
        "hẹn trả lời trước",
        "hẹn chuyển trước",
        "chuyển đến cơ quan trả lời trước",
        "Trước đây:",
        "Nhận lúc:",
        "•",
    ),
    "có thể mở lại một lần, chậm nhất",  # theirs to keep, not the office's
)
_ANSWER = re.compile(rf"(?:Hạn trả lời ông/bà:|Hạn trả lời:|hạn mới:|có, chậm nhất) {_WHEN}")
_MOVED = re.compile(rf"Hạn trả lời câu hỏi.*Nay: chậm nhất {_WHEN}")
_TO_ASSIGN = re.compile(
    rf"(?:Hạn giao cho cơ quan trả lời:|Chậm nhất|Thời hạn chuyển câu hỏi.*Nay: chậm nhất) {_WHEN}"
)
_OPENING = re.compile(r"câu trả lời cho câu hỏi (DH-\d{4}-\d{6})")
_BODY = re.compile(
    r" trả lời: (?P<text>.*?) ?"
    r"(?:Số công văn: |Tệp gửi kèm: |Tệp chưa gửi: |Ông/bà thấy câu trả lời thế nào\?)",
    re.DOTALL,
)
_WAITING = ("id", "address", "about", "state", "kind", "error", "not_before")
_CLOSING = "Ông/bà thấy câu trả lời thế nào?"


@dataclass(frozen=True)
class Push:
    """A message that somebody got without asking for it."""

    at: datetime
    address: str
    about: str | None
    letter: Letter

    def __str__(self) -> str:
        return f"{self.about} {self.letter}"

    @property
    def codes(self) -> set[str]:
        return {found[0] for found in CODE.finditer(self.letter.text)}


@dataclass
class Promised:
    """What an asker knows of the dates of a question."""

    answer: datetime | None = None
    assign: datetime | None = None
    missed: datetime | None = None  # a date that had passed when another was told
    sorry: list[datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Power:
    """Who holds which role at a moment, by the address of their chat."""

    roles: list[Row]
    address: dict[int, str]
    blocked: frozenset[str]

    def of(
        self, role: str, agency_id: int | None = None, *, vouched: bool = False, reached: bool = True
    ) -> set[str]:
        """The people of a role whom messages reach."""
        held = {
            self.address[one.person_id]
            for one in self.roles
            if one.role == role and one.agency_id == agency_id and (one.vouched_at is not None or not vouched)
        }
        return held - self.blocked if reached else held


class Watch:
    def __init__(self, month: Month, logs: list[Any]) -> None:
        self.month = month
        self.logs = logs
        self.counted: Counter[str] = Counter()
        self.pushes: list[Push] = []
        self.promised: defaultdict[str, Promised] = defaultdict(Promised)
        self._seen: set[int] = set()
        self._letters = self._answers = 0  # how many letters were taken in, and looked through for answers
        self._since = month.clock.at
        self.wrong: list[str] = []

    def holds(self, held: object, *what: object) -> None:
        """Remember what does not hold; `judge` fails for all of it."""
        if not held:
            said = " · ".join(map(str, what))
            if said not in self.wrong:
                self.wrong.append(said)

    def judge(self) -> None:
        assert self.wrong == [], "\n".join(self.wrong)

    # --- days ------------------------------------------------------------------------------------------------

    def late(self, due: datetime | None, at: datetime | None = None) -> int:
        """Working days from the day of a deadline to another day, today's."""
        if due is None:
            return 0
        since, until = (one.astimezone(self.month.zone).date() for one in (due, at or self.month.clock.at))
        return working_days(since, until)

    # --- what is looked at -------------------------------------------------------------------------------------

    async def note(self) -> list[Push]:
        """Take in what arrived since the last look; what is secret is only with those who may know of it."""
        month = self.month
        async with month.database.work() as work:
            columns = ("id", "address", "lane", "kind", "about", "message_id", "sent_at")
            sent = await work.all(
                sa.select(*(outbox.c[one] for one in columns))
                .where(outbox.c.sent_at >= self._since, outbox.c.state == OutboxState.SENT)
                .order_by(outbox.c.id)
            )
            rows = await work.all(sa.select(questions_table).order_by(questions_table.c.id))
        unasked = {
            (row.address, row.message_id): row.about
            for row in sent
            if row.id not in self._seen and row.lane == Lane.NOTICE
        }
        self._seen |= {row.id for row in sent}
        self._since = month.clock.at - timedelta(seconds=1)
        new, self._letters = month.mail.letters[self._letters :], len(month.mail.letters)
        citizens = {str(tale.asker.chat.address) for tale in month.tales}
        found = []
        for one in new:
            if one.kind not in (Kind.TEXT, Kind.PICTURE, Kind.DOCUMENT):
                continue
            if one.address in citizens:
                self._promises_nothing_past(one)
                self._hears_of_dates(one)
            if (one.address, one.id) in unasked:
                found.append(Push(one.at, one.address, unasked[one.address, one.id], one))
        await self._secrets_are_kept(found, rows)
        self.pushes += found
        return found

    async def power(self) -> Power:
        async with self.month.database.work() as work:
            held = await work.all(
                sa.select(roles_table).where(roles_table.c.revoked_at.is_(None)).order_by(roles_table.c.id)
            )
            known = await work.all(sa.select(people_table.c.id, people_table.c.address))
        return Power(held, {row.id: row.address or "" for row in known}, frozenset(self.month.mail.blocked))

    def look_in(self, day: date) -> None:
        """Plan to look after the first tick of a working day, and when each day is over."""
        if works(day):
            self.month.plan(self.month.local(day, MORNING), self.morning)
        self.month.plan(self.month.local(day, NIGHT), self.night)

    # --- every working morning: A, and the asker's deadlines -----------------------------------------------------

    async def morning(self) -> None:
        """The tick of the morning has just run, and everything of it has arrived."""
        new = await self.note()
        power = await self.power()
        named: defaultdict[str, set[str]] = defaultdict(set)
        for one in new:
            for code in one.codes:
                named[code].add(one.address)
        overdue = []
        for tale, row in await self.month.rows():
            due = row.assign_due_at if row.status == Status.RECEIVED else row.due_at
            runs = row.status in OPEN - {Status.WAITING}
            if not runs or due is None or due >= self.month.clock.at:
                continue
            await self._is_heard_of(tale, row, self.late(due), named[tale.code], power)
            overdue.append((tale, named[tale.code]))
        for tale, row in await self.month.rows():
            self._asker_is_not_left_in_silence(tale, row)
        await self._buttons_work(new, overdue)

    async def _is_heard_of(
        self, tale: Tale, row: QuestionRow, late: int, heard: set[str], power: Power
    ) -> None:
        """Who has to act, whoever stands in for them, and who is told besides from some day on."""
        editors, admins = power.of("editor"), power.of("admin")
        if row.secrecy in HIDDEN:
            readers = power.of("editor", vouched=True)
            if row.secrecy == Secrecy.SUSPECTED:
                self.holds(
                    readers <= heard, self.month.now(), tale, "of a denunciation its editors hear", heard
                )
                self.counted["denunciations chased" if readers else "denunciations nobody reads"] += 1
            return
        step = await self._step(row, power) if row.status == Status.IN_APPROVAL else None
        if row.status == Status.RECEIVED or step == "editor":
            holders, besides = editors or admins, admins if late >= ADMINS_FROM else set()
            may_act = editors | admins
        elif step == "leader":
            holders = power.of("leader", row.lead_agency_id)
            besides = editors if late >= EDITORS_FROM else set()
            may_act = holders
        else:
            officers, leaders = (
                power.of("officer", row.lead_agency_id),
                power.of("leader", row.lead_agency_id),
            )
            holders = officers or editors or admins
            besides = (leaders or editors) if late >= LEADERS_FROM else set()
            besides |= editors if late >= EDITORS_FROM else set()
            may_act = officers | editors | admins
        where = (self.month.now(), tale, row.status, f"{late} days late")
        self.holds(heard & may_act, *where, "nobody who can act was told", heard, may_act)
        self.holds(holders <= heard, *where, "who has to act was not told", holders - heard)
        self.holds(besides <= heard, *where, "who looks after it was not told", besides - heard)
        self.counted[f"overdue {row.status}"] += 1
        self.counted["told to leaders"] += late >= LEADERS_FROM
        self.counted["told to editors"] += late >= EDITORS_FROM

    async def _step(self, row: QuestionRow, power: Power) -> str:
        """Whose approval a draft waits for, by the contract: a leader who can be reached, then an editor."""
        async with self.month.database.work() as work:
            given = await work.all(
                sa.select(approvals.c.step)
                .join(drafts, drafts.c.id == approvals.c.draft_id)
                .where(drafts.c.question_id == row.id, drafts.c.outcome.is_(None))
            )
        led = power.of("leader", row.lead_agency_id)
        return "leader" if led and "leader" not in {one.step for one in given} else "editor"

    async def _buttons_work(self, new: list[Push], overdue: list[tuple[Tale, set[str]]]) -> None:
        """Some of what was told is tried by who got it, and undone: each button, each command, and a code."""
        month = self.month
        chance = month.chance
        told = [one for one in new if one.about == "reminder" and one.letter.buttons]
        tried: list[dict[str, Any]] = []
        for one in chance.sample(told, min(TRIED, len(told))):
            address = int(one.address)
            tried += [press(address, data) for _, data in one.letter.buttons]
            tried += [message(address, word) for word in re.findall(r"(?<!\S)/[a-z]+", one.letter.text)]
        staff = {str(one.chat.address) for one in (*month.editors, *month.officers, *month.leaders)}
        for tale, heard in chance.sample(overdue, min(TRIED, len(overdue))):
            for who in sorted(heard & staff)[:1]:
                tried.append(message(int(who), f"/xem {tale.code}"))
        if not tried:
            return
        async with undone(month.database, month.house.application) as attempts:
            for body in tried:
                savepoint = await attempts.work.connection.begin_nested()
                (outcome,) = (await attempts.try_all([body])).outcomes
                await savepoint.rollback()
                self.holds(not outcome.refused, month.now(), body, outcome.refused)
                self.holds(not outcome.failed, month.now(), body)
        self.counted["tried"] += len(tried)

    # --- secrecy -----------------------------------------------------------------------------------------------

    async def _secrets_are_kept(self, new: Iterable[Push], rows: Iterable[Row]) -> None:
        """Of a denunciation only its asker hears anything, and editors whom others trust with it."""
        hidden = {f"DH-{row.year}-{row.number:06d}" for row in rows if row.secrecy in HIDDEN}
        if not hidden:
            return
        readers = (await self.power()).of("editor", vouched=True, reached=False)
        askers = {tale.code: str(tale.asker.chat.address) for tale in self.month.tales}
        since = await self._hidden_since()
        for one in new:
            for code in one.codes & hidden:
                if one.at <= since[code]:
                    continue
                theirs_no_more = "không còn là việc của cơ quan" in one.letter.text
                knows = one.address in readers or one.address == askers[code] or theirs_no_more
                self.holds(knows, code, "a denunciation is told of", one)

    async def _hidden_since(self) -> dict[str, datetime]:
        """When each question was last flagged, by its code."""
        async with self.month.database.work() as work:
            flagged = await work.all(
                sa.select(history.c.question_id, sa.func.max(history.c.at).label("at"))
                .where(history.c.event == "flagged")
                .group_by(history.c.question_id)
            )
        at = {row.question_id: row.at for row in flagged}
        return {tale.code: at.get(tale.id, tale.at) + A_MINUTE for tale in self.month.tales if tale.code}

    async def _hidden_words_stand_in_no_chat(self) -> None:
        secret = {tale.mark: tale for tale, row in await self.month.rows() if row.secrecy in HIDDEN}
        if not secret:
            return
        readers = {
            self.month.editors[0].chat.address,
            self.month.editors[1].chat.address,
        }
        for address, chat in self.month.mail.chats.items():
            if int(address) in readers:
                continue
            words = "\n".join(one.html for one in chat)
            for mark, tale in secret.items():
                own = str(tale.asker.chat.address) == address
                self.holds(own or mark not in words, tale, address)

    # --- B ---------------------------------------------------------------------------------------------------------

    async def _approvers_saw_all_of_it(self) -> None:
        """Every answer, letter by letter and file by file, was before the eyes of everybody who approved it."""
        chats: defaultdict[str, list[Letter]] = defaultdict(list)
        new, self._answers = self.month.mail.letters[self._answers :], len(self.month.mail.letters)
        for one in new:
            if one.kind in (Kind.TEXT, Kind.FILE, Kind.ALBUM):
                chats[one.address].append(one)
        for tale in self.month.tales:
            chat = chats[str(tale.asker.chat.address)]
            for at, one in enumerate(chat):
                begun = _OPENING.search(one.text) if one.kind is Kind.TEXT else None
                if begun is not None and begun[1] == tale.code and not one.text.startswith("Đính chính"):
                    await self._was_approved_as_sent(tale, chat[at:])

    async def _was_approved_as_sent(self, tale: Tale, arrived: list[Letter]) -> None:
        parts = []
        rest = iter(arrived)
        for one in rest:
            self.holds(one.kind is Kind.TEXT, tale, "something came between the parts of an answer")
            parts.append(one.text)
            if _CLOSING in one.text:
                break
        files: list[tuple[str, str]] = []
        for one in rest:
            if one.kind is Kind.TEXT:
                break
            files += one.files
        body = _BODY.search(" ".join(parts))
        assert body is not None, (tale, parts)
        answer = letters(body["text"])
        draft, given = await self._approvals_of(tale, arrived[0].at)
        original = next(one for one in self.month.tales if one.id == draft.question_id)
        sent = original.drafts[-1]
        if original is tale:
            self.holds(Counter(remote for _, remote in files) == Counter(sent.files), tale, files, sent.files)
        self.holds(answer == letters(sent.text), tale, "not what was written", body["text"], sent.text)
        self.holds(given, tale, "answered without approval")
        for approval in given:
            shown = [letters(text) for text in self.month.shown.get((original.id, approval.address), [])]
            who = (tale, approval.step, "saw less")
            self.holds(any(answer in text for text in shown), *who, body["text"])
            if sent.files:
                below = next(
                    (after for _, found, after in (text.rpartition(answer) for text in shown) if found), ""
                )
                listed = below.partition(letters("Tệp của dự thảo:"))[2][:200]
                self.holds(f"{len(sent.files)}." in listed, *who, listed)
                for name, _ in files:
                    self.holds(letters(name) in listed, *who, name, listed)
            self.counted[f"answers as shown to a {approval.step}"] += 1

    async def _approvals_of(self, tale: Tale, at: datetime) -> tuple[Row, list[Row]]:
        """The draft that was sent then, and whoever approved just that one."""
        async with self.month.database.work() as work:
            row = await work.one_or_none(sa.select(questions_table).where(questions_table.c.id == tale.id))
            assert row is not None
            asked = row.duplicate_of_id or row.id
            found = await work.all(
                sa.select(drafts)
                .where(drafts.c.question_id == asked, drafts.c.outcome == "answered")
                .order_by(drafts.c.id)
            )
            of_draft = [one for one in found if one.submitted_at <= at]
            given = []
            for draft in reversed(of_draft):  # an editor's correction has no approvals
                given = await work.all(
                    sa.select(approvals.c.step, approvals.c.at, people_table.c.address)
                    .join(people_table, people_table.c.id == approvals.c.approver_id)
                    .where(approvals.c.draft_id == draft.id)
                    .order_by(approvals.c.id)
                )
                if given:
                    return draft, [one for one in given if one.at >= draft.submitted_at]
        raise AssertionError((tale, "answered without approval"))

    # --- C ---------------------------------------------------------------------------------------------------------

    def _promises_nothing_past(self, one: Letter) -> None:
        """No letter to an asker names a day as to come that has gone by."""
        for found in _MOMENT.finditer(one.text):
            before = one.text[max(0, found.start() - 60) : found.start()].rstrip()
            if before.endswith(TOLD) or one.text[found.end() :].startswith(" (đã qua"):
                continue
            self.holds(before.endswith(PROMISED), "a moment of no known kind", before, one)
            self.holds(self._moment(found) >= one.at, "promised for a day that has gone by", one)
            self.counted["dates told"] += 1

    def _moment(self, found: re.Match[str]) -> datetime:
        hour, minute, day, month, year = map(int, found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=self.month.zone).astimezone(UTC)

    def _hears_of_dates(self, one: Letter) -> None:
        code = CODE.search(one.text)
        if code is None or (one.text.startswith("Câu hỏi DH") and "Tình trạng:" in one.text):
            return  # how it stands, on their asking
        known = self.promised[code[0]]
        if SORRY in one.text and "đã được hẹn" in one.text:  # what "hẹn mới" it names is no other promise
            known.sorry.append(one.at)
            return
        answer = _ANSWER.search(one.text) or _MOVED.search(one.text)
        assign = _TO_ASSIGN.search(one.text)
        if answer is not None or assign is not None:
            if known.answer is not None and known.answer < one.at:
                known.missed = known.answer
            known.answer = None if answer is None else self._moment(answer)
            known.assign = None if assign is None else self._moment(assign)
        if "thời hạn của cơ quan tạm dừng" in one.text:
            known.answer = None  # until they have replied, or their time to is over
        if "đã được mở lại" in one.text:
            known.missed = None  # the first round had its answer

    def _asker_is_not_left_in_silence(self, tale: Tale, row: QuestionRow) -> None:
        """Who was told a date hears on the 1st and the 5th working day after it that it has passed."""
        reached = not tale.asker.gone and str(tale.asker.chat.address) not in self.month.mail.blocked
        if row.status not in OPEN - {Status.WAITING} or row.secrecy in HIDDEN or not reached:
            return
        known, now = self.promised[tale.code], self.month.clock.at
        passed = [one for one in (known.answer, known.assign) if one is not None and one < now]
        missed = passed[0] if passed else known.missed
        late = self.late(missed)
        for rung in ASKERS_ON:
            if missed is not None and late >= rung:
                said = [one for one in known.sorry if one > missed and self.late(missed, one) >= rung]
                where = (self.month.now(), tale, row.status, missed, known)
                self.holds(said, *where, f"silence on the working day {late} after a date")
                self.counted[f"askers told on day {rung}"] += late == rung
        if missed is not None:
            said = [one for one in known.sorry if one > missed]
            self.holds(len(said) <= len(ASKERS_ON), tale, "told too often", said)

    def _nothing_is_said_twice(self) -> None:
        citizens = {str(tale.asker.chat.address) for tale in self.month.tales}
        a_day: Counter[tuple[str, str, date]] = Counter()
        reminders: Counter[tuple[str, str, date]] = Counter()
        words: set[tuple[str, str]] = set()
        for one in self.pushes:
            if one.address not in citizens:
                continue
            key = (one.address, one.letter.text)
            self.holds(key not in words, "said twice", one)
            words.add(key)
            day = one.at.astimezone(self.month.zone).date()
            for code in one.codes:
                a_day[one.address, code, day] += 1
                reminders[one.address, code, day] += one.about == "reminder"
        self.holds(max(reminders.values(), default=0) <= 1, "two reminders of a question on a day")
        self.counted["days with a message about a question"] = len(a_day)
        for count in (2, 3, 4):
            self.counted[f"days with {count} messages about a question"] = sum(
                some == count for some in a_day.values()
            )

    # --- D ---------------------------------------------------------------------------------------------------------

    async def night(self) -> None:
        """When the day is over."""
        await self.note()
        await self._approvers_saw_all_of_it()
        self._nothing_is_said_twice()
        await self._hidden_words_stand_in_no_chat()
        await self._nothing_is_lost()

    async def _nothing_is_lost(self) -> None:
        month = self.month
        unreached = month.mail.blocked
        async with month.database.work() as work:
            waiting = await work.all(
                sa.select(inbox.c.event, inbox.c.state).where(inbox.c.state != InboxState.DONE)
            )
            left = await work.all(
                sa.select(*(outbox.c[one] for one in _WAITING)).where(
                    outbox.c.state.in_(
                        (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.FAILED, OutboxState.HELD)
                    )
                )
            )
            rows = await work.all(sa.select(questions_table.c.id, questions_table.c.status))
        self.holds(waiting == [], waiting)
        # What answers somebody who blocked the bot is given up; notices wait for them, and reminders for their hours.
        stuck = [
            one
            for one in left
            if not (one.state == OutboxState.FAILED and one.error == "unreachable")
            and not (one.address in unreached and one.state == OutboxState.HELD)
            and not (one.about == "reminder" and one.not_before > self.month.clock.at)
        ]
        self.holds(stuck == [], stuck)
        self.holds(
            {row.id for row in rows} == {tale.id for tale in month.tales if tale.id},
            "{row.id for row in rows} == {tale.id for tale in month.tales if tale.id}",
        )
        self.holds(
            all(row.status in set(Status) for row in rows), "all(row.status in set(Status) for row in rows)"
        )
        loud = [one for one in self.logs if one["log_level"] not in ("debug", "info")]
        self.holds(loud == [], loud)

    async def end(self) -> None:
        month = self.month
        self.holds(all(tale.id for tale in month.tales), "all(tale.id for tale in month.tales)")
        await seal_ledger(month.database)
        async with month.database.work() as work:
            seen = await Seen.now(work)
            faults = await examine(work)
        watch.codes_have_no_gaps(seen)
        watch.history_tells_the_status(seen)
        watch.history_tells_every_change(seen, None)
        watch.each_step_has_one_deadline(seen)
        watch.merged_ones_have_an_original(seen)
        watch.the_audit_log_is_whole(seen)
        # What citizens agreed to long ago, nobody wrote down here.
        faults = [one for one in faults if one.about != "consents"]
        self.holds(faults == [], faults)
        self.counted["refused"] = sum(one["event"] == "refused" for one in self.logs)
        for one in seen.questions.values():
            self.counted[f"ends {one.status}"] += 1
