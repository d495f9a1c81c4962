"""The Bot API's methods by subject. Importing this package registers them all."""

from sandbox.methods import chats, commands, editing, getting, media, profile, queries, sending
from sandbox.methods.registry import METHODS, Params

__all__ = [
    "METHODS",
    "Params",
    "chats",
    "commands",
    "editing",
    "getting",
    "media",
    "profile",
    "queries",
    "sending",
]
