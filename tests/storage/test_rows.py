"""Protocols of rows say what the tables say."""

import types
import typing
from datetime import date, datetime, time
from typing import Any

import pytest
import sqlalchemy as sa

from storage import rows
from storage.tables import UtcDateTime, metadata

PROTOCOLS = {
    (said.__doc__ or "").split("`")[1]: said
    for said in vars(rows).values()
    if isinstance(said, type) and said.__module__ == rows.__name__
}


def of_column(column: sa.Column[Any]) -> object:
    """The Python type of what a column holds."""
    if isinstance(column.type, sa.JSON):
        return dict[str, Any]
    if isinstance(column.type, UtcDateTime):
        return datetime
    return column.type.python_type


def parts(hint: object) -> tuple[object, bool]:
    """A hint without None, and whether it had it."""
    if isinstance(hint, types.UnionType):
        (only,) = (one for one in hint.__args__ if one is not type(None))
        return only, True
    return hint, False


def test_every_table_has_one_protocol_in_the_order_of_the_tables() -> None:
    assert list(PROTOCOLS) == list(metadata.tables)


@pytest.mark.parametrize("table", metadata.tables.values(), ids=lambda table: table.name)
def test_a_protocol_has_the_columns_of_its_table_with_their_types(table: sa.Table) -> None:
    said = {name: parts(hint) for name, hint in typing.get_type_hints(PROTOCOLS[table.name]).items()}
    assert said == {column.name: (of_column(column), bool(column.nullable)) for column in table.columns}


def test_types_are_those_that_columns_can_have() -> None:
    """A new type of column is thought about, not taken for `object`."""
    found = {of_column(column) for table in metadata.tables.values() for column in table.columns}
    assert found == {int, str, bool, bytes, date, time, datetime, dict[str, Any]}


def test_no_column_is_called_like_something_that_every_row_has() -> None:
    """`row.count` would be SQLAlchemy's own."""
    for table in metadata.tables.values():
        for column in table.columns:
            assert not hasattr(sa.Row, column.name), f"{table.name}.{column.name}"
