"""Alembic's entry: `storage.engine.migrate` hands it the connection to use."""

from typing import Any, Literal

from alembic import context

from storage.tables import UtcDateTime, metadata


def _render(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """A migration must not change when our own type does: it says what stands in the database."""
    return "sa.DateTime()" if kind == "type" and isinstance(value, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
