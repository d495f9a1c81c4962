"""The log: one JSON object a line, whoever wrote it, with what happened, when, and how bad it is."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import logging, warnings
import structlog
from bot.house.logs import set_up
set_up()
structlog.get_logger().info("ready", bot="danhoi_bot", name="Hòn Đất")
try:
    raise ValueError("Lê Thị Mai")
except ValueError:
    structlog.get_logger().exception("update_failed")
logging.getLogger("aiohttp.server").error("refused\\nin two lines")
logging.getLogger("httpx").info("https://api.telegram.org/bot1:secret/getMe")
warnings.warn("old", DeprecationWarning)
raise KeyError("Lê Thị Mai")
"""


def test_every_line_has_event_time_and_level_and_quotes_nobody() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert [(line["level"], line["event"].split(":")[0][:12]) for line in lines] == [
        ("info", "ready"),
        ("error", "update_faile"),
        ("error", "refused\nin t"),
        ("warning", "<string>"),
        ("critical", "crashed"),
    ]
    for line in lines:
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() is not None
    assert lines[-1]["exception"][0]["exc_type"] == "KeyError"
    assert lines[0]["name"] == "Hòn Đất"
    assert "Mai" not in done.stderr
    assert "secret" not in done.stderr
