"""Reads ahead everything that a batch of updates needs of its senders, in five queries.

It stands in `Work.known`, by table. Whatever writes to one of these tables, in this transaction, ends what is known
of it (`Work.run`), and a savepoint that is rolled back ends all of it.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from storage.engine.database import Work
from storage.people.consents import standing
from storage.people.conversations import by_person, steps_and_drafts
from storage.people.roles import held
from storage.tables import consents, people, questions, roles

_IDS: sa.BindParameter[list[int]] = sa.bindparam("ids", expanding=True)
_PERSONS = sa.select(people).where(
    people.c.channel == sa.bindparam("channel"),
    people.c.address.in_(sa.bindparam("addresses", expanding=True)),
)
_STEPS_AND_DRAFTS = steps_and_drafts(lambda table: table.c.person_id.in_(_IDS))
_STANDING = standing().where(consents.c.person_id.in_(_IDS))
_HELD = held().where(roles.c.person_id.in_(_IDS))
_ASKED = sa.select(questions.c.asker_id).where(questions.c.asker_id.in_(_IDS)).distinct()


async def read_ahead(work: Work, channel: str, addresses: Sequence[str]) -> None:
    """Read the people of these addresses into `Work.known`.

    With roles, consents, steps, drafts, and whether they asked before. As many addresses as a statement takes.
    """
    persons = await work.all(_PERSONS, {"channel": channel, "addresses": list(addresses)})
    ids = [person.id for person in persons]
    here = await work.all(_STEPS_AND_DRAFTS, {"ids": ids})
    stands = await work.all(_STANDING, {"ids": ids})
    holds = await work.all(_HELD, {"ids": ids})
    known = work.known
    known["people"] = dict.fromkeys(((channel, one) for one in addresses), None) | {
        (channel, person.address): person for person in persons
    }
    known["conversations"] = by_person(ids, here)
    asked = await work.all(_ASKED, {"ids": ids})
    known["questions"] = dict.fromkeys(ids, False) | {row.asker_id: True for row in asked}
    for name, rows in (("consents", stands), ("roles", holds)):
        known[name] = {person_id: [] for person_id in ids}
        for row in rows:
            known[name][row.person_id].append(row)
