"""The database's errors, for code that does not know SQL."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import SQLAlchemyError as DatabaseTrouble


class DatabaseAway(DatabaseTrouble):
    """The database does not answer."""


# The database itself is away or busy: everything in the transaction is done again.
UNAVAILABLE = (OperationalError, InterfaceError, DatabaseAway)

__all__ = ["UNAVAILABLE", "DBAPIError", "DatabaseAway", "DatabaseTrouble"]
