"""What each channel can show.

Code that chooses words asks here for abilities, and never which channel it is.
"""

from channels.outgoing import Abilities
from channels.telegram import limits as telegram

CHANNELS: dict[str, Abilities] = {"telegram": telegram.ABILITIES}
