"""Names for the shapes of data that travel as JSON."""

from typing import Any

Json = dict[str, Any]
"""A JSON object, in the Bot API's own field names wherever the Bot API has a name."""
