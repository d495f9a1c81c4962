"""A local look-alike of the Telegram Bot API, with a page to play people.

The package stands alone: a bot reaches it over HTTP like the real platform, and it knows of no particular bot. Start
it with ``python -m sandbox``; ``README.md`` describes the control API.
"""
