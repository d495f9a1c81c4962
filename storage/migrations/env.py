"""Alembic's entry point; `storage.engine.migrate` gives it the connection."""

from typing import Any, Literal

from alembic import context

from storage.tables import UtcDateTime, metadata


def _render(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own type as the plain one it stores: a migration must not change when our type does."""
    return "sa.DateTime()" if kind == "type" and isinstance(value, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
