"""Spares the suite what takes time and proves nothing: waiting for the disk, long tracebacks.

SQLite would wait for the disk for most of the suite's time. What a killed process has written stays with the operating
system, so that tests which kill processes prove as much. Only a power cut could tell the difference, and none happens
here. What is shipped is held by `tests/storage/engine/test_database.py`.
"""

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

from storage.engine import database

AS_SHIPPED = database.SYNCHRONOUS


def spare_the_disk() -> None:
    """Open every SQLite database of this process without waiting for the disk."""
    database.SYNCHRONOUS = "OFF"


def spare_the_frames() -> None:
    """Log exceptions as plain tracebacks; structlog's own, with every variable, take half a second each."""
    processors = structlog.get_config()["processors"][:-1]
    structlog.configure([*processors, ConsoleRenderer(colors=False, exception_formatter=plain_traceback)])
