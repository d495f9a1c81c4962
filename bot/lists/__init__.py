"""Lists kept outside of the database, so that they outlive it.

Erased people, what ended, and seals of the audit log.
"""
