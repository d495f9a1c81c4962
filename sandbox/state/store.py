"""Where the sandbox's state rests between two runs: documents and blobs in one SQLite file."""

import json
import sqlite3
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, body BLOB NOT NULL);
"""


class Store:
    """Documents by kind and key.

    Without a path everything lives in memory and dies with the process.

    Changes wait in memory until :meth:`commit`; the server commits before it answers a request, so
    whatever was acknowledged survives a killed process. Fsync is off: surviving a power cut is not
    worth slowing every test down.
    """

    def __init__(self, path: Path | None) -> None:
        self._waiting: dict[tuple[str, str], Any] = {}
        self._blobs: dict[str, bytes] = {}
        self._database: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.executescript(_SCHEMA)

    def load(self, kind: str) -> list[tuple[str, Any]]:
        """Every document of a kind, in the order it was first written."""
        if self._database is None:
            return []
        rows = self._database.execute(
            "SELECT key, body FROM documents WHERE kind = ? ORDER BY rowid", (kind,)
        )
        return [(key, json.loads(body)) for key, body in rows]

    def put(self, kind: str, key: int | str, body: Any) -> None:
        """Remember a document; the body is read when the change is committed."""
        if self._database is not None:
            self._waiting[kind, str(key)] = body

    def drop(self, kind: str, key: int | str) -> None:
        """Forget a document."""
        self.put(kind, key, None)

    def put_blob(self, key: str, body: bytes) -> None:
        """Keep the bytes of a file."""
        if self._database is None:
            self._blobs[key] = body
        else:
            self._database.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?)", (key, body))

    def blob(self, key: str) -> bytes | None:
        """The bytes of a file, or nothing."""
        if self._database is None:
            return self._blobs.get(key)
        row = self._database.execute("SELECT body FROM blobs WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def commit(self) -> None:
        """Write every waiting change, in one transaction."""
        if self._database is None or not self._waiting:
            return
        changes, self._waiting = self._waiting, {}
        self._database.execute("BEGIN")
        for (kind, key), body in changes.items():
            if body is None:
                self._database.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
            else:
                self._database.execute(
                    "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                    (kind, key, json.dumps(body)),
                )
        self._database.execute("COMMIT")

    def close(self) -> None:
        """Commit and let go of the file."""
        self.commit()
        if self._database is not None:
            self._database.close()
