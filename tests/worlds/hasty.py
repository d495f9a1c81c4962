"""What costs the suite time and proves nothing: waiting for the disk, and failures framed for a terminal.

SQLite does not wait for the disk: most of the suite's time would be that. What a killed process has written stays with
the operating system, so that tests which kill processes lose nothing of their proof. Only a power cut could tell the
difference, and none happens here. What is shipped is held by `tests/storage/engine/test_database.py`.
"""

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

from storage.engine import database

AS_SHIPPED = database.SYNCHRONOUS


def spare_the_disk() -> None:
    """Open every SQLite database of this process, from now on, without waiting for the disk."""
    database.SYNCHRONOUS = "OFF"


def spare_the_frames() -> None:
    """Log a failure as Python writes it: structlog's frames, with every variable, take half a second each."""
    processors = structlog.get_config()["processors"][:-1]
    structlog.configure([*processors, ConsoleRenderer(colors=False, exception_formatter=plain_traceback)])
