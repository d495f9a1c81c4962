"""The imports that the fork server makes once for all programmes.

Imported only by `tests.worlds.programme`.

The programme's modules, those that are imported where they are first needed, and templates; none of it starts a thread
or opens anything. Each start of the bot would else spend a tenth of a second on holidays of every country alone.
"""

from importlib import import_module

import holidays

from bot.config import Config
from messages.words import LANGUAGES, TEMPLATES, words
from services.registry import load

for name in (
    "bot.operator.commands",
    "bot.house.run",
    "bot.house.tick_once",
    "storage.engine.migrate",
    "apscheduler.triggers.cron",
    "apscheduler.triggers.interval",
    "asyncpg",
    "dateutil.parser",
):
    import_module(name)
load()
holidays.country_holidays("VN", years=[2026, 2027])
for language in LANGUAGES:
    known = words(language, Config().programme.zone)
    for template in (TEMPLATES / language).rglob("*.j2"):
        known._templates.get_template(template.relative_to(TEMPLATES / language).as_posix())
