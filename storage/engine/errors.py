"""What can go wrong with the database, for the rooms that don't speak SQL."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import SQLAlchemyError as DatabaseTrouble


class DatabaseAway(DatabaseTrouble):
    """Nobody answers where the database should be."""


# The database itself is away or busy: everything in the transaction is done again.
UNAVAILABLE = (OperationalError, InterfaceError, DatabaseAway)

__all__ = ["UNAVAILABLE", "DBAPIError", "DatabaseAway", "DatabaseTrouble"]
