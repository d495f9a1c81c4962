"""Imports every module of services, so that what subjects enter for each other is there, whoever asks first.

A registry stands low, and what is entered in it in the room of each subject: so nobody keeps a list of the rooms
(docs/decisions/0033).
"""

import pkgutil
from functools import cache
from importlib import import_module

import services


@cache
def load() -> None:
    """Import all subjects; what they enter by decorators is entered by that."""
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        import_module(module.name)
