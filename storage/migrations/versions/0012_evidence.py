"""Seals of words; roles from before the audit log are named in it."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

AUDIT = sa.table(
    "audit",
    *(sa.column(name) for name in ("number", "actor_id", "act", "subject", "seal")),
    sa.column("at", sa.DateTime),
    sa.column("details", JSON),
)
FACTS = sa.table("facts", sa.column("key"), sa.column("value"))
ROLES = sa.table(
    "roles", sa.column("id"), sa.column("granted_at", sa.DateTime), sa.column("revoked_at", sa.DateTime)
)
CONSENTS = sa.table("consents", sa.column("id"), sa.column("given_at", sa.DateTime))
HEAD = "audit_head"


def upgrade() -> None:
    op.create_table(
        "text_seals",
        sa.Column("piece", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", ID, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_text_seals_entry_id")),
        sa.PrimaryKeyConstraint("piece", "entry_id", name=op.f("pk_text_seals")),
    )
    op.create_index(op.f("ix_text_seals_entry_id"), "text_seals", ["entry_id"])
    op.create_index(
        "ix_text_seals_open",
        "text_seals",
        ["entry_id"],
        sqlite_where=sa.text("salt IS NULL"),
        postgresql_where=sa.text("salt IS NULL"),
    )
    _begin(op.get_bind())


def _begin(connection: sa.Connection) -> None:
    """Name the present roles, ended or not, and the last consent; later ones have entries of their own.

    The moment is the latest one in the log, or of what is named: nothing goes back in time.
    """
    roles = connection.execute(sa.select(ROLES).order_by(ROLES.c.id)).all()
    consents = connection.execute(
        sa.select(sa.func.max(CONSENTS.c.id), sa.func.max(CONSENTS.c.given_at))
    ).one()
    if not roles and consents[0] is None:
        return
    moments = [connection.execute(sa.select(sa.func.max(AUDIT.c.at))).scalar(), consents[1]]
    moments += [moment for row in roles for moment in (row.granted_at, row.revoked_at)]
    at: datetime = max(moment for moment in moments if moment is not None)
    details = {
        "roles": {str(row.id): row.revoked_at is not None for row in roles},
        "consents": consents[0] or 0,
    }
    head = connection.execute(sa.select(FACTS.c.value).where(FACTS.c.key == HEAD)).scalar()
    number, before = (0, "0" * 64) if head is None else (int(head.split(":")[0]), head.split(":")[1])
    entry = {"number": number + 1, "actor_id": None, "act": "evidence_begun", "subject": "database"}
    said = [before, number + 1, at.replace(tzinfo=UTC).isoformat(), None, entry["act"], "database", details]
    seal = sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    connection.execute(sa.insert(AUDIT).values(**entry, at=at, details=details, seal=seal))
    connection.execute(sa.delete(FACTS).where(FACTS.c.key == HEAD))
    connection.execute(sa.insert(FACTS).values(key=HEAD, value=f"{number + 1}:{seal}"))


def downgrade() -> None:
    raise NotImplementedError("what is sealed is not forgotten: restore a backup")
