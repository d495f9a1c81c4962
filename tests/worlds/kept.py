"""One PostgreSQL database for all tests of a process, and connections that outlive a test.

A copy of every table stands beside the tables; a procedure puts them back as they were. A new connection reads the
server's catalogue and prepares each statement anew, which took a fifth of the time of these tests; so those of the
tests' own engine are kept, and only what a test left on them is gone.
"""

from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

# No power cut happens to this server. Without autovacuum no test meets other statistics than the next.
HASTY = (
    *(
        f"ALTER SYSTEM SET {it} = off"
        for it in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
    ),
    "SELECT pg_reload_conf()",
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_RESTORE = "CALL kept.restore($1, NULL)"


async def keep(connection: asyncpg.Connection) -> None:
    """Keep a copy of every table, with a procedure that restores them.

    It returns whether a test changed tables themselves, and not only their rows. In the role of a replica the triggers
    that keep the history append-only do not fire. Names, not references: a test may have made the tables anew.
    """
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    filled = {one for one in tables if await connection.fetchval(f"SELECT EXISTS (TABLE public.{one})")}
    copies = [f"CREATE TABLE kept.{one} AS TABLE public.{one};" for one in sorted(filled)]
    restored = [_put_back(one) if one in filled else f"DELETE FROM public.{one};" for one in tables]
    await connection.execute(f"""
        CREATE SCHEMA kept;
        {" ".join(copies)}
        CREATE TABLE kept.numbers AS SELECT format('public.%I', sequencename) AS sequence, last_value
            FROM pg_sequences WHERE schemaname = 'public';
        CREATE TABLE kept.remade (command text);
        CREATE FUNCTION kept.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS
            $$ BEGIN INSERT INTO kept.remade VALUES (tg_tag); END $$;
        CREATE PROCEDURE kept.restore(ours int[], INOUT remade boolean) LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
                    AND NOT (pid = ANY (ours) AND state = 'idle');
            SET LOCAL session_replication_role = replica;
            {"".join(restored)}
            PERFORM setval(sequence::regclass, coalesce(last_value, 1), last_value IS NOT NULL) FROM kept.numbers;
            remade := EXISTS (TABLE kept.remade);
            DELETE FROM kept.remade;
        END $$;
        CREATE EVENT TRIGGER kept_note ON ddl_command_end EXECUTE FUNCTION kept.note();""")


def _put_back(table: str) -> str:
    return f"""
        IF EXISTS (TABLE public.{table} EXCEPT TABLE kept.{table})
            OR EXISTS (TABLE kept.{table} EXCEPT TABLE public.{table})
        THEN
            DELETE FROM public.{table};
            INSERT INTO public.{table} TABLE kept.{table};
        END IF;"""


class Kept:
    """The filled database, a connection that restores it, and those of the tests' engine."""

    def __init__(self, address: str, connection: asyncpg.Connection) -> None:
        self.address = address
        self.connection = connection
        self._ours: list[asyncpg.Connection] = []
        self._stale = False

    def follow(self, engine: AsyncEngine) -> None:
        """Keep the connections that this engine opens."""
        sa.event.listen(engine.sync_engine, "connect", self._note)

    def _note(self, connection: Any, _record: Any) -> None:
        self._ours.append(connection.driver_connection)

    async def restore(self) -> None:
        """Put all rows back.

        Whoever is still connected and at work belongs to a test that is over."""
        self._ours = [one for one in self._ours if not one.is_closed()]
        pids = [one.get_server_pid() for one in self._ours]
        self._stale |= await self.connection.fetchval(_RESTORE, pids)

    async def refresh(self, engine: AsyncEngine) -> None:
        """Leave nothing of an earlier test on an engine's connections: settings, locks, listeners.

        Where one of them is still in use, or a table was made (also a temporary one), the engine opens new ones.
        """
        busy = engine.pool.checkedout()  # type: ignore[attr-defined]
        if not (self._stale or busy):
            try:
                for one in self._ours:
                    await one.reset()
                return
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass
        self._stale = False
        await engine.dispose()
        for one in self._ours:
            one.terminate()
        self._ours.clear()
