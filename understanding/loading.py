"""The shipped model, read when it is first needed: numpy costs a tenth of a second that a start need not wait."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understanding.model import Model

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "shipped"
_loading = Lock()


def shipped() -> Model | None:
    """Return the shipped model, read once; None where it is missing or broken.

    Then names and tables do its work, and the log says so once. May be called from any thread.
    """
    with _loading:
        return _shipped(FOLDER)


@lru_cache(maxsize=2)
def _shipped(folder: Path) -> Model | None:
    from understanding.model import BrokenModel, load

    try:
        return load(folder)
    except BrokenModel as broken:
        log.warning("no model: names and tables of phrases are used instead", extra={"why": str(broken)})
        return None
