"""Prepared beginnings: made once by the real bot or services, then copied as rows."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from storage.engine.database import Database
from storage.tables import metadata

T = TypeVar("T")
Rows = dict[str, list[dict[str, Any]]]  # by table, as the driver gives them

_kept: dict[object, tuple[Rows, Rows, Any]] = {}  # what goes, what comes, what is returned


async def arranged(database: Database, what: str, arrange: Callable[[], Awaitable[T]]) -> T:
    """Arrange something on a fresh database, or copy the rows of an earlier time.

    Rows are copied where it was done before at this time by these rules. What `arrange` returns is handed to
    everybody, and so must not be changed by anybody.
    """
    key = (what, database.url.get_backend_name(), database.clock.now(), database.programme)
    if key not in _kept:
        before = await _rows(database)
        value = await arrange()
        after = await _rows(database)
        _kept[key] = _without(before, after), _without(after, before), value
        return value
    gone, added, value = _kept[key]
    await _put(database, gone, added)
    return value


def _without(rows: Rows, others: Rows) -> Rows:
    return {
        name: left
        for name, there in rows.items()
        if there != others[name] and (left := [row for row in there if row not in others[name]])
    }


async def _rows(database: Database) -> Rows:
    async with database.reading() as work:
        return {
            table.name: [dict(row._mapping) for row in await work.all(sa.text(_everything(table)))]
            for table in metadata.sorted_tables
        }


def _everything(table: sa.Table) -> str:
    # As text, a JSON null remains something else than no value.
    columns = [
        f"CAST({one.name} AS TEXT) AS {one.name}" if isinstance(one.type, sa.JSON) else one.name
        for one in table.columns
    ]
    # In this order, for a row may refer to an earlier one of its own table.
    keys = ", ".join(one.name for one in table.primary_key)
    return f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {keys}"


async def _put(database: Database, gone: Rows, rows: Rows) -> None:
    async with database.work() as work:
        for name, values in gone.items():
            keys = " AND ".join(f"{one.name} = :{one.name}" for one in metadata.tables[name].primary_key)
            await work.run_many(sa.text(f"DELETE FROM {name} WHERE {keys}"), values)
        for name, values in rows.items():
            columns = ", ".join(values[0])
            places = ", ".join(f":{column}" for column in values[0])
            await work.run_many(sa.text(f"INSERT INTO {name} ({columns}) VALUES ({places})"), values)
        numbered = [name for name, values in rows.items() if "id" in values[0]]
        if numbered and work.dialect == "postgresql":
            highest = (
                f"setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                for name in numbered
            )
            await work.run(sa.text(f"SELECT {', '.join(highest)}"))
