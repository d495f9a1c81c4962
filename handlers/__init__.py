"""Conversations: from what a person typed or pressed to a service and a reply."""

import pkgutil
from importlib import import_module

from handlers.dispatch import apologise, refuse, say_unread, take

__all__ = ["apologise", "refuse", "say_unread", "take"]

# Importing them enters their commands, presses, steps and replies into handlers.chat.registry.
for _module in pkgutil.walk_packages(__path__, "handlers."):
    import_module(_module.name)
