"""Messages with files: uploads, files sent again by identifier, albums; and downloads."""

import re

from sandbox.errors import ApiError, bad
from sandbox.methods.registry import Method, Params, method
from sandbox.methods.sending import reply_of, send, target
from sandbox.methods.wording import caption, caption_of
from sandbox.shapes import Json
from sandbox.state import files
from sandbox.state.files import StoredFile, Upload
from sandbox.state.world import World

_ALBUM_KINDS = ("photo", "video", "document", "audio")


def _input_file(world: World, params: Params, kind: str, value: str) -> Json:
    """What a message carries for a file parameter: an upload, or the identifier of a known file."""
    name = value.removeprefix("attach://") if value.startswith("attach://") else None
    upload = params.uploads.get(name) if name is not None else None
    if name is not None and upload is None:
        raise bad(f"there is no {kind.replace('_', ' ')} in the request")
    if upload is not None:
        return world.files.add(kind, _sound(kind, upload))
    if re.match(r"https?://", value, re.IGNORECASE):
        # The sandbox never leaves the machine: no address can be fetched.
        raise bad("failed to get HTTP URL content")
    return world.files.again(world.files.find(value, kind))


def _sound(kind: str, upload: Upload) -> Upload:
    if upload.size == 0:
        raise bad("file must be non-empty")
    if upload.size > files.MAX_UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        if upload.size > files.MAX_PHOTO:
            limit = files.MAX_PHOTO
            raise bad(
                f"file of size {upload.size} bytes is too big for a photo; the maximum size is {limit} bytes"
            )
        if files.image_size(upload.body) == (0, 0):
            raise bad("IMAGE_PROCESS_FAILED")
    return upload


def _parameter(world: World, params: Params, kind: str) -> Json:
    if kind in params.uploads:
        return world.files.add(kind, _sound(kind, params.uploads[kind]))
    if not params.text(kind):
        raise bad(f"there is no {kind.replace('_', ' ')} in the request")
    return _input_file(world, params, kind, params.text(kind))


def _method_for(kind: str, with_caption: bool = True) -> Method:
    async def send_file(world: World, params: Params) -> Json:
        words = caption_of(params) if with_caption else {}
        chat = target(world, params)
        content = {**_parameter(world, params, kind), **words}
        return send(world, params, chat, content).message

    send_file.__doc__ = f"Send a {kind}."
    return send_file


for _kind in ("Photo", "Document", "Voice", "Video", "Audio", "Animation"):
    method(f"send{_kind}")(_method_for(_kind.lower()))
method("sendSticker")(_method_for("sticker", with_caption=False))
method("sendVideoNote")(_method_for("video_note", with_caption=False))


@method("sendMediaGroup")
async def send_media_group(world: World, params: Params) -> list[Json]:
    """Send an album of 2-10 items: photos and videos together, documents or audio among themselves."""
    items = params.json("media", "media")
    if not isinstance(items, list):
        raise bad("expected an Array of InputMedia")
    if not 2 <= len(items) <= 10:
        raise bad(
            "too many messages to send as an album"
            if len(items) > 10
            else "there must be at least 2 items in an album"
        )
    kinds = set()
    for item in items:
        if (
            not isinstance(item, dict)
            or item.get("type") not in _ALBUM_KINDS
            or not isinstance(item.get("media"), str)
        ):
            raise bad("can't parse InputMedia: Can't use the media of the specified type in the album")
        kinds.add(item["type"])
    if len(kinds) > 1 and kinds != {"photo", "video"}:
        raise bad("document and audio can't be mixed with other media types")
    words = [
        caption(
            str(item.get("caption") or ""), str(item.get("parse_mode") or ""), item.get("caption_entities")
        )
        for item in items
    ]
    chat = target(world, params, count=len(items))
    reply = reply_of(world, params, chat.id)
    contents = [_input_file(world, params, item["type"], item["media"]) for item in items]
    group = f"1{world.next('album'):016}"
    return [
        world.add_message(
            chat.id, world.bot_user(), {**reply, **content, **word, "media_group_id": group}
        ).message
        for content, word in zip(contents, words, strict=True)
    ]


@method("getFile")
async def get_file(world: World, params: Params) -> Json:
    """Prepare a download of at most 20 MB."""
    if not params.text("file_id"):
        raise bad("file_id not specified")
    try:
        file: StoredFile = world.files.find(params.text("file_id"))
    except ApiError:
        raise bad("invalid file_id") from None
    if file.size > files.MAX_DOWNLOAD:
        raise bad("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
