"""What each channel can show: whoever chooses words asks for it here, and never which channel it is."""

from channels.outgoing import Abilities
from channels.telegram import limits as telegram

CHANNELS: dict[str, Abilities] = {"telegram": telegram.ABILITIES}
