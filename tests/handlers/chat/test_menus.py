"""The menus and the help of everybody who can have one, word for word and in their order."""

import re
from typing import Any

import pytest

from domain.questions.life import Role
from handlers.chat.account import default_menu
from services.staff import staff
from storage.agencies import agencies
from storage.engine.database import Database
from tests.worlds.chat import House

ASKING = "hoi cuatoi tracuu hoidap lich xemlai danhgia molai rut dangky dulieu xoadulieu"
OFFICERS = "traloi viec xem nhan trave hoithem"
EDITORS = (
    "duyet sualai moi quahan chuyen linhvuc tuchoi gop congkhai dinhchinh lichphat kyphat kichban duongdan luotxem"
    " thongbao nhaptay chan"
)
OWN = "ngonngu huy trogiup"
ADMINS = "moinguoi ngaynghi xuatso nhatky tinhtrang"

MENUS = {
    None: f"{ASKING} {OWN}",
    Role.OFFICER: f"{ASKING} {OFFICERS} giahan hua dinhchinh {OWN}",
    Role.LEADER: f"{ASKING} viec xem hua duyet sualai {OWN}",
    Role.EDITOR: f"{ASKING} xem giahan hua {EDITORS} {OWN}",
    Role.ADMIN: f"{ASKING} xem giahan hua {EDITORS} {OWN} {ADMINS}",
}
# The help names what is left out of the menus, too.
HELP = {
    None: f"{ASKING} start {OWN}",
    Role.OFFICER: f"{ASKING} {OFFICERS} nghitocao giahan hua dinhchinh start {OWN} nhom",
    Role.LEADER: f"{ASKING} viec xem nghitocao hua duyet sualai start {OWN} nhom",
    Role.EDITOR: f"{ASKING} xem nghitocao giahan hua {EDITORS} start {OWN}",
    Role.ADMIN: f"{ASKING} xem nghitocao giahan hua {EDITORS} start {OWN} {ADMINS} nhom",
}


@pytest.fixture
def house(database: Database, application: Any) -> House:
    return House(database, application)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.EDITOR, Role.ADMIN])
async def test_the_staffs_menu_and_help_stand_in_their_order(house: House, role: Role) -> None:
    async with house.database.work() as work:
        agency = await agencies.by_code(work, "SNNMT") if role in (Role.OFFICER, Role.LEADER) else None
        code, _expires_at = await staff.invite(work, role, agency)
    chat = house.person("Bình")
    await chat.send(f"/start {code}", "/trogiup")

    assert [name for name, _said in house.messenger.menus[str(chat.address)]] == MENUS[role].split()
    assert re.findall(r"/(\w+) - ", chat.last.text) == HELP[role].split()


async def test_a_citizens_menu_and_help_stand_in_their_order(house: House) -> None:
    chat = house.person("Mai")
    await chat.send("/trogiup")

    for language in ("vi", "en"):
        assert [name for name, _said in default_menu(language)] == MENUS[None].split()
    assert re.findall(r"/(\w+) - ", chat.last.text) == HELP[None].split()
