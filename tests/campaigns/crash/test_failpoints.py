"""The bot dies at an await between the messenger and the messenger, in place after place: between any two steps.

The long form takes every place once: `./danhoi test tests/campaigns/crash/test_failpoints.py -m long -s`.
`CRASH_SEED` draws the how-many-th time that the bot comes by, and moves the stride of the short form;
`CRASH_MINUTES` ends the long form.
"""

import asyncio
import json
import os
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.broadcasts.broadcasts import Audience, BroadcastKind
from storage.broadcasts import broadcasts
from tests.campaigns.crash import failpoint
from tests.campaigns.crash.campaign import Campaign, Size, Tale, prepared, summary
from tests.campaigns.crash.messenger import BROADCAST, PATIENCE, Resident, offers

SEED = int(os.environ.get("CRASH_SEED", "1"))
MINUTES = float(os.environ.get("CRASH_MINUTES", "inf"))
SHORT = 4  # deaths
BROADCASTING = "bot/loops/broadcaster.py"


class Line:
    """A conveyor: at each turn every question goes one step on, and all steps wait for the bot when it starts."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.books = campaign.books
        self.asked = 0
        self.codes: list[str] = []
        self.citizen: Resident
        self.plan = campaign.office.folder / "fail-point.json"
        self.awaits = 0  # of the undisturbed runs, the idle ones too

    async def prepare(self) -> None:
        """The staff, a crowd, and one citizen who has asked before: a question at each step."""
        await self.campaign.staff()
        await self.campaign.crowd()
        self.citizen = Resident.born(self.campaign.messenger, "Mai")
        self.asked += 1
        code = await self.campaign.ask(self.citizen, self._tale(self.asked), newcomer=True)
        self.codes.append(code)
        self._begin_next()
        for _ in range(3):
            await self.see_through()
            await self.turn(broadcast=False)
        await self.see_through()
        assert await self.campaign.office.stop() == 0

    @staticmethod
    def _tale(number: int) -> Tale:
        return Tale(
            number=number,
            files=1,
            together=True,
            typed_assignment=True,
            accepts=False,
            asks_for_more=False,
            typed_approval=True,
            answer_with_file=False,
            rates=False,
        )

    def _begin_next(self) -> None:
        self.asked += 1
        self.campaign.begin(self.citizen, self._tale(self.asked))

    async def turn(self, *, broadcast: bool = True) -> None:
        """Everybody does their next act; a broadcast is queued."""
        campaign, number = self.campaign, len(self.codes)
        card = campaign.messenger.newest(self.citizen.chat, offers("Gửi câu hỏi"))
        assert card is not None
        self.citizen.press(card, "Gửi câu hỏi")
        self._begin_next()
        editor, officer = campaign.editors[0], campaign.officers[0]
        effects: list[tuple[Resident, str, str]] = [
            (editor, "assigned", "editor"),
            (officer, "submitted", "officer"),
            (campaign.leader, "approved", "leader"),
            (editor, "approved", "editor"),
        ]
        for back, (who, event, role) in enumerate(effects, start=1):
            if number < back:
                break
            code, tale = self.codes[number - back], self._tale(number - back + 1)
            words = {
                "assigned": f"/chuyen {code} SNNMT",
                "submitted": f"/traloi {code} {tale.answer}",
                "approved": f"/duyet {code}",
            }
            campaign.type_(who, words[event], (code, event, role))
        if not broadcast:
            return
        async with self.books.opened() as database, database.work() as work:
            await broadcasts.add(
                work,
                kind=BroadcastKind.MESSAGE,
                audience=Audience.ALL,
                content={
                    "html": f"{BROADCAST}{self.asked} lên sóng lúc 20:00",
                    "photo": None,
                    "button": None,
                },
            )

    async def see_through(self) -> None:
        """Wait until nothing waits, and learn the newest question's code."""
        await self.campaign.settled()
        new = self.campaign.sees_new_code(self.citizen)
        code = new()
        if code is not None:
            self.codes.append(code)
            self.citizen.codes.add(code)
        await self.citizen.sees(offers("Gửi câu hỏi"), "the card of the next question", ever=True)

    async def undisturbed(self) -> dict[str, int]:
        """The places that are passed from the start to the end of all that waited, and how often at least."""
        runs = []
        for _ in range(2):
            await self.turn()
            self._launch({})
            await self.see_through()
            assert await self.campaign.office.stop() == 0
            runs.append(failpoint.places(self.plan))
        self.awaits = sum(runs[0].values())
        first, second = runs
        return {
            place: min(first[place] or second[place], second[place] or first[place])
            for place in first | second
        }

    def _launch(self, plan: dict[str, Any]) -> None:
        self.plan.write_text(json.dumps(plan), "utf-8")
        self.campaign.office.settings[failpoint.VARIABLE] = str(self.plan)
        self.campaign.office.launch(failpoint.arm)

    async def dies_at(self, place: str, time_: int) -> bool:
        """Start it, let it die there, look, and let a sound one finish; False where it did not come by."""
        campaign, office = self.campaign, self.campaign.office
        await self.turn(broadcast=place.startswith(BROADCASTING))
        self._launch({"place": place, "time": time_})
        died = await self._death(2.0 if place.startswith(BROADCASTING) else 0.0)
        if died:
            campaign.kills += 1
        await office.kill()
        await self.books.after_a_kill()
        campaign.new_log()
        await office.start(failpoint.hasty)
        await self.see_through()
        assert await office.stop() == 0, office.log()
        return died

    async def _death(self, late: float) -> bool:
        """Whether it dies, and not all is done before; `late`: so many seconds late some of it begins."""
        began = time.monotonic()
        while self._lives():
            assert min(time.monotonic() - began, self.campaign.messenger.silence) < PATIENCE
            if self.campaign.messenger.silence > (late or 0.5) and await self.books.settled():
                return not self._lives()
            await asyncio.sleep(0.05)
        return True

    def _lives(self) -> bool:
        assert self.campaign.office.process is not None
        return self.campaign.office.process.exitcode is None


def some_of(places: dict[str, int], deaths: int, seed: int) -> list[tuple[str, int]]:
    """Where to die, and the how-many-th time: spread over all places, elsewhere with another seed, in any order."""
    dice, stride = Random(seed), max(1, len(places) // deaths)
    some = [(place, dice.randint(1, places[place])) for place in list(places)[seed % stride :: stride]]
    dice.shuffle(some)
    return some


@pytest.mark.parametrize("deaths", [SHORT, pytest.param(10**9, marks=pytest.mark.long)])
async def test_wherever_it_dies_everything_happens_once(
    tmp_path: Path, database_url: str, deaths: int
) -> None:
    began = time.monotonic()
    size = Size(questions=0, kills=0, crowd=3, broadcasts=0)
    async with prepared(tmp_path, database_url, SEED, size) as campaign:
        line = Line(campaign)
        await line.prepare()
        places, missed, tried = await line.undisturbed(), [], 0
        for place, at in some_of(places, deaths, SEED):
            if time.monotonic() - began > MINUTES * 60:
                break
            if not await line.dies_at(place, at) and not (at > 1 and await line.dies_at(place, 1)):
                missed.append(place)
            tried += 1
            if tried % 20 == 0:
                print(f"{time.monotonic() - began:5.0f} s: {tried} of {len(places)} places", flush=True)
        await campaign.office.start()
        await campaign.settled()
        assert await campaign.office.stop() == 0
        count = await campaign.books.close()
        told = {"awaits": line.awaits, "places": len(places), "tried": tried, "missed": len(missed)}
        print(f"\n{json.dumps(summary(campaign, count, SEED, began) | told)}", *missed, sep="\n")
    # How many parts an answer comes in, or who waits for whom, is not the same each time.
    assert len(missed) <= max(1, tried // 10), missed
    assert count.questions == len(line.codes)
