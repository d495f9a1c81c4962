"""The configuration: its sections, the types of its values, reading it, and its example file."""

from bot.config.loading import DEFAULT_FILE, ROOT, load_config, secrets_in
from bot.config.sections import (
    CALENDAR_PATH,
    SECRETS,
    SECTIONS,
    Config,
    ConfigurationError,
    HttpSettings,
    LimitsSettings,
    hook_secret,
    is_this_machine,
    require_token,
)
from bot.config.values import Address, LinkHost, TimeSpan, WeeklyTime

__all__ = [
    "CALENDAR_PATH",
    "DEFAULT_FILE",
    "ROOT",
    "SECRETS",
    "SECTIONS",
    "Address",
    "Config",
    "ConfigurationError",
    "HttpSettings",
    "LimitsSettings",
    "LinkHost",
    "TimeSpan",
    "WeeklyTime",
    "hook_secret",
    "is_this_machine",
    "load_config",
    "require_token",
    "secrets_in",
]
