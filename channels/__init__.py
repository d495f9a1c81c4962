"""How messages leave and come in, in no messenger's own words.

A folder for each messenger.
"""
