"""The database itself: transactions, SQLite and PostgreSQL, locks, migrations, backup."""
