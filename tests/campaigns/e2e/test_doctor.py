"""`./danhoi doctor` and the messenger: is the token good, and do updates come as configured?"""

import asyncio
from pathlib import Path

import pytest

from bot.house.clocks import SystemClock
from bot.operator import doctor
from tests.worlds.office import TOKEN, Office, opened


async def examined(office: Office) -> dict[str, tuple[bool, str]]:
    """What the doctor finds, by name."""
    found = await doctor.examine(None, office.environment, SystemClock())
    return {one.name: (one.ok, one.says) for one in found}


async def test_the_doctor_asks_the_messenger_whether_updates_come_as_configured(
    tmp_path: Path, sqlite_url: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "MANY_WAIT", 3)
    async with opened(tmp_path, sqlite_url) as office:
        found = await examined(office)
        assert (found["messenger"], found["receiving"]) == ((True, "@sandbox_bot"), (True, ""))
        await office.stop()
        for _ in range(doctor.MANY_WAIT + 1):
            await office.sandbox.inject({"kind_of_2031": {}})
        assert "4 updates wait at the messenger" in (await examined(office))["receiving"][1]

        address = f"http://127.0.0.1:{unused_tcp_port}/hook"
        office.settings |= {
            "DANHOI_TELEGRAM__MODE": "webhook",
            "DANHOI_TELEGRAM__WEBHOOK_URL": address,
            "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{unused_tcp_port}",
            "DANHOI_TELEGRAM__WEBHOOK_SECRET": "bi-mat_1-that-nobody-guesses",
        }
        assert (await examined(office))["receiving"] == (
            False,
            "no webhook is set: is `danhoi run` at work?",
        )
        await office.start()
        await office.sandbox.settled()
        assert (await examined(office))["receiving"] == (True, "")
        office.settings["DANHOI_TELEGRAM__WEBHOOK_URL"] = f"{address}2"
        assert "another address" in (await examined(office))["receiving"][1]
        office.settings["DANHOI_TELEGRAM__WEBHOOK_URL"] = address

        await office.stop()
        await office.sandbox.inject({"kind_of_2031": {}})
        await asyncio.sleep(0.3)  # the messenger calls, and nobody is there
        assert "last call that failed: Connection refused" in (await examined(office))["receiving"][1]

        office.settings["DANHOI_TELEGRAM__MODE"] = "polling"
        assert "a webhook is set" in (await examined(office))["receiving"][1]
        office.settings["DANHOI_TELEGRAM__TOKEN"] = TOKEN + "x"
        found = await examined(office)
        assert found["messenger"] == (False, "telegram.token is refused")
        assert "receiving" not in found
        status, out, _ = await office.call("doctor")
        assert status == 1
        assert "FAIL  messenger" in out


async def test_the_doctor_says_when_the_disk_is_nearly_full(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"DANHOI_STORAGE__URL": database_url, "DANHOI_STORAGE__FILES": str(tmp_path / "not" / "yet")}
    monkeypatch.setattr(doctor, "LEAST_FREE", 0)
    found = {one.name: one for one in await doctor.examine(None, env, SystemClock())}
    assert found["disk"].ok
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)
    found = {one.name: one for one in await doctor.examine(None, env, SystemClock())}
    assert not found["disk"].ok
    assert "MB are left for" in found["disk"].says
