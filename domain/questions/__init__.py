"""A question from being asked to being answered: states, permissions, codes, history, lateness."""
