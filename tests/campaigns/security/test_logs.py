"""What goes wrong is logged by its type and place: never with the values that it was about."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.house import logs
from storage.engine.database import Database
from storage.tables import people
from tests.conftest import SetClock

SECRET = "1000001:bí-mật Nguyễn Thị Mai 0912345678"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What reaches standard error."""
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    configured = structlog.get_config()
    logs.set_up()
    yield out
    logging.captureWarnings(capture=False)
    structlog.configure(**configured)
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def fails(said: str) -> None:
    kept = said + " in a local variable"
    try:
        raise KeyError(kept)
    except KeyError as error:
        raise ValueError(kept) from error


def everything(written: io.StringIO) -> str:
    return "\n".join(
        json.dumps(json.loads(line), ensure_ascii=False) for line in written.getvalue().splitlines()
    )


def test_an_exception_is_logged_without_its_words_its_cause_and_its_variables(written: io.StringIO) -> None:
    try:
        fails(SECRET)
    except ValueError:
        structlog.get_logger("x").exception("update_failed", update_id=1)
        logging.getLogger("some.library").exception("it failed")
    said = everything(written)
    assert said.count("ValueError") >= 2
    assert "KeyError" in said
    assert SECRET not in said
    assert "local variable" not in said


def test_a_group_of_exceptions_and_their_notes_are_logged_without_words(written: io.StringIO) -> None:
    inner = ValueError(SECRET)
    inner.add_note(SECRET)
    try:
        raise ExceptionGroup(SECRET, [inner])
    except ExceptionGroup:
        structlog.get_logger("x").exception("failed")
    assert "ExceptionGroup" in everything(written)
    assert SECRET not in everything(written)


@pytest.mark.parametrize(
    "name", ["httpx", "telegram", "telegram.Bot", "aiohttp.access", "sqlalchemy.engine", "apscheduler"]
)
def test_libraries_that_tell_of_each_request_are_silent(written: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", SECRET)
    logging.getLogger(name).debug("%s", SECRET)
    assert not written.getvalue()


def test_an_answer_of_the_messenger_that_cannot_be_read_is_not_quoted(written: io.StringIO) -> None:
    with pytest.raises(TelegramError):
        BaseRequest.parse_json_payload(b'{"ok":true,"result":[{"text":"' + SECRET.encode())
    assert "Can not load invalid JSON data" in everything(written)
    assert SECRET not in everything(written)


async def written_again(database: Database, values: dict[str, Any]) -> None:
    async with database.work() as work:
        await work.run(sa.insert(people).values(**values))


async def test_a_refused_statement_is_logged_without_its_values(
    written: io.StringIO, database: Database, clock: SetClock
) -> None:
    """The library quotes what was to be written, PostgreSQL what stands there already."""
    key = "số 7 hẻm Ngọc Thố"
    values = {
        "channel": "telegram",
        "address": key,
        "language": "vi",
        "created_at": clock.now(),
        "full_name": SECRET,
    }
    async with database.work() as work:
        await work.run(sa.insert(people).values(**values))
    with pytest.raises(sa.exc.IntegrityError) as refused:
        await written_again(database, values)
    structlog.get_logger("x").warning("update_failed", exc_info=refused.value)
    assert SECRET not in str(refused.value)
    assert (key in str(refused.value)) == (database.engine.dialect.name == "postgresql")
    assert "IntegrityError" in everything(written)
    assert SECRET not in everything(written)
    assert key not in everything(written)
