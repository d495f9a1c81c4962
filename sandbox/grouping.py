"""Changes of groups: members and the bot come and go, groups become supergroups."""

from sandbox.actions import bot_member_update
from sandbox.errors import ControlError
from sandbox.shapes import Json
from sandbox.state.people import PRESENT, Group, Person
from sandbox.state.world import World


def create_group(world: World, title: str, owner: Person, supergroup: bool) -> Group:
    """A group of one person; the bot is not in it yet."""
    number = world.next("group")
    group = Group(
        -(10**12) - number if supergroup else -number,
        title,
        "supergroup" if supergroup else "group",
        {owner.id: "creator"},
    )
    world.groups[group.id] = group
    world.save(group)
    world.emit("group", chat_id=group.id)
    return group


def add_people(world: World, group: Group, people: list[Person]) -> None:
    """Let people in."""
    for person in people:
        group.members[person.id] = "member"
    _changed(world, group, people[0], {"new_chat_members": [person.as_user() for person in people]})


def remove_person(world: World, group: Group, person: Person) -> None:
    """A person leaves."""
    group.members[person.id] = "left"
    _changed(world, group, person, {"left_chat_member": person.as_user()})


def set_bot_status(world: World, group: Group, by: Person, status: str) -> None:
    """Add the bot, make it an administrator, or kick it; the bot hears ``my_chat_member``."""
    if status not in ("member", "administrator", "left", "kicked"):
        raise ControlError("status must be member, administrator, left or kicked")
    old, group.bot_status = group.bot_status, status
    world.push("my_chat_member", bot_member_update(world, group, by, old, status))
    if status in PRESENT and old not in PRESENT:
        _changed(world, group, by, {"new_chat_members": [world.bot_user()]})
    elif old in PRESENT and status not in PRESENT:
        _changed(world, group, by, {"left_chat_member": world.bot_user()})
    else:
        _changed(world, group, by, None)


def migrate(world: World, group: Group, by: Person) -> Group:
    """Turn a basic group into a supergroup with another id; both chats say so."""
    if group.type != "group" or group.migrated_to:
        raise ControlError("only a basic group can become a supergroup", 409)
    new = create_group(world, group.title, by, supergroup=True)
    new.members, new.bot_status = dict(group.members), group.bot_status
    group.migrated_to = new.id
    _changed(world, group, by, {"migrate_to_chat_id": new.id})
    _changed(world, new, by, {"migrate_from_chat_id": group.id})
    return new


def _changed(world: World, group: Group, by: Person, service: Json | None) -> None:
    world.save(group)
    world.emit("group", chat_id=group.id)
    if service is not None:
        record = world.add_message(group.id, by.as_user(), service)
        if group.bot_status in PRESENT:
            world.push("message", {**record.message})
