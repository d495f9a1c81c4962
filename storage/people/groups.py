"""Named queries on agencies' group chats, where they are reminded, too."""

import sqlalchemy as sa

from storage.engine.database import Work
from storage.rows import AgencyGroupRow
from storage.tables import agency_groups


async def link(
    work: Work,
    agency_id: int,
    *,
    channel: str,
    address: str,
    title: str,
    linked_by: int,
    topic: str | None = None,
) -> int:
    """Make a chat the agency's group; a former one ends.

    Returns the row's id.
    """
    await work.run(
        sa.update(agency_groups)
        .where(agency_groups.c.agency_id == agency_id, agency_groups.c.ended_at.is_(None))
        .values(ended_at=work.now)
    )
    return await work.insert(
        agency_groups,
        agency_id=agency_id,
        channel=channel,
        address=address,
        title=title,
        topic=topic,
        linked_by=linked_by,
        linked_at=work.now,
    )


async def end(work: Work, channel: str, address: str) -> list[AgencyGroupRow]:
    """End a chat's being an agency's group; return the rows that ended.

    Unlinked, or the bot was removed.
    """
    result = await work.run(
        sa.update(agency_groups)
        .where(
            agency_groups.c.channel == channel,
            agency_groups.c.address == address,
            agency_groups.c.ended_at.is_(None),
        )
        .values(ended_at=work.now)
        .returning(agency_groups)
    )
    return [*result.all()]


async def move_address(work: Work, channel: str, old: str, new: str) -> None:
    await work.run(
        sa.update(agency_groups)
        .where(agency_groups.c.channel == channel, agency_groups.c.address == old)
        .values(address=new)
    )


async def linked(work: Work) -> list[AgencyGroupRow]:
    """List the present group of every agency."""
    return await work.all(sa.select(agency_groups).where(agency_groups.c.ended_at.is_(None)))
