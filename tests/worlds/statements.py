"""Counts a database's statements; one for many rows counts once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from storage.engine.database import Database
from storage.engine.inline_sqlite import AtOnce


@contextmanager
def counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """List the statements executed meanwhile.

    Also those that go to SQLite past SQLAlchemy.
    """
    said: list[str] = []
    straight = AtOnce._driver_executes

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    def executes(at_once: AtOnce, sql: str, parameters: Sequence[Any]) -> int:
        said.append(sql)
        return straight(at_once, sql, parameters)

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(AtOnce, "_driver_executes", executes)
            yield said
    finally:
        sa.event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
