"""A row of its own for a question being written; ids of messages as text."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _table(name: str, *others: str) -> Any:
    return sa.table(
        name,
        sa.column("person_id", ID),
        *(sa.column(one, sa.String(32)) for one in others),
        sa.column("data", JSON),
        sa.column("updated_at", sa.DateTime()),
    )


CONVERSATIONS = _table("conversations", "step")
QUESTION_DRAFTS = _table("question_drafts", "step")
BROADCAST_DRAFTS = _table("broadcast_drafts")
OF_A_QUESTION = "ask."  # the steps of a question being written


def upgrade() -> None:
    op.create_table(
        "question_drafts",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_question_drafts_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_question_drafts")),
    )
    for row in _rows(CONVERSATIONS):
        data = _with_ids(_content(row.data), _as_text)
        under = data.pop("under", None)
        if row.step.startswith(OF_A_QUESTION):
            _put(QUESTION_DRAFTS, row.person_id, row.step, data, row.updated_at)
            _delete(CONVERSATIONS, row.person_id)
            continue
        if under:
            draft = _with_ids(under["data"], _as_text)
            _put(QUESTION_DRAFTS, row.person_id, under["step"], draft, row.updated_at)
        _update(CONVERSATIONS, row.person_id, data)
    for row in _rows(BROADCAST_DRAFTS):
        _update(BROADCAST_DRAFTS, row.person_id, _with_ids(_content(row.data), _as_text))


def downgrade() -> None:
    steps = {row.person_id: row for row in _rows(CONVERSATIONS)}
    drafts = {row.person_id: row for row in _rows(QUESTION_DRAFTS)}
    for person_id, row in steps.items():
        data = _with_ids(_content(row.data), _as_number)
        if person_id in drafts:
            draft = drafts.pop(person_id)
            data["under"] = {"step": draft.step, "data": _with_ids(_content(draft.data), _as_number)}
        _update(CONVERSATIONS, person_id, data)
    for person_id, draft in drafts.items():
        data = _with_ids(_content(draft.data), _as_number)
        _put(CONVERSATIONS, person_id, draft.step, data, draft.updated_at)
    for row in _rows(BROADCAST_DRAFTS):
        _update(BROADCAST_DRAFTS, row.person_id, _with_ids(_content(row.data), _as_number))
    op.drop_table("question_drafts")


# --- the ids of messages in what is kept ------------------------------------------------------------------------

OnId = Callable[[Any], Any]


def _as_text(found: Any) -> Any:
    return str(found) if type(found) is int else found


def _as_number(found: Any) -> Any:
    return int(found) if isinstance(found, str) and found.isdigit() else found


def _with_ids(data: dict[str, Any], change: OnId) -> dict[str, Any]:
    """Change the ids of messages in a step or draft; describe a long text's file neutrally."""
    changed = dict(data)
    # [id, text] of an answer or a long text, {"message": id, …} of a question; others hold no ids.
    for many in ("parts", "files"):
        if isinstance(data.get(many), list):
            changed[many] = [_part(one, change) for one in data[many]]
    for one in ("message", "reply_to"):
        if one in data:
            changed[one] = change(data[one])
    # Of a broadcast "card" is a row of the outbox; of a step the message whose button began it.
    if "card" in data and "html" not in data:
        changed["card"] = change(data["card"])
    before = data.get("before")
    if isinstance(before, dict):
        changed["before"] = before | {"data": _with_ids(before.get("data", {}), change)}
    if isinstance(data.get("file"), dict):
        changed["file"] = _file(data["file"])
    return changed


def _part(one: Any, change: OnId) -> Any:
    if isinstance(one, dict) and "message" in one:
        return one | {"message": change(one["message"])}
    if isinstance(one, list) and len(one) == 2:
        return [change(one[0]), one[1]]
    return one


def _file(found: dict[str, Any]) -> dict[str, Any]:
    """Describe a file {"photo": […]}, as the Bot API has it, neutrally; leave others."""
    if "remote_id" in found or len(found) != 1:
        return found
    ((kind, body),) = found.items()
    body = body[-1] if isinstance(body, list) else body
    usual = {"photo": "image/jpeg", "voice": "audio/ogg"}.get(kind, "application/octet-stream")
    shown = [body.get(one) for one in ("performer", "title", "file_name")]
    return {
        "kind": "document" if kind == "video_note" else kind,
        "remote_id": body["file_id"],
        "name": " - ".join(one for one in shown if one),
        "content_type": body.get("mime_type") or usual,
        "size": body.get("file_size"),
    }


# --- rows -------------------------------------------------------------------------------------------------------


def _rows(table: Any) -> Iterator[Any]:
    """Read all rows of a table in pieces."""
    connection, after = op.get_bind(), -1
    while some := connection.execute(
        sa.select(table).where(table.c.person_id > after).order_by(table.c.person_id).limit(1000)
    ).all():
        yield from some
        after = some[-1].person_id


def _content(found: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return dict(content or {})


def _put(table: Any, person_id: int, step: str, data: dict[str, Any], updated_at: Any) -> None:
    values = {"person_id": person_id, "step": step, "data": data, "updated_at": updated_at}
    op.get_bind().execute(sa.insert(table).values(**values))


def _update(table: Any, person_id: int, data: dict[str, Any]) -> None:
    op.get_bind().execute(sa.update(table).where(table.c.person_id == person_id).values(data=data))


def _delete(table: Any, person_id: int) -> None:
    op.get_bind().execute(sa.delete(table).where(table.c.person_id == person_id))
