"""Ids of messages as text, and the inbox by channel, for other messengers."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.drop_index("ix_outbox_address_message_id", "outbox")
    for table in ("outbox", "deliveries"):
        if postgresql:
            using = "CAST(message_id AS TEXT)"
            op.alter_column(table, "message_id", type_=sa.Text(), postgresql_using=using)
        else:
            _as_text_on_sqlite(table)
    op.create_index("ix_outbox_address_message_id", "outbox", ["address", "message_id"])
    # Between two that would do, SQLite takes the newer: the one of what is queued is the smaller.
    queued = sa.text("state = 'queued'")
    op.drop_index("ix_outbox_queued_for_address", "outbox")
    op.create_index(
        "ix_outbox_queued_for_address", "outbox", ["address"], sqlite_where=queued, postgresql_where=queued
    )
    for statement in CONTENT_ON_POSTGRESQL if postgresql else CONTENT_ON_SQLITE:
        op.execute(statement)
    _inbox_by_event()


def _as_text_on_sqlite(table: str) -> None:
    """Replace a column by one of type TEXT; the old type turns digits into numbers."""
    op.add_column(table, sa.Column("id_there", sa.Text()))
    there = sa.table(table, sa.column("id_there", sa.Text()), sa.column("message_id"))
    given = sa.update(there).where(there.c.message_id.is_not(None))
    op.execute(given.values(id_there=sa.cast(there.c.message_id, sa.Text())))
    op.execute(f"ALTER TABLE {table} DROP COLUMN message_id")
    op.execute(f"ALTER TABLE {table} RENAME COLUMN id_there TO message_id")


# Changes of what somebody pressed, and albums, name messages in their content, too.
CONTENT_ON_POSTGRESQL = (
    """UPDATE outbox SET content = jsonb_set(content, '{message_id}', to_jsonb(content->>'message_id'))
    WHERE kind IN ('edit', 'buttons') AND jsonb_typeof(content->'message_id') = 'number'""",
    """UPDATE outbox SET content = jsonb_set(content, '{message_ids}', (
        SELECT jsonb_agg(one.value #>> '{}' ORDER BY one.place)
        FROM jsonb_array_elements(content->'message_ids') WITH ORDINALITY AS one (value, place)))
    WHERE kind = 'album' AND jsonb_typeof(content->'message_ids') = 'array'
    AND jsonb_array_length(content->'message_ids') > 0""",
)
CONTENT_ON_SQLITE = (
    """UPDATE outbox
    SET content = json_set(content, '$.message_id', CAST(json_extract(content, '$.message_id') AS TEXT))
    WHERE kind IN ('edit', 'buttons') AND json_type(content, '$.message_id') = 'integer'""",
    """UPDATE outbox SET content = json_set(content, '$.message_ids', json(
        (SELECT json_group_array(CAST(value AS TEXT)) FROM json_each(outbox.content, '$.message_ids'))))
    WHERE kind = 'album' AND json_type(content, '$.message_ids') = 'array'""",
)


def _inbox_by_event() -> None:
    """Copy the inbox into a table with another key."""
    op.rename_table("inbox", "inbox_by_number")
    for name in ("waiting", "chat", "received_at", "parked"):
        op.drop_index(f"ix_inbox_{name}", "inbox_by_number")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE inbox_by_number RENAME CONSTRAINT pk_inbox TO pk_inbox_by_number")
    op.create_table(
        "inbox",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("event", sa.String(255), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("channel", "event", name=op.f("pk_inbox")),
    )
    op.execute(
        """INSERT INTO inbox (channel, event, place, chat, payload, received_at, state, tries)
        SELECT 'telegram', CAST(update_id AS VARCHAR(255)), update_id, chat, payload, received_at, state, tries
        FROM inbox_by_number"""
    )
    op.drop_table("inbox_by_number")
    op.create_index("ix_inbox_chat", "inbox", ["chat"])
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    for state, column in (("waiting", "place"), ("parked", "received_at")):
        op.create_index(
            f"ix_inbox_{state}",
            "inbox",
            [column],
            sqlite_where=sa.text(f"state = '{state}'"),
            postgresql_where=sa.text(f"state = '{state}'"),
        )


def downgrade() -> None:
    raise NotImplementedError("an id that is no number has none to go back to")
