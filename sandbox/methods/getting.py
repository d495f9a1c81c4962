"""Receiving updates, by long polling or a webhook."""

import re

from sandbox.errors import ApiError, bad
from sandbox.methods.registry import Params, method
from sandbox.shapes import Json
from sandbox.state.world import World

_LOOPBACK = re.compile(r"http://(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?(?:/|$)")


def _remember_allowed(world: World, params: Params) -> None:
    kinds = params.json("allowed_updates", "allowed updates")
    if isinstance(kinds, list):
        world.updates.allow([kind for kind in kinds if isinstance(kind, str)])


@method("getUpdates")
async def get_updates(world: World, params: Params) -> list[Json]:
    """Updates from an offset on; the offset confirms what is below it."""
    if world.webhook.get("url"):
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    _remember_allowed(world, params)
    return await world.updates.poll(
        params.integer("offset"), params.integer("limit", 100, 1, 100), params.integer("timeout", 0, 0)
    )


@method("setWebhook")
async def set_webhook(world: World, params: Params) -> bool:
    """Send updates to an address: ``https``, or plain ``http`` on this machine.

    An empty one deletes it.
    """
    url = params.text("url")
    if not url:
        return _forget_webhook(world, params)
    if not url.startswith("https://") and not _LOOPBACK.match(url):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    _remember_allowed(world, params)
    if params.flag("drop_pending_updates"):
        world.updates.clear()
    world.updates.terminate("Conflict: terminated by setWebhook request")
    world.webhook = {
        "url": url,
        "secret_token": secret,
        "max_connections": params.integer("max_connections", 40, 1, 100),
    }
    world.store.put("webhook", "", world.webhook)
    world.updates.arrived.set()
    return True


@method("deleteWebhook")
async def delete_webhook(world: World, params: Params) -> bool:
    """Go back to ``getUpdates``."""
    return _forget_webhook(world, params)


def _forget_webhook(world: World, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        world.updates.clear()
    world.webhook = {}
    world.store.put("webhook", "", world.webhook)
    world.updates.arrived.set()
    return True


@method("getWebhookInfo")
async def get_webhook_info(world: World, params: Params) -> Json:
    """How the webhook is doing."""
    info: Json = {
        "url": world.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    for name in ("last_error_date", "last_error_message", "max_connections"):
        if name in world.webhook:
            info[name] = world.webhook[name]
    if info["url"]:
        info["ip_address"] = "127.0.0.1"
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info
