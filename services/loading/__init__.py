"""Reference data from CSV files: by key, never deleting, all or nothing, every bad line named."""

from collections.abc import Awaitable, Callable

from services.loading.agencies import load_agencies, load_fields
from services.loading.days import load_days
from services.loading.episodes import load_episodes
from services.loading.slots import load_slots
from services.loading.views import load_views
from storage.database import Work

LOADERS: dict[str, Callable[[Work, str], Awaitable[int]]] = {
    "agencies": load_agencies,
    "fields": load_fields,
    "days": load_days,
    "slots": load_slots,
    "episodes": load_episodes,
    "views": load_views,
}
