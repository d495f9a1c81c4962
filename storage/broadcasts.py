"""Named queries on broadcasts and their deliveries."""

from datetime import datetime
from typing import Any

from domain.broadcasts import BroadcastKind, BroadcastStatus
from storage.database import Work
from storage.tables import broadcasts


async def add(
    work: Work,
    *,
    kind: BroadcastKind,
    audience: str,
    content: dict[str, Any],
    occasion: str | None = None,
    start_at: datetime | None = None,
    stop_at: datetime | None = None,
    created_by: int | None = None,
    repeats_id: int | None = None,
) -> int | None:
    """Queue a broadcast; recipients are resolved when it starts. None where its occasion was announced already."""
    values = {
        "kind": kind,
        "audience": audience,
        "content": content,
        "occasion": occasion,
        "status": BroadcastStatus.QUEUED,
        "start_at": start_at or work.now,
        "stop_at": stop_at,
        "created_at": work.now,
        "created_by": created_by,
        "repeats_id": repeats_id,
    }
    statement = work.upsert(broadcasts).values(**values).on_conflict_do_nothing()
    row = (await work.run(statement.returning(broadcasts.c.id))).one_or_none()
    return None if row is None else int(row.id)
