"""Delivers updates to the bot's webhook.

In order within a chat, several chats at a time, patiently.
"""

import asyncio
import json

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.http.bot_api import call
from sandbox.methods import Params
from sandbox.shapes import Json
from sandbox.state.world import World

LONGEST_RETRY = 60.0
"""Seconds between two attempts at most; the platform doubles its waits in the same way."""


class WebhookSender:
    """Runs beside the server for as long as it lives.

    Idle while no webhook is set.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._busy: dict[int | str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send whatever waits, for ever."""
        arrived = self._world.updates.arrived
        async with ClientSession(timeout=ClientTimeout(total=60)) as session:
            try:
                while True:
                    arrived.clear()
                    self._dispatch(session)
                    await arrived.wait()
            finally:
                for task in self._busy.values():
                    task.cancel()
                await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _dispatch(self, session: ClientSession) -> None:
        webhook = self._world.webhook
        if not webhook.get("url"):
            return
        for update in list(self._world.updates.pending.values()):
            if len(self._busy) >= webhook["max_connections"]:
                return
            lane = _lane(update)
            if lane not in self._busy:
                self._busy[lane] = asyncio.create_task(self._deliver(session, lane, update, webhook))

    async def _deliver(self, session: ClientSession, lane: int | str, update: Json, webhook: Json) -> None:
        delay = float(self._world.settings["webhook_first_retry_seconds"])
        try:
            # A changed webhook is a new object: deliveries to the old one end.
            while self._world.webhook is webhook and not await self._attempt(session, update, webhook):
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_RETRY)
            if self._world.webhook is webhook:
                self._world.updates.confirm(update["update_id"])
                self._world.store.commit()
        finally:
            del self._busy[lane]
            self._world.updates.arrived.set()

    async def _attempt(self, session: ClientSession, update: Json, webhook: Json) -> bool:
        headers = {"Content-Type": "application/json"}
        if webhook["secret_token"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret_token"]
        try:
            body = json.dumps(update).encode()
            async with session.post(
                webhook["url"], data=body, headers=headers, allow_redirects=False
            ) as response:
                if 200 <= response.status < 300:
                    await self._execute(await response.text(errors="replace"))
                    return True
                reason = f"Wrong response from the webhook: {response.status} {response.reason}"
        except (ClientError, TimeoutError, OSError) as error:
            reason = "Connection timed out" if isinstance(error, TimeoutError) else "Connection refused"
        webhook |= {"last_error_date": self._world.clock.unix(), "last_error_message": reason}
        return False

    async def _execute(self, answer: str) -> None:
        """Run the method that a webhook may name in its answer; nobody hears how that went."""
        try:
            body = json.loads(answer)
        except ValueError:
            return
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            await call(self._world, body.pop("method"), Params(body))
            self._world.store.commit()


def _lane(update: Json) -> int | str:
    """What must stay in order together: the updates of one chat."""
    for body in update.values():
        if isinstance(body, dict):
            chat = body.get("chat") or (body.get("message") or {}).get("chat") or body.get("from")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return "rest"
