"""The messenger in trouble for as long as an office works, and away for a day: the bot recovers by itself.

The long form:
`CRASH_QUESTIONS=200 CRASH_BACKLOG=10000 CRASH_SEED=7 ./danhoi test tests/campaigns/crash/test_faults.py -m long -s`.
"""

import asyncio
import json
import os
import time
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.campaigns.crash.campaign import Campaign, Size, prepared, summary
from tests.campaigns.crash.messenger import PATIENCE, Messenger, Resident

SEED = int(os.environ.get("CRASH_SEED", "1"))
QUESTIONS = int(os.environ.get("CRASH_QUESTIONS", "200"))
MINUTES = float(os.environ.get("CRASH_MINUTES", "inf"))  # after which nobody asks any more
BACKLOG = int(os.environ.get("CRASH_BACKLOG", "10000"))
DAY = 86_400.0
MEGABYTE = 1 << 20
ROOM = (
    16.0  # megabytes that caches may still take in the second half; keeping five thousand updates takes more
)
AT_ONCE = 2  # faults that wait to strike: more, and no message would come through between them

Fault = dict[str, Any]

FAULTS: tuple[Fault, ...] = (
    {"kind": "429", "method": "sendMessage", "retry_after": 1},
    {"kind": "429", "method": "sendMessage", "retry_after": 3},
    {"kind": "429", "method": "getUpdates", "retry_after": 1},
    {"kind": "500", "method": "*", "count": 3},
    {"kind": "502", "method": "getUpdates", "count": 2},
    {"kind": "500", "method": "sendMessage", "count": 2},
    {"kind": "drop_before", "method": "sendMessage"},
    {"kind": "drop_after", "method": "sendMessage"},
    {"kind": "drop_after", "method": "getUpdates"},
    {"kind": "drop_before", "method": "download"},
    {"kind": "500", "method": "getFile"},
    {"kind": "page_before", "method": "sendMessage"},
    {"kind": "page_after", "method": "sendMessage"},
    {"kind": "page_before", "method": "getUpdates"},
    {"kind": "delay", "method": "*", "count": 5, "delay_ms": 300},
    {"kind": "repeat", "method": "getUpdates"},
    {"kind": "reverse", "method": "getUpdates"},
)
SELDOM = 10  # rounds between two faults that stop everybody for half a minute
LONG_FAULTS: tuple[Fault, ...] = (
    *FAULTS,
    {"kind": "429", "method": "sendMessage", "retry_after": 30},
    {"kind": "timeout_before", "method": "sendMessage"},
    {"kind": "timeout_after", "method": "sendMessage"},
    {"kind": "timeout_after", "method": "getUpdates"},
)
STRANGE: tuple[dict[str, Any], ...] = (
    {"kind_of_2031": {"x": 1}},
    {"message": {"chat": 5}},
    {"message": {"message_id": 1, "date": "hôm nay", "chat": {"id": 9, "type": "private"}}},
    {"callback_query": {"id": "1", "from": {"id": 9, "is_bot": False, "first_name": "X"}, "data": "xx"}},
    {"poll": None},
    {"message": "\ud800"},
)


class Schedule:
    """Faults drawn from a seed, each kind in its turn, until everything is done."""

    def __init__(self, campaign: Campaign, seed: int, faults: tuple[Fault, ...]) -> None:
        self.campaign = campaign
        self.given: Counter[str] = Counter()
        self.strange = 0
        self._dice = Random(seed)
        self._faults = list(faults)

    async def run(self) -> None:
        world, stop = self.campaign.messenger, self.campaign.stop
        for rounds in count():
            if stop.is_set():
                break
            self._dice.shuffle(self._faults)
            for fault in self._faults:
                if fault.get("retry_after", 0) >= 30 and rounds % SELDOM:
                    continue
                if len(world.faults.rules) < AT_ONCE:
                    world.faults.add(dict(fault))
                    self.given[fault["kind"]] += fault.get("count", 1)
                world.updates.push_raw(dict(self._dice.choice(STRANGE)))
                self.strange += 1
                try:
                    await asyncio.wait_for(stop.wait(), self._dice.uniform(0.2, 0.8))
                except TimeoutError:
                    continue
                break
        world.faults.clear()


@pytest.mark.parametrize(
    ("seed", "size", "faults"),
    [
        (1, Size(questions=6, kills=0, crowd=40, broadcasts=1), FAULTS),
        pytest.param(
            SEED,
            Size(questions=QUESTIONS, kills=0, crowd=400, broadcasts=2, minutes=MINUTES),
            LONG_FAULTS,
            marks=pytest.mark.long,
        ),
    ],
)
async def test_an_office_works_on_through_faults_and_tells_everybody_once(
    tmp_path: Path, database_url: str, seed: int, size: Size, faults: tuple[Fault, ...]
) -> None:
    began = time.monotonic()
    async with prepared(tmp_path, database_url, seed, size) as campaign:
        schedule = Schedule(campaign, seed, faults)
        count = await campaign.run(schedule.run)
        told = summary(campaign, count, seed, began) | {"faults": dict(schedule.given)}
        print(f"\n{json.dumps(told | {'strange_updates': schedule.strange})}")
    assert count.questions == len(campaign.tales)
    assert campaign.cut or count.questions == size.questions
    assert count.doubled <= campaign.books.unanswered.total()


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def write_meanwhile(messenger: Messenger, people: int) -> list[Resident]:
    """What people wrote through a day on which the messenger reached nobody: one message each."""
    residents = [Resident.born(messenger, f"Mai {number}") for number in range(people)]
    for number, resident in enumerate(residents):
        messenger.clock.offset_seconds = -DAY * (1 - number / people)
        if number % 3:
            resident.send(f"Đường liên ấp {number} hư hỏng đã lâu. Xin hỏi khi nào sửa?")
        else:
            resident.send("/trogiup")
    messenger.clock.offset_seconds = 0
    return residents


# Only Linux tells another process's memory this way; CI runs there.
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("backlog", [400, pytest.param(BACKLOG, marks=pytest.mark.long)])
async def test_after_a_day_away_everybody_is_answered_once_and_memory_does_not_follow_the_backlog(
    tmp_path: Path, database_url: str, backlog: int
) -> None:
    size = Size(questions=0, kills=0, crowd=0, broadcasts=0)
    async with prepared(tmp_path, database_url, SEED, size) as campaign:
        messenger, office = campaign.messenger, campaign.office
        messenger.faults.add({"kind": "502", "method": "*", "count": None, "probability": 0.5})
        messenger.faults.add({"kind": "drop_before", "method": "*", "count": None})
        residents = write_meanwhile(messenger, backlog)
        await asyncio.sleep(1.5)
        assert office.process is not None
        assert office.process.pid is not None
        messenger.faults.clear()
        began = time.monotonic()
        used: list[tuple[int, float]] = []  # after so many answers, so many megabytes
        while len(messenger.arrived) < backlog:
            assert messenger.silence < PATIENCE, f"{len(messenger.arrived)} of {backlog}"
            used.append((len(messenger.arrived), resident_megabytes(office.process.pid)))
            await asyncio.sleep(0.05)
        await campaign.settled()
        seconds = time.monotonic() - began
        told = Counter(one.chat for one in messenger.arrived)
        assert told == dict.fromkeys((one.chat for one in residents), 1)
        first = max(megabytes for answers, megabytes in used if answers <= backlog / 2)
        second = max((megabytes for answers, megabytes in used if answers > backlog / 2), default=first)
        assert await office.stop() == 0
        campaign.new_log()
        print(
            "\n"
            + json.dumps(
                {
                    "database": database_url.partition("+")[0],
                    "backlog": backlog,
                    "seconds": round(seconds, 1),
                    "first_half_megabytes": round(first, 1),
                    "second_half_megabytes": round(second, 1),
                }
            )
        )
        assert second - first < ROOM
