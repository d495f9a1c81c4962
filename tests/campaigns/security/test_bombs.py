"""What people send is kept and passed on, never opened: what would unpack into gigabytes stays as small as it came."""

import asyncio
import re
import struct
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bot.lists.erasures import place_of
from tests.worlds.office import Office, ask, opened

MEGABYTE = 1 << 20
INSIDE = 200 * MEGABYTE
ALLOWED = 60 * MEGABYTE  # what the process may grow by with all that it does meanwhile


def picture_bomb() -> bytes:
    """A PNG of 14,336 × 14,336 grey points, all black: 200 KB that a reader turns into 200 MB."""
    side = 14_336

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    packer = zlib.compressobj(1)
    line = bytes(side + 1)
    points = b"".join([*(packer.compress(line) for _ in range(side)), packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", points) + chunk(b"IEND", b"")


def document_bomb() -> bytes:
    """A Word document whose words are 200 MB of zeros."""
    packed = BytesIO()
    with (
        ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=1) as zipped,
        zipped.open("word/document.xml", "w") as stream,
    ):
        for _ in range(INSIDE // MEGABYTE):
            stream.write(bytes(MEGABYTE))
    return packed.getvalue()


def most_memory(office: Office) -> int:
    """The most that the bot's process held since `forget_memory`, in bytes."""
    assert office.process is not None
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{office.process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def forget_memory(office: Office) -> None:
    assert office.process is not None
    Path(f"/proc/{office.process.pid}/clear_refs").write_text("5")


async def test_a_picture_and_a_document_that_explode_are_kept_as_they_came_and_passed_on_unopened(
    tmp_path: Path, sqlite_url: str
) -> None:
    bombs = {"anh.png": picture_bomb(), "don.docx": document_bomb()}
    assert all(len(bomb) < 2 * MEGABYTE for bomb in bombs.values())
    async with opened(tmp_path, sqlite_url) as office:
        editor = await office.staff("Võ Ngọc Lan", "editor")
        citizen = await office.sandbox.user("Mai")
        await ask(citizen)
        forget_memory(office)
        before = most_memory(office)
        await citizen.send("Tôi gửi thêm ảnh và đơn.")
        await citizen.wait_for("Gửi câu hỏi")
        for name, bomb in bombs.items():
            await citizen.upload(bomb, name=name)
            await citizen.wait_for("Gửi câu hỏi")
        await citizen.press("Gửi câu hỏi")
        await editor.wait_for(re.compile(r"DH-\d{4}-000002"))
        for bomb in bombs.values():
            kept = place_of(tmp_path / "files", sha256(bomb).hexdigest())
            for _ in range(400):
                if kept.exists():
                    break
                await asyncio.sleep(0.05)
            assert kept.read_bytes() == bomb
        await editor.press("Xem 2 tệp")
        got = await editor.wait_until(lambda one: bool(one.files))
        assert got.files
        await citizen.send("/dulieu tệp")
        await citizen.wait_for("bản cho máy tính")
        assert most_memory(office) - before < ALLOWED
