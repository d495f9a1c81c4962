"""The database itself: transactions, both dialects, locks, migrations, backup."""
