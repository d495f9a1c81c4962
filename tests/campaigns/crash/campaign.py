"""A campaign: people ask, editors assign, officers answer, broadcasts go out, and the bot is killed again and again.

Everything is drawn from a seed: who asks what, with which files, who presses and who types, when the plug is pulled.
The machine's own timing is not, so that two runs of a seed do the same and die elsewhere.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from math import inf
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from sandbox.client import Sandbox
from sandbox.http.server import serve
from storage.tables import people as people_table
from tests.campaigns.crash.books import Books, Count, events_of
from tests.campaigns.crash.messenger import (
    BROADCAST,
    PATIENCE,
    Messenger,
    Moment,
    Resident,
    code_of,
    labels_of,
    offers,
    says,
    text_of,
)
from tests.worlds.office import Office

AT_ONCE = 24  # citizens who are in the middle of a question
EACH = 2  # questions of one citizen
RESTS = (0.05, 0.6)  # seconds of life between two kills
PER_SECOND = 100  # messages that the campaign's messenger takes
FIRST_BYTES = b"%PDF-1.4\n"
CALM = 0.2  # seconds of silence, before which it is no use to look whether all is done
TELL_SECONDS = 30.0  # between two lines that say how far it is
# Nobody is told to slow down: two editors do in minutes what they would do in weeks.
NO_LIMITS = {
    f"DANHOI_LIMITS__{limit}": "0"
    for limit in (
        "MESSAGES_PER_MINUTE",
        "STAFF_MESSAGES_PER_MINUTE",
        "QUESTIONS_PER_DAY",
        "FILES_PER_DAY",
        "STAFF_FILES_PER_DAY",
    )
}


@dataclass(frozen=True)
class Size:
    """How much is done."""

    questions: int
    kills: int
    crowd: int  # who gets the broadcasts, besides the citizens
    broadcasts: int
    minutes: float = inf  # after which nobody begins a question any more


@dataclass
class Tale:
    """What one question's story does, and the events that it must leave."""

    number: int
    files: int
    together: bool  # the files come with the words
    typed_assignment: bool
    accepts: bool
    asks_for_more: bool
    typed_approval: bool
    answer_with_file: bool
    rates: bool
    events: list[str] = field(default_factory=list)

    @classmethod
    def drawn(cls, number: int, dice: Random) -> "Tale":
        return cls(
            number=number,
            files=dice.choice((0, 1, 1, 2)),
            together=dice.random() < 0.5,
            typed_assignment=dice.random() < 0.5,
            accepts=dice.random() < 0.4,
            asks_for_more=dice.random() < 0.3,
            typed_approval=dice.random() < 0.5,
            answer_with_file=dice.random() < 0.3,
            rates=dice.random() < 0.5,
        )

    @property
    def question(self) -> str:
        return f"Gia đình tôi nộp hồ sơ đất đai số {self.number} đã ba tháng mà chưa có kết quả. Xin hỏi khi nào có?"

    @property
    def more(self) -> str:
        return f"Xin cho biết biên nhận của hồ sơ {self.number}."

    @property
    def supplement(self) -> str:
        return f"Biên nhận của hồ sơ {self.number} ghi ngày 5/8."

    @property
    def answer(self) -> str:
        return f"Kết quả của hồ sơ {self.number} được trả từ ngày 5/12/2026."


class Campaign:
    """One run: its office, its people, its books."""

    def __init__(self, office: Office, messenger: Messenger, books: Books, seed: int, size: Size) -> None:
        self.office = office
        self.messenger = messenger
        self.books = books
        self.size = size
        self.kills = 0
        self.cut = False  # the minutes were over before all was asked
        self._unstruck = False  # a broadcast begins, and the plug was not pulled in it yet
        self._dice = Random(seed)
        self.stop = asyncio.Event()
        self.editors: list[Resident] = []
        self.officers: list[Resident] = []
        self.leader: Resident
        self.tales: dict[str, Tale] = {}

    async def staff(self) -> None:
        """The people of the office follow their invitations while the bot is well."""
        self.editors = [await self._employed(f"Biên tập {number}", "editor") for number in (1, 2)]
        self.officers = [await self._employed(f"Cán bộ {number}", "officer", "SNNMT") for number in (1, 2)]
        self.leader = await self._employed("Lãnh đạo", "leader", "SNNMT")

    async def _employed(self, name: str, role: str, agency: str | None = None) -> Resident:
        of_agency = ["--agency", agency] if agency else []
        invitation = await self.office.command("invite", "--role", role, *of_agency, "--json")
        person = Resident.born(self.messenger, name)
        person.start(invitation["code"])
        await person.sees(lambda one: "/trogiup" in text_of(one) or bool(labels_of(one)), "a welcome")
        return person

    async def crowd(self) -> None:
        """People who started the bot long ago."""
        crowd = [Resident.born(self.messenger, f"Người {number}") for number in range(self.size.crowd)]
        for one in crowd:
            one.person.started = True
        async with self.books.opened() as database, database.work() as work:
            await work.run_many(
                sa.insert(people_table),
                (
                    {
                        "channel": "telegram",
                        "address": str(one.chat),
                        "display_name": one.person.name,
                        "language": "vi",
                        "created_at": work.now,
                    }
                    for one in crowd
                ),
            )

    async def run(self, trouble: Callable[[], Coroutine[Any, Any, None]] | None = None) -> Count:
        """All of it, with kills or other trouble; raises `AssertionError` for the first promise that was broken."""
        await self.staff()
        await self.crowd()
        troubling = asyncio.create_task((trouble or self._reap)())
        working = asyncio.create_task(self._work())
        telling = asyncio.create_task(self.tell())
        both = [troubling, working]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if troubling.done():
                troubling.result()
            await working
            self.stop.set()
            await troubling
        finally:
            for one in (*both, telling):
                one.cancel()
            await asyncio.gather(*both, telling, return_exceptions=True)
        await self.settled()
        assert await self.office.stop() == 0, self.office.log()
        self.new_log()
        self.books.note_unanswered()
        count = await self.books.close()
        async with self.books.opened() as database, database.reading() as work:
            events = await events_of(work)
        assert events == {code: tale.events for code, tale in self.tales.items()}
        return count

    async def settled(self) -> None:
        """Wait until nothing waits any more; raises `AssertionError` where nothing moves although something waits."""
        began = time.monotonic()
        while self.messenger.silence < CALM or not await self.books.settled():
            assert min(time.monotonic() - began, self.messenger.silence) < PATIENCE, "something still waits"
            await asyncio.sleep(0.1)

    async def tell(self) -> None:
        """Say now and then how far it is, for whoever watches a long one."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(TELL_SECONDS)
            print(
                f"{time.monotonic() - began:5.0f} s: {len(self.tales)} questions, {self.kills} kills,"
                f" {len(self.messenger.arrived)} messages",
                flush=True,
            )

    # --- kills ----------------------------------------------------------------------------------------------

    async def _reap(self) -> None:
        """Kill, look, start again: as often between any two questions, and in every broadcast."""
        dice = Random(self._dice.random())
        while self.kills < self.size.kills:
            moment = await self._next_moment()
            if self.cut:
                return
            await self._until_struck(moment, dice.uniform(*RESTS))
            await self.office.kill()
            self.kills += 1
            await self.books.after_a_kill()
            self.new_log()
            await self.office.start()

    async def _next_moment(self) -> Moment:
        """Wait until the next kill is due; when within the next moments."""
        while not self.cut and len(self.tales) * self.size.kills < self.size.questions * self.kills:
            if self._unstruck:
                self._unstruck = False
                return Moment.BROADCAST
            await asyncio.sleep(0.05)
        under_way = await self.books.broadcast_waits()
        moments = [one for one in Moment if one is not Moment.BROADCAST or under_way]
        return moments[self.kills % len(moments)]

    async def _until_struck(self, moment: Moment, rest: float) -> None:
        if moment is not Moment.BROADCAST:
            await asyncio.sleep(rest)
        if moment is Moment.ANY:
            return
        struck = asyncio.Event()
        assert self.office.process is not None
        assert self.office.process.pid is not None
        pid = self.office.process.pid

        def strike() -> None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            struck.set()

        self.messenger.trap(moment, strike)
        with suppress(TimeoutError):
            # Broadcasts begin a second after the process, and later on a machine that is busy.
            await asyncio.wait_for(struck.wait(), 20 if moment is Moment.BROADCAST else 1)
        self.messenger.disarm()

    def new_log(self) -> None:
        """Faults of ours show in the log as errors; then it begins anew, for `start` reads all of it."""
        log = self.office.log()
        assert '"level": "error"' not in log, log
        (self.office.folder / "bot.log").write_text("")

    # --- what goes on ---------------------------------------------------------------------------------------

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._citizens())
            group.create_task(self._broadcasts())

    async def _citizens(self) -> None:
        """Every other question is a newcomer's; the same person asks the next."""
        tales = [Tale.drawn(number, self._dice) for number in range(1, self.size.questions + 1)]
        lives = [tales[first : first + EACH] for first in range(0, len(tales), EACH)]
        at_once = asyncio.Semaphore(AT_ONCE)
        end = time.monotonic() + self.size.minutes * 60

        async def live(life: list[Tale]) -> None:
            async with at_once:
                citizen = Resident.born(self.messenger, f"Mai {life[0].number}")
                for tale in life:
                    if time.monotonic() > end:
                        self.cut = True
                        return
                    await self.live_through(citizen, tale, newcomer=tale is life[0])

        async with asyncio.TaskGroup() as group:
            for life in lives:
                group.create_task(live(life))

    async def _broadcasts(self) -> None:
        for number in range(self.size.broadcasts):
            while len(self.tales) < self.size.questions * number // self.size.broadcasts:
                if self.cut:
                    return
                await asyncio.sleep(0.1)
            file = self.office.folder / f"broadcast-{number}.txt"
            file.write_text(f"{BROADCAST}{number + 1} của chương trình lên sóng lúc 20:00", "utf-8")
            self._unstruck = True
            await self.office.command("broadcast", "--text-file", str(file), "--to", "all", "--json")

    async def live_through(self, citizen: Resident, tale: Tale, *, newcomer: bool) -> str:
        """One question from the first word to the last; returns its code."""
        dice = Random(tale.number)
        editor, officer = dice.choice(self.editors), dice.choice(self.officers)
        code = await self.ask(citizen, tale, newcomer=newcomer)
        self.tales[code] = tale
        tale.events.append("received")
        await self._assign(editor, officer, tale, code, newcomer=newcomer)
        if tale.accepts:
            await self._press(officer, "Nhận xử lý", (code, "accepted", "officer"), code, "Nhận xử lý")
            tale.events.append("accepted")
        if tale.asks_for_more:
            await self._ask_for_more(citizen, officer, tale, code)
        await self._answer(officer, tale, code)
        await self._approve(self.leader, "leader", tale, code)
        await self._approve(editor, "editor", tale, code)
        answer = await citizen.sees(says(code, tale.answer, "Kính gửi"), "the answer", code=code, ever=True)
        tale.events.append("answered")
        if tale.rates:
            self.type_(citizen, f"/danhgia {code} 5", (code, "rated", "asker"))
            await citizen.sees(says(code, "5/5"), "thanks", code=code)
            tale.events.append("rated")
        assert tale.answer in text_of(answer)
        return code

    # --- asking ---------------------------------------------------------------------------------------------

    async def ask(self, citizen: Resident, tale: Tale, *, newcomer: bool) -> str:
        """Up to the code."""
        files = self.begin(citizen, tale)
        if newcomer:
            await self._introduce(citizen, tale)
        for one in files:
            prompt = "Câu hỏi thuộc lĩnh vực" if newcomer else tale.question
            await citizen.sees(says(prompt), "a prompt", ever=True)
            self._upload(citizen, [one], "")
        if newcomer:
            await citizen.presses("Đất đai", self._sees_card(citizen, tale))
        new = self.sees_new_code(citizen)
        await citizen.presses("Gửi câu hỏi", lambda: new() is not None, on=says(tale.question))
        code = new()
        assert code is not None
        citizen.codes.add(code)
        return code

    def begin(self, citizen: Resident, tale: Tale) -> list[tuple[str, bytes]]:
        """The first message; returns the files that are to follow it."""
        files = [self._file(tale, number) for number in range(tale.files)]
        if files and tale.together:
            self._upload(citizen, files, tale.question)
            return []
        self.type_(citizen, tale.question, ("text", tale.question))
        return files

    def _sees_card(self, citizen: Resident, tale: Tale) -> Callable[[], bool]:
        return citizen.saw(lambda one: tale.question in text_of(one) and "Gửi câu hỏi" in labels_of(one))

    def sees_new_code(self, citizen: Resident) -> Callable[[], str | None]:
        def new() -> str | None:
            record = self.messenger.newest(
                citizen.chat,
                lambda one: "Đã nhận câu hỏi" in text_of(one) and code_of(one) not in citizen.codes,
            )
            return None if record is None else code_of(record)

        return new

    async def _introduce(self, citizen: Resident, tale: Tale) -> None:
        await citizen.presses("Đồng ý", citizen.saw(says("cho biết họ và tên")))
        name = f"Lê Thị Mai {tale.number}"
        self.type_(citizen, name, ("name", name))
        await citizen.sees(says("cho biết địa chỉ"), "the next question")
        citizen.send("Ấp Đường Hòn, xã Hòn Đất")
        await citizen.sees(offers("Bỏ qua"), "the next question")
        await citizen.presses("Bỏ qua", citizen.saw(says("Câu hỏi thuộc lĩnh vực")))

    def _file(self, tale: Tale, number: int) -> tuple[str, bytes]:
        name = f"tep-{tale.number}-{number}.pdf"
        size = Random(f"{tale.number}-{number}").choice((200, 5_000, 150_000))
        return name, FIRST_BYTES + f"{name} ".encode() * (size // len(name))

    def _upload(self, who: Resident, files: list[tuple[str, bytes]], caption: str) -> None:
        update_id = who.upload(files, caption)
        for one, (name, body) in enumerate(files):
            self.books.uploaded[name] = body
            self.books.caused[update_id + one] = ("file", name)
        if caption and not caption.startswith("/"):
            self.books.pressed["text", caption].add(update_id)

    # --- the office -----------------------------------------------------------------------------------------

    async def _assign(
        self, editor: Resident, officer: Resident, tale: Tale, code: str, *, newcomer: bool
    ) -> None:
        effect = (code, "assigned", "editor")
        await editor.sees(says(tale.question), f"the card of {code}", code=code, ever=True)
        if tale.typed_assignment or not newcomer:  # nothing is suggested where no field was chosen
            self.type_(editor, f"/chuyen {code} SNNMT", effect)
        else:
            await editor.presses(
                self._suggested(editor, code),
                lambda: self.messenger.newest(officer.chat, says(tale.question), code=code) is not None,
                code=code,
                pressed=self.books.pressed[effect].add,
            )
        await officer.sees(says(tale.question), f"the card of {code}", code=code, ever=True)
        tale.events.append("assigned")

    def _suggested(self, editor: Resident, code: str) -> str:
        record = self.messenger.newest(
            editor.chat, lambda one: any("Sở NN&MT" in label for label in labels_of(one)), code=code
        )
        assert record is not None
        return next(label for label in labels_of(record) if "Sở NN&MT" in label)

    async def _ask_for_more(self, citizen: Resident, officer: Resident, tale: Tale, code: str) -> None:
        self.type_(officer, f"/hoithem {code} {tale.more}", ("text", tale.more))
        await citizen.sees(says(tale.more), "what is asked for", code=code, ever=True)
        await citizen.presses(
            "Trả lời", citizen.saw(lambda one: "Hủy" in labels_of(one)), on=says(tale.more), code=code
        )
        self.type_(citizen, tale.supplement, ("text", tale.supplement))
        await officer.sees(says(tale.supplement), "the supplement", code=code, ever=True)
        tale.events += ["asked_more", "supplied"]

    async def _answer(self, officer: Resident, tale: Tale, code: str) -> None:
        words = f"/traloi {code} {tale.answer}"
        effect = ("text", tale.answer)
        if tale.answer_with_file:
            name = f"tra-loi-{tale.number}.pdf"
            self.books.pressed[effect].add(self._upload_answer(officer, name, words))
        else:
            self.type_(officer, words, effect)
        tale.events.append("submitted")

    def _upload_answer(self, officer: Resident, name: str, words: str) -> int:
        body = FIRST_BYTES + name.encode() * 2000
        update_id = officer.upload([(name, body)], words)
        self.books.uploaded[name] = body
        self.books.caused[update_id] = ("file", name)
        return update_id

    async def _approve(self, who: Resident, role: str, tale: Tale, code: str) -> None:
        effect = (code, "approved", role)
        await who.sees(
            lambda one: tale.answer in text_of(one) and "Duyệt" in labels_of(one),
            f"the draft of {code}",
            code=code,
            ever=True,
        )
        if tale.typed_approval:
            self.type_(who, f"/duyet {code}", effect)
            await who.sees(lambda one: "Duyệt" not in labels_of(one), "that it is approved", code=code)
        else:
            await self._press(who, "Duyệt", effect, code, "Duyệt")
        tale.events.append("approved")

    def type_(self, who: Resident, words: str, effect: tuple[str, ...]) -> None:
        self.books.caused[who.send(words)] = effect

    async def _press(self, who: Resident, label: str, effect: tuple[str, ...], code: str, gone: str) -> None:
        """Press a button on a card until the card has it no more."""
        await who.presses(
            label,
            lambda: self.messenger.newest(who.chat, offers(gone), code=code) is None,
            code=code,
            pressed=self.books.pressed[effect].add,
        )


@asynccontextmanager
async def prepared(
    folder: Path, database_url: str, seed: int, size: Size, settings: dict[str, str] | None = None
) -> AsyncIterator[Campaign]:
    """A campaign whose bot runs, and is stopped in the end however it ends."""
    messenger = Messenger()
    async with serve(messenger, "127.0.0.1", 0) as address, Sandbox.connect(address) as sandbox:
        office = Office(folder, address, sandbox, database_url)
        office.settings["DANHOI_TELEGRAM__MESSAGES_PER_SECOND"] = str(PER_SECOND)
        office.settings |= NO_LIMITS | (settings or {})
        books = Books(database_url, folder / "files", messenger)
        await books.know_strangers()
        await office.start()
        try:
            yield Campaign(office, messenger, books, seed, size)
        finally:
            if office.process is not None:
                await office.kill()


def summary(campaign: Campaign, count: Count, seed: int, began: float) -> dict[str, Any]:
    """What a campaign did, for people and for programs."""
    kind = re.match(r"[a-z]+", campaign.office.database_url)
    return {
        "database": kind[0] if kind else "",
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "kills": campaign.kills,
        **asdict(count),
    }
