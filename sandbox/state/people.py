"""People and groups, and how the Bot API describes them."""

from dataclasses import asdict, dataclass, field

from sandbox.shapes import Json

PRESENT = ("creator", "administrator", "member", "restricted")
"""Statuses of a chat member who is inside."""


@dataclass
class Person:
    """A person with a messenger.

    Their private chat with the bot has the same id as they.
    """

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    role_label: str = ""
    start: str = ""
    phone_number: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    @property
    def name(self) -> str:
        """First and last name as the messenger shows them."""
        return f"{self.first_name} {self.last_name}".strip()

    def as_user(self) -> Json:
        """The Bot API's ``User``."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if getattr(self, name):
                user[name] = getattr(self, name)
        return user

    def as_chat(self) -> Json:
        """The Bot API's ``Chat`` of the private chat."""
        chat = self.as_user()
        del chat["is_bot"]
        chat.pop("language_code", None)
        return {**chat, "type": "private"}

    def as_json(self) -> Json:
        """Everything, for the control API and the store."""
        return asdict(self)


@dataclass
class Group:
    """A group or supergroup with its members' statuses by user id."""

    id: int
    title: str
    type: str = "group"
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "left"
    migrated_to: int = 0
    deleted: bool = False
    last_message_id: int = 0

    def as_chat(self) -> Json:
        """The Bot API's ``Chat``."""
        return {"id": self.id, "type": self.type, "title": self.title}

    def as_json(self) -> Json:
        """Everything, for the control API and the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, body: Json) -> "Group":
        """A stored group; JSON has made the member ids text."""
        return cls(**{**body, "members": {int(user): status for user, status in body["members"].items()}})
