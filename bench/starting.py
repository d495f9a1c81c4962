"""Measures from the start of `danhoi run` until it is ready, and its memory.

On a database that has this version's schema.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import answering

TIMES = 5
GOAL_SECONDS, GOAL_MB = 1.2, 120
DONT_COMPILE = "PYTHONDONTWRITEBYTECODE"
# python-telegram-bot imports tornado where it is installed: the test tools bring it, an installed bot has none.
WITHOUT_TORNADO = "import sys; sys.modules['tornado'] = None; "
OURS = WITHOUT_TORNADO + "import runpy; runpy.run_module('bot', run_name='__main__', alter_sys=True)"
PEER = WITHOUT_TORNADO + "import telegram.ext, time; print(time.process_time())"


async def run() -> list[dict[str, Any]]:
    """Return medians of some starts.

    Beside them, what importing python-telegram-bot alone takes on the same machine.
    """
    seconds, processor, resident, bare, bare_processor = [], [], [], [], []
    # Whatever this shell says: an installed bot has its compiled files, and the first start makes them here.
    environment = {name: value for name, value in answering.inherited().items() if name != DONT_COMPILE}
    with tempfile.TemporaryDirectory(prefix="dh-bench-") as folder:
        database = f"sqlite+aiosqlite:///{folder}/danhoi.db"
        await answering.prepare(database, citizens=1)
        async with answering.messenger() as url:
            for _ in range(TIMES + 1):
                begun = time.perf_counter()
                started = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-c",
                    OURS,
                    "run",
                    env=environment | answering.environment(url, database, Path(folder)),
                    cwd=folder,
                    stderr=asyncio.subprocess.PIPE,
                )
                assert started.stderr is not None
                while b'"ready"' not in (line := await started.stderr.readline()):
                    assert line, "it ended before it was ready"
                seconds.append(time.perf_counter() - begun)
                processor.append(answering.processor_seconds(started.pid))
                resident.append(answering.resident_mb(started.pid))
                started.terminate()
                await started.wait()
                begun = time.perf_counter()
                peer = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", PEER, env=environment, stdout=asyncio.subprocess.PIPE
                )
                said, _ = await peer.communicate()
                bare.append(time.perf_counter() - begun)
                bare_processor.append(float(said))
    median = statistics.median(seconds[1:])
    return [
        {
            "benchmark": "starting",
            "seconds": round(median, 2),
            "goal_seconds": GOAL_SECONDS,
            "processor_seconds": round(statistics.median(processor[1:]), 2),
            "importing_telegram_seconds": round(statistics.median(bare[1:]), 2),
            "importing_telegram_processor_seconds": round(statistics.median(bare_processor[1:]), 2),
            "ratio": round(median / statistics.median(bare[1:]), 2),
            "processor_ratio": round(
                statistics.median(processor[1:]) / statistics.median(bare_processor[1:]), 2
            ),
            "resident_mb": round(statistics.median(resident[1:])),
            "goal_mb": GOAL_MB,
        }
    ]
