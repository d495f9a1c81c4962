"""The benchmark of answering, at a tenth of its size: what it counts has happened, on both sides."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import answering


@pytest.mark.parametrize(("mode", "latency_ms", "peer_mode"), answering.CASES)
async def test_every_message_that_is_counted_was_kept_handled_and_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, latency_ms: int, peer_mode: str
) -> None:
    monkeypatch.setattr(answering, "MESSAGES", 100)
    monkeypatch.setattr(answering, "TURNS", 1)
    monkeypatch.setattr(answering, "UNLOADED", 200.0)
    file = tmp_path / "danhoi.db"
    rows = await answering.compare(f"sqlite+aiosqlite:///{file}", mode, latency_ms, peer_mode)
    assert [row.get("message", row.get("who")) for row in rows] == ["question", "command"] + 2 * [
        "ours",
        "peer",
    ]
    for row in rows[:2]:
        assert row["ratio"] == pytest.approx(row["per_second"] / row["peer_per_second"], rel=0.2)
        assert row["cpu_ms"] > 0
        assert row["peer_cpu_ms"] > 0
    for row in rows[2:]:
        assert latency_ms / 1000 <= row["p50_ms"] / 1000 <= row["p99_ms"] / 1000
    questions, commands = 4 * 100, 2 * 100
    with closing(sqlite3.connect(file)) as database:
        kept = dict(database.execute("SELECT state, count(*) FROM inbox GROUP BY state"))
        sent = dict(database.execute("SELECT state, count(*) FROM outbox GROUP BY state"))
        (drafts,) = database.execute("SELECT count(*) FROM question_drafts").fetchone()
    assert kept == {"done": questions + commands}
    assert sent == {"sent": questions + commands}
    assert drafts == questions
