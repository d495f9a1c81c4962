"""Give an answer being written a row of its own, beside its step."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

CONVERSATIONS = sa.table(
    "conversations",
    sa.column("person_id", ID),
    sa.column("step", sa.String(32)),
    sa.column("data", JSON),
    sa.column("updated_at", sa.DateTime()),
)
WRITTEN = sa.table(
    "answers_being_written",
    sa.column("person_id", ID),
    sa.column("question_id", ID),
    sa.column("data", JSON),
    sa.column("updated_at", sa.DateTime()),
)
OF_AN_ANSWER = ("answer", "official_letter")  # the steps of an answer being written
HELD = ("parts", "files", "letter", "cut")  # what they held of it


def upgrade() -> None:
    op.create_table(
        "answers_being_written",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("question_id", ID, autoincrement=False, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_answers_being_written_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_answers_being_written_question_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "question_id", name=op.f("pk_answers_being_written")),
    )
    op.create_index(
        op.f("ix_answers_being_written_question_id"), "answers_being_written", ["question_id"], unique=False
    )
    for row in _rows(CONVERSATIONS):
        data = _content(row.data)
        before = data.get("before")  # where somebody was before a long text came
        if row.step in OF_AN_ANSWER:
            _update(row.person_id, _moved(row, data))
        elif isinstance(before, dict) and before.get("step") in OF_AN_ANSWER:
            moved = _moved(row, dict(before.get("data") or {}))
            _update(row.person_id, data | {"before": before | {"data": moved}})


def _moved(row: Any, step: dict[str, Any]) -> dict[str, Any]:
    """Put what a step held of an answer into a row of its own; returns what is left to the step."""
    written = {
        "parts": [{"message": message, "text": text} for message, text in step.get("parts") or ()],
        "files": [{"message": None, "file": file_id} for file_id in step.get("files") or ()],
        "letter": step.get("letter"),
    }
    values = {"person_id": row.person_id, "question_id": step["question"]}
    op.get_bind().execute(sa.insert(WRITTEN).values(data=written, updated_at=row.updated_at, **values))
    return {key: value for key, value in step.items() if key not in HELD}


def downgrade() -> None:
    written = {(row.person_id, row.question_id): _content(row.data) for row in _written()}
    for row in _rows(CONVERSATIONS):
        data = _content(row.data)
        before = data.get("before")
        if row.step in OF_AN_ANSWER:
            _update(row.person_id, _back(written, row.person_id, data))
        elif isinstance(before, dict) and before.get("step") in OF_AN_ANSWER:
            back = _back(written, row.person_id, dict(before.get("data") or {}))
            _update(row.person_id, data | {"before": before | {"data": back}})
    op.drop_index(op.f("ix_answers_being_written_question_id"), "answers_being_written")
    op.drop_table("answers_being_written")


def _back(
    written: dict[tuple[int, int], dict[str, Any]], person_id: int, step: dict[str, Any]
) -> dict[str, Any]:
    held = written.get((person_id, step["question"]), {})
    return step | {
        "parts": [[one["message"] or "", one["text"]] for one in held.get("parts", ())],
        "files": [one["file"] for one in held.get("files", ())],
        "letter": held.get("letter"),
        "cut": False,
    }


def _written() -> list[Any]:
    return list(op.get_bind().execute(sa.select(WRITTEN)).all())


def _rows(table: Any) -> Iterator[Any]:
    """All rows of a table, read in pieces."""
    connection, after = op.get_bind(), -1
    while some := connection.execute(
        sa.select(table).where(table.c.person_id > after).order_by(table.c.person_id).limit(1000)
    ).all():
        yield from some
        after = some[-1].person_id


def _content(found: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return dict(content or {})


def _update(person_id: int, data: dict[str, Any]) -> None:
    of_theirs = sa.update(CONVERSATIONS).where(CONVERSATIONS.c.person_id == person_id)
    op.get_bind().execute(of_theirs.values(data=data))
