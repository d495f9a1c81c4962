"""The benchmark of floods, at a tenth of its size: everybody who is counted waited, and the flood was there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import flooding


async def test_the_flood_is_taken_and_whoever_waits_behind_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flooding, "TURNS", 1)
    monkeypatch.setattr(flooding, "PEOPLE", 20)
    file = tmp_path / "danhoi.db"
    rows = await flooding.waits(f"sqlite+aiosqlite:///{file}")
    assert [row["load"] for row in rows] == ["one person floods", "many at once"]
    for row in rows:
        assert row["idle_ms"] > 0
        assert row["ratio"] == pytest.approx(row["wait_ms"] / row["idle_ms"], rel=0.2)
    turns = flooding.TURNS + 1
    with closing(sqlite3.connect(file)) as database:
        handled = dict(database.execute("SELECT state, count(*) FROM inbox GROUP BY state"))
        flooders = database.execute(
            "SELECT count(*) FROM people WHERE address >= ?", (str(flooding.FLOODERS),)
        ).fetchone()
    assert handled == {"done": turns * (1 + flooding.FLOOD + 1 + 20)}
    assert flooders == (turns,)
