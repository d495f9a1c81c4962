"""A month of an office on the set clock: nothing late falls silent, nothing is approved unseen, nothing is lost.

Sixty questions, fifty citizens, and a staff of whom some are silent, late, leave, or block the bot; all type and
press, and the real worker, sender and ticks do the rest on a real database. What has to hold is in `month_watch.py`.

The long form plays many: `DANHOI_MONTHS=50 DANHOI_MONTHS_SEED=100 ./danhoi test tests/campaigns/simulation -m long -s`.
"""

import json
import os
from collections import Counter
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.programme import Programme
from storage.engine.database import Database
from tests.campaigns.simulation.month import FIRST, LAST, QUESTIONS, Month, days_of
from tests.campaigns.simulation.month_watch import Watch
from tests.conftest import SetClock

MONTHS = int(os.environ.get("DANHOI_MONTHS", "20"))
SEED = int(os.environ.get("DANHOI_MONTHS_SEED", "100"))
# What each month has; chance brings more of it to some.
HAPPENS = (
    *("asked", "assigned", "accepted", "returned", "submitted", "approved by leader", "approved by editor"),
    *(
        "sent back",
        "changed",
        "asked for more",
        "supplied",
        "asked for days",
        "refused",
        "reconsidered",
        "merged",
    ),
    *(
        "flagged",
        "confirmed",
        "withdrawn",
        "erased",
        "reopened",
        "rated",
        "promised",
        "undone",
        "left",
        "ended",
    ),
    *("blocked", "came back", "announced", "corrected"),
)
SEEN = (
    *(
        "overdue received",
        "overdue assigned",
        "overdue in_approval",
        "denunciations chased",
        "tried",
        "dates told",
    ),
    *("told to leaders", "told to editors", "askers told on day 1", "askers told on day 5"),
    *("answers as shown to a leader", "answers as shown to a editor", "ends answered", "ends refused"),
)


@pytest.fixture
def programme() -> Programme:
    """As it is shipped, but for digests, whose pictures take long and are tested elsewhere."""
    return Programme(province="tỉnh An Giang", undo_seconds=60, daily_digest=None, weekly_digest=None)


async def play(database: Database, application: Any, clock: SetClock, seed: int) -> tuple[Month, Watch]:
    month = Month(database, application, clock, seed)
    with capture_logs() as logs:
        watch = Watch(month, logs)
        await month.begin()
        for day in days_of(FIRST, LAST):
            month.plan_day(day)
            watch.look_in(day)
            await month.live(day)
            watch.judge()
        await watch.end()
    show(seed, month.did, watch.counted)
    watch.judge()
    return month, watch


def show(seed: int, did: Counter[str], counted: Counter[str]) -> None:
    said = {"seed": seed, "did": dict(sorted(did.items())), "seen": dict(sorted(counted.items()))}
    print("\n" + json.dumps(said, ensure_ascii=False), flush=True)


@pytest.mark.timeout(900)  # on a machine that is busy with everything else
@pytest.mark.parametrize(("database_url", "seed"), [("sqlite", 1)], indirect=["database_url"])
async def test_a_month_of_an_office(database: Database, application: Any, clock: SetClock, seed: int) -> None:
    month, watch = await play(database, application, clock, seed)
    assert month.did["asked"] == QUESTIONS
    assert [what for what in HAPPENS if not month.did[what]] == []
    assert [what for what in SEEN if not watch.counted[what]] == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SEED, SEED + MONTHS))
async def test_many_months_of_an_office(
    database: Database, application: Any, clock: SetClock, seed: int
) -> None:
    await play(database, application, clock, seed)
