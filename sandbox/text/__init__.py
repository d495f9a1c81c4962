"""Texts as the messenger has them: entities, the HTML parse mode, keyboards."""
