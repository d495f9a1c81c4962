"""`kill -9` at seeded random moments, while a whole office is at work: nothing is lost and nothing happens twice.

The long form: `CRASH_QUESTIONS=1000 CRASH_SEED=7 ./danhoi test tests/campaigns/crash/test_campaign.py -m long -s`; with
`CRASH_MINUTES=20` it does as much as fits.
"""

import json
import os
import time
from pathlib import Path

import pytest

from tests.campaigns.crash.campaign import Size, prepared, summary

QUESTIONS = int(os.environ.get("CRASH_QUESTIONS", "1000"))
SEED = int(os.environ.get("CRASH_SEED", "1"))

MINUTES = float(os.environ.get("CRASH_MINUTES", "inf"))

SHORT = Size(questions=12, kills=9, crowd=60, broadcasts=1)
LONG = Size(
    questions=QUESTIONS,
    kills=max(10, QUESTIONS // 5),
    crowd=400,
    broadcasts=max(1, QUESTIONS // 200),
    minutes=MINUTES,
)


@pytest.mark.parametrize(("seed", "size"), [(1, SHORT), pytest.param(SEED, LONG, marks=pytest.mark.long)])
async def test_an_office_at_work_loses_nothing_and_doubles_only_what_was_in_flight(
    tmp_path: Path, database_url: str, seed: int, size: Size
) -> None:
    began = time.monotonic()
    async with prepared(tmp_path, database_url, seed, size) as campaign:
        count = await campaign.run()
        print(f"\n{json.dumps(summary(campaign, count, seed, began))}")
    assert count.questions == len(campaign.tales)
    assert campaign.cut or (count.questions, campaign.kills) == (size.questions, size.kills)
    assert count.doubled <= count.in_flight
    assert count.uncertain  # some of a broadcast were in flight at a kill
