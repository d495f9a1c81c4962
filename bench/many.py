"""Makes a ledger as it is after years: closed, published questions with texts.

With their words and history. Made inside of the database, for a million rows through a driver take minutes.
"""

import sqlalchemy as sa

from storage.engine.database import Database
from storage.tables import fields

WORDS = 12  # of each question; of each the vocabulary is larger, so that there are common and rare ones
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', '2020-01-01', '+' || (i * 60) || ' seconds')",
    "postgresql": "timestamp '2020-01-01' + i * interval '1 minute'",
}
_ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
_FILL = [
    """INSERT INTO people (id, channel, address, display_name, language, created_at, full_name, home_address)
    {rows} SELECT i, 'telegram', CAST(i AS TEXT), 'Mai ' || i, 'vi', {moment}, 'Mai', 'Rạch Giá' FROM n""",
    """INSERT INTO questions (id, year, number, status, secrecy, emergency, channel, asker_id, received_at,
    assign_due_at, field_code, answered_at, published_at)
    {rows} SELECT i, 2020 + i % 7, i, 'closed', 'none', {false}, 'telegram', i, {moment}, {moment},
    'f' || (i % 20), {moment}, {moment} FROM n""",
    """INSERT INTO entries (question_id, kind, author_id, text, at)
    {rows} SELECT i, kind, i, 'Tôi hỏi về việc số ' || i || ' ở xã tôi, bao giờ thì có?', {moment}
    FROM n CROSS JOIN
    (SELECT 'question' AS kind UNION ALL SELECT 'public_question' UNION ALL SELECT 'public_answer') kinds""",
    """INSERT INTO history (question_id, at, event, actor_id, actor_role, details)
    {rows} SELECT i, {moment}, 'received', i, 'asker', '{{}}' FROM n""",
    *(
        f"INSERT INTO published_words (word, question_id)"  # noqa: S608  # numbers of ours
        f" {{rows}} SELECT 'w{number}x' || (i * 7919 % {4**number}), i FROM n"
        for number in range(WORDS)
    ),
]


async def fill(database: Database, size: int) -> None:
    """Insert questions 1 to `size`, each by another asker."""
    sqlite = database.engine.dialect.name == "sqlite"
    rows = _ROWS.format(size=size)
    async with database.work(long=True) as work:
        for number in range(20):
            code = f"f{number}"
            await work.run(sa.insert(fields).values(code=code, position=number, name=code, name_en=code))
        for statement in _FILL:
            await work.connection.exec_driver_sql(
                statement.format(
                    rows=rows,
                    moment=_MOMENT[database.engine.dialect.name],
                    false="0" if sqlite else "false",
                ).replace("'{}'", "'{}'" if sqlite else "'{}'::jsonb")
            )
        if not sqlite:
            for table in ("people", "questions"):
                await work.connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {size})"
                )


async def analyze(database: Database) -> None:
    """Let the databases' planners gather statistics, as they have in daily use."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text("ANALYZE"))
