"""Imports every module of services, so that their decorators have registered everything.

A registry stands low, and each subject registers in its own folder: so nobody keeps a list of folders
(docs/decisions/0033).
"""

import pkgutil
from functools import cache
from importlib import import_module

import services


@cache
def load() -> None:
    """Import all subjects; their decorators register what they have."""
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        import_module(module.name)
