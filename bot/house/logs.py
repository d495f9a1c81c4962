"""Structured logs on standard error: one JSON object a line, no personal data or secrets.

Each has `event`, `level` and `timestamp` (UTC), whether our code wrote it, a library did, or Python warned or
crashed.
"""

import logging
import sys
import time
from types import TracebackType

import structlog


class Damped:
    """A counter for what strangers can cause at will.

    A flood of it must not flood the log.
    """

    def __init__(self) -> None:
        self._since, self._times = 0.0, 0

    def worth_a_line(self) -> int:
        """Count one; return the count where it deserves a line, else 0.

        That is where the count within this minute is 1, 2, 4, 8 …
        """
        now = time.monotonic()
        if now - self._since >= 60:
            self._since, self._times = now, 0
        self._times += 1
        return self._times if self._times & (self._times - 1) == 0 else 0


def set_up() -> None:
    """Send our events, libraries' warnings and crashes to standard error as JSON."""
    shared: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local variables: they hold what people wrote.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
        ),
    ]
    shared.append(_without_values)
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=[*shared, _without_answers],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    # Libraries at WARNING: below it they write addresses that hold the token.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _say_crashed


def _say_crashed(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    """Log a crash without the exception's words, which Python would print."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, place)
    else:
        structlog.get_logger(__name__).critical("crashed", exc_info=(kind, error, place))


def _without_values(
    _logger: structlog.types.WrappedLogger, _name: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Log only an exception's type and place: its words may quote a row or a message."""
    _empty(event.get("exception", ()))
    return event


def _without_answers(
    _logger: structlog.types.WrappedLogger, _name: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Remove what libraries quote on failure: answers with people's words, exceptions, addresses."""
    record = event.get("_record")
    if record is not None and record.name.startswith(("telegram", "aiohttp")):
        event["event"] = record.msg
    elif record is not None and record.name == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _empty(stacks: object) -> None:
    """Blank the words and notes of an exception, and of those in a group."""
    for error in stacks if isinstance(stacks, list) else ():
        if isinstance(error, dict):
            error["exc_value"], error["exc_notes"] = "", []
            for inner in error.get("exceptions", ()):
                _empty(inner)
