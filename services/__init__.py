"""Use cases by subject, each a function inside one transaction."""
