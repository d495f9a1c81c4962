"""Erasing, what is kept about somebody, and how long."""
