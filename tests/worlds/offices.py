"""A small programme's staff, each in a chat of their own, with a question."""

from domain.questions.life import Role, Status
from services.staff import staff
from storage.agencies import agencies
from storage.engine.database import Database
from storage.people import people, roles
from storage.questions import questions
from storage.rows import QuestionRow
from tests.worlds.chat import Chat, House

LAND = "Tôi nộp hồ sơ cấp sổ đỏ ở phường Rạch Giá từ tháng 5 mà chưa có kết quả, khi nào có?"
ANSWER = "Hồ sơ của ông/bà đã được thẩm định, giấy chứng nhận sẽ có trước ngày 30/11/2026."


async def hire(house: House, name: str, role: Role, agency_code: str | None = None) -> Chat:
    """Return the chat of somebody who has followed an invitation."""
    async with house.database.work() as work:
        agency = None if agency_code is None else await agencies.by_code(work, agency_code)
        code, _ = await staff.invite(work, role, agency)
    chat = house.person(name)
    await chat.send(f"/start {code}")
    return chat


async def hire_everywhere(database: Database) -> None:
    """At every agency an officer whom messages reach: whoever is tested assigns without a warning."""
    async with database.work() as work:
        one = await people.seen(
            work, channel="telegram", address="999999", display_name="Trực", language="vi"
        )
        for agency in await agencies.everyone(work):
            await roles.grant(work, one.id, Role.OFFICER, agency.id, None)


class Offices:
    """An editor, an officer and a leader of the environment department, a citizen."""

    house: House
    citizen: Chat
    editor: Chat
    officer: Chat
    leader: Chat

    @classmethod
    async def open(cls, house: House) -> "Offices":
        async def hired() -> dict[str, tuple[int, str]]:
            chats = {
                "citizen": house.person("Mai"),
                "editor": await hire(house, "Biên", Role.EDITOR),
                "officer": await hire(house, "Cán", Role.OFFICER, "SNNMT"),
                "leader": await hire(house, "Lãnh", Role.LEADER, "SNNMT"),
            }
            return {who: (chat.address, chat.name) for who, chat in chats.items()}

        people = await house.begin("offices", hired, anyhow=True)
        offices = cls()
        offices.house = house
        for who, (address, name) in people.items():
            setattr(offices, who, Chat(house, address, name, "vi"))
        return offices

    async def ask(self, text: str = LAND, who: Chat | None = None) -> str:
        """Enter a citizen's question in the ledger; return its code."""
        if text == LAND and who is None:
            return await self.house.begin("asked", self._ask)
        return await self._ask(text, who)

    async def assigned(self, agency: str = "SNNMT") -> str:
        if agency == "SNNMT":
            return await self.house.begin("assigned", self._assigned)
        return await self._assigned(agency)

    async def in_approval(self) -> str:
        return await self.house.begin("in approval", self._in_approval)

    async def answered(self) -> str:
        return await self.house.begin("answered", self._answered)

    async def _ask(self, text: str = LAND, who: Chat | None = None) -> str:
        chat = who or self.citizen
        known = bool(chat.shown)
        await chat.send(text)
        if not known:
            await chat.press("Đồng ý")
            await chat.send("Nguyễn Thị Mai", "12 Lê Lợi, phường Rạch Giá")
            await chat.press("Bỏ qua")
            await chat.press("Bỏ qua")
        await chat.press("Gửi câu hỏi")
        rows = await self.ledger()
        return f"DH-{rows[-1].year}-{rows[-1].number:06d}"

    async def _assigned(self, agency: str = "SNNMT") -> str:
        code = await self._ask()
        await self.editor.send(f"/chuyen {code} {agency}")
        return code

    async def _in_approval(self) -> str:
        code = await self._assigned()
        await self.officer.send(f"/traloi {code} {ANSWER}")
        return code

    async def _answered(self) -> str:
        code = await self._in_approval()
        await self.leader.send(f"/duyet {code}")
        await self.editor.send(f"/duyet {code}")
        return code

    async def ledger(self) -> list[QuestionRow]:
        async with self.house.database.reading() as work:
            return await questions.listed(work, statuses=frozenset(Status))

    async def question(self, code: str) -> QuestionRow:
        return next(row for row in await self.ledger() if row.number == int(code[-6:]))

    async def status(self, code: str) -> str:
        return str((await self.question(code)).status)
