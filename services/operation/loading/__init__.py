"""Loads reference data from CSV files, by key; never deletes.

All or nothing; every bad line is named.
"""

from collections.abc import Awaitable, Callable

from services.operation.loading.agencies import load_agencies, load_fields
from services.operation.loading.days import load_days
from services.operation.loading.episodes import load_episodes
from services.operation.loading.slots import load_slots
from services.operation.loading.views import load_views
from storage.engine.database import Work

LOADERS: dict[str, Callable[[Work, str], Awaitable[int]]] = {
    "agencies": load_agencies,
    "fields": load_fields,
    "days": load_days,
    "slots": load_slots,
    "episodes": load_episodes,
    "views": load_views,
}
