"""Named queries on single facts, such as the bot's own name."""

import sqlalchemy as sa

from storage.engine.database import Work
from storage.tables import facts

BOT_NAME = "bot_name"
# "number:seal" of the last audit entry, with the key's name where there is one: so a log cut off at its end is noticed.
AUDIT_HEAD = "audit_head"


async def get(work: Work, key: str) -> str | None:
    value = await work.value(sa.select(facts.c.value).where(facts.c.key == key))
    return None if value is None else str(value)


async def put(work: Work, key: str, value: str) -> None:
    insert = work.upsert(facts).values(key=key, value=value)
    await work.run(insert.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
