"""The queue of updates that wait for the bot, as ``getUpdates`` and webhooks see it."""

import asyncio
from collections.abc import Callable
from itertools import islice

from sandbox.errors import ApiError
from sandbox.shapes import Json
from sandbox.state.store import Store

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
)
NOT_BY_DEFAULT = ("chat_member", "message_reaction", "message_reaction_count")
MAX_TIMEOUT = 50
"""Longest long poll in seconds (Bot API server, ``LONG_POLL_MAX_TIMEOUT``)."""
FUTURE_TOLERANCE = 10
"""An offset further ahead of the newest update than this is treated as none (TDLib, ``TQueue``)."""


class UpdateQueue:
    """Updates by id until an offset confirms them. Ids only grow."""

    def __init__(self, store: Store, next_id: Callable[[], int]) -> None:
        self._store = store
        self._next_id = next_id
        self.pending: dict[int, Json] = {int(key): body for key, body in store.load("update")}
        self.allowed: list[str] | None = next((body for _, body in store.load("allowed_updates")), None)
        self.last_id = 0
        self.answered: list[Json] = []
        """What the last answer that held any brought, for the fault "repeat"."""
        self.arrived = asyncio.Event()
        self._waiter: asyncio.Future[None] | None = None

    def push(self, kind: str, body: Json) -> int | None:
        """Queue an update unless ``allowed_updates`` excludes its kind; return its id."""
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return None
        return self.push_raw({kind: body})

    def push_raw(self, body: Json) -> int:
        """Queue any JSON as an update, without looking at it.

        Give it an id unless it brings one.
        """
        update_id = body.get("update_id")
        if not isinstance(update_id, int) or isinstance(update_id, bool):
            update_id = self._next_id()
        self.pending[update_id] = {"update_id": update_id, **body}
        self._store.put("update", update_id, self.pending[update_id])
        self.last_id = max(self.last_id, update_id)
        self.arrived.set()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        return update_id

    def allow(self, kinds: list[str]) -> None:
        """Remember the bot's ``allowed_updates``; an empty list means the default kinds."""
        self.allowed = [kind for kind in kinds if kind in KINDS] or None
        self._store.put("allowed_updates", "", self.allowed)

    def confirm(self, update_id: int) -> None:
        """Forget one delivered update."""
        if self.pending.pop(update_id, None) is not None:
            self._store.drop("update", update_id)

    def clear(self, keep: int = 0) -> None:
        """Forget everything but the newest ``keep`` updates."""
        for update_id in list(self.pending)[: len(self.pending) - keep]:
            self.confirm(update_id)

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """What ``getUpdates`` answers. Only this call's own offset confirms, and only what is below it.

        A call that waits ends an earlier one that still waits (409).
        """
        if offset < 0:
            self.clear(keep=-offset)
        elif offset > 0 and offset <= self.last_id + FUTURE_TOLERANCE:
            for update_id in [known for known in self.pending if known < offset]:
                self.confirm(update_id)
        updates = list(islice(self.pending.values(), limit))
        if updates or timeout <= 0:
            return updates
        self.terminate(
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(waiter, min(timeout, MAX_TIMEOUT))
        except TimeoutError:
            return []
        finally:
            if self._waiter is waiter:
                self._waiter = None
        return list(islice(self.pending.values(), limit))

    def terminate(self, reason: str) -> None:
        """End the waiting poll, if there is one, with a 409."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ApiError(409, reason))
