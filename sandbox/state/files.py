"""Files of both sides: identifiers, kinds, sizes, and what the Bot API tells about them."""

import mimetypes
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sandbox.errors import bad
from sandbox.shapes import Json
from sandbox.state.store import Store

MAX_DOWNLOAD = 20 << 20
"""Bytes a bot may download (Bot API server, ``MAX_DOWNLOAD_FILE_SIZE``)."""
MAX_UPLOAD = 50 << 20
"""Bytes a bot may upload (Bot API documentation, "Sending files")."""
MAX_PHOTO = 10 << 20
"""Bytes of a photo that a bot may upload (Bot API documentation, "Sending files")."""

KINDS = ("photo", "document", "voice", "video", "audio", "sticker", "animation", "video_note")
_PREFIXES = {
    "photo": "AgAC",
    "document": "BQAC",
    "voice": "AwAC",
    "video": "BAAC",
    "audio": "CQAC",
    "sticker": "CAAC",
    "animation": "CgAC",
    "video_note": "DQAC",
}
_FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "video": "videos",
    "audio": "music",
    "sticker": "stickers",
    "animation": "animations",
    "video_note": "video_notes",
}
_SUFFIXES = {
    "photo": ".jpg",
    "voice": ".oga",
    "video": ".mp4",
    "audio": ".mp3",
    "sticker": ".webp",
    "animation": ".mp4",
    "video_note": ".mp4",
}
_TYPES = {"voice": "audio/ogg", "video": "video/mp4", "audio": "audio/mpeg", "animation": "video/mp4"}
_PHOTO_SIZES = (90, 320, 800, 1280)


@dataclass
class StoredFile:
    """One file under one identifier.

    Several identifiers (the sizes of a photo) may share the bytes.
    """

    file_id: str
    unique_id: str
    kind: str
    size: int
    name: str
    mime_type: str
    path: str
    blob: str
    width: int = 0
    height: int = 0
    duration: int = 0


@dataclass
class Upload:
    """Bytes that came with a request.

    ``size`` may pretend to be more than the bytes are.
    """

    name: str
    mime_type: str
    body: bytes
    size: int = 0

    def __post_init__(self) -> None:
        self.size = self.size or len(self.body)


class Files:
    """Every file the sandbox has seen, by identifier."""

    def __init__(self, store: Store, next_number: Callable[[], int]) -> None:
        self._store = store
        self._next_number = next_number
        self._files = {key: StoredFile(**body) for key, body in store.load("file")}
        self._by_path = {file.path: file for file in self._files.values()}

    def add(self, kind: str, upload: Upload) -> Json:
        """Keep an upload.

        Return the Bot API's object for it (for a photo: the list of its sizes).
        """
        blob = secrets.token_urlsafe(12)
        self._store.put_blob(blob, upload.body)
        width, height = image_size(upload.body)
        if kind == "photo":
            sizes = _photo_sizes(width or 1280, height or 960)
            return {"photo": [self.describe(self._keep(kind, upload, blob, *size)) for size in sizes]}
        if kind in ("sticker", "video", "animation", "video_note"):
            width, height = width or 512, height or 512
        return {kind: self.describe(self._keep(kind, upload, blob, width, height))}

    def _keep(self, kind: str, upload: Upload, blob: str, width: int, height: int) -> StoredFile:
        number = self._next_number()
        suffix = _SUFFIXES.get(kind) or _suffix(upload.name)
        file = StoredFile(
            file_id=_PREFIXES[kind] + secrets.token_urlsafe(42),
            unique_id="Ag" + secrets.token_urlsafe(10),
            kind=kind,
            size=upload.size,
            name=upload.name or f"file_{number}{suffix}",
            mime_type=upload.mime_type or _TYPES.get(kind, "application/octet-stream"),
            path=f"{_FOLDERS[kind]}/file_{number}{suffix}",
            blob=blob,
            width=width,
            height=height,
            duration=1 if kind in ("voice", "video", "audio", "animation", "video_note") else 0,
        )
        self._files[file.file_id] = self._by_path[file.path] = file
        self._store.put("file", file.file_id, asdict(file))
        return file

    def find(self, file_id: str, kind: str | None = None) -> StoredFile:
        """The file behind an identifier, or the platform's refusal; ``kind`` asks for that kind."""
        file = self._files.get(file_id)
        if file is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if kind is not None and file.kind != kind:
            raise bad(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file

    def again(self, file: StoredFile) -> Json:
        """The Bot API's object for a file that is sent once more."""
        if file.kind == "photo":
            sizes = [other for other in self._files.values() if other.blob == file.blob]
            return {"photo": [self.describe(size) for size in sizes]}
        return {file.kind: self.describe(file)}

    def at_path(self, path: str) -> StoredFile | None:
        """The file at a ``file_path``."""
        return self._by_path.get(path)

    def body(self, file: StoredFile) -> bytes:
        """The bytes of a file."""
        return self._store.blob(file.blob) or b""

    def describe(self, file: StoredFile) -> Json:
        """The Bot API's object of the file's kind."""
        about: Json = {"file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": file.size}
        if file.kind in ("photo", "sticker", "video", "animation"):
            about |= {"width": file.width, "height": file.height}
        if file.kind in ("document", "video", "audio", "animation"):
            about |= {"file_name": file.name}
        if file.kind in ("document", "voice", "video", "audio", "animation"):
            about |= {"mime_type": file.mime_type}
        if file.duration:
            about |= {"duration": file.duration}
        if file.kind == "sticker":
            about |= {"type": "regular", "is_animated": False, "is_video": False}
        if file.kind == "video_note":
            about |= {"length": file.width}
        return about

    def shown(self, message: Json) -> list[Json]:
        """The files of a message as a chat shows them.

        Of a photo only the largest size.
        """
        shown = []
        for kind in KINDS:
            about = message.get(kind)
            if about:
                file = self._files[(about[-1] if kind == "photo" else about)["file_id"]]
                shown.append(
                    {
                        "kind": kind,
                        "file_id": file.file_id,
                        "name": file.name,
                        "mime_type": file.mime_type,
                        "size": file.size,
                        "width": file.width,
                        "height": file.height,
                        "url": f"/sandbox/files/{file.file_id}",
                    }
                )
        return shown


def guess_type(name: str) -> str:
    """The content type that a name suggests."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _suffix(name: str) -> str:
    match = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return match.group() if match else ""


def _photo_sizes(width: int, height: int) -> list[tuple[int, int]]:
    longest = max(width, height)
    edges = [edge for edge in _PHOTO_SIZES if edge < longest] + [min(longest, _PHOTO_SIZES[-1])]
    return [
        (max(1, width * edge // longest), max(1, height * edge // longest)) for edge in sorted(set(edges))
    ]


def image_size(body: bytes) -> tuple[int, int]:
    """Width and height of a PNG, GIF or JPEG; (0, 0) for anything else."""
    if body[:8] == b"\x89PNG\r\n\x1a\n" and len(body) >= 24:
        width, height = struct.unpack(">II", body[16:24])
        return min(width, 10_000), min(height, 10_000)
    if body[:6] in (b"GIF87a", b"GIF89a") and len(body) >= 10:
        width, height = struct.unpack("<HH", body[6:10])
        return width, height
    at = 2
    while body[:2] == b"\xff\xd8" and at + 9 <= len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return 0, 0
