"""Structured logs on standard error: one JSON object a line, no personal data, no secrets."""

import logging
import sys

import structlog


def set_up() -> None:
    """Send our events, and the warnings of libraries, to standard error."""
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
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    # Libraries at WARNING: below it they write addresses that hold the token.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _without_values(
    _logger: structlog.types.WrappedLogger, _name: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """An exception's own words may quote a row or a message: its type and place are enough."""
    _empty(event.get("exception", ()))
    return event


def _empty(stacks: object) -> None:
    """The words and notes of exceptions go, of those in a group, too."""
    for error in stacks if isinstance(stacks, list) else ():
        if isinstance(error, dict):
            error["exc_value"], error["exc_notes"] = "", []
            for inner in error.get("exceptions", ()):
                _empty(inner)
