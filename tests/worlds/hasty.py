"""Makes SQLite not wait for the disk, which would take most of the suite's time.

What a killed process has written stays with the operating system, so that tests which kill processes prove as much.
Only a power cut could tell the difference, and none happens here. What is shipped is held by
`tests/storage/engine/test_database.py`.
"""

from storage.engine import database

AS_SHIPPED = database.SYNCHRONOUS


def spare_the_disk() -> None:
    """Open every SQLite database of this process without waiting for the disk."""
    database.SYNCHRONOUS = "OFF"
