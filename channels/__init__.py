"""How messages come in and leave, without any messenger's own words.

Each messenger has a folder.
"""
