"""What Telegram can show, and how much of it."""

from channels.outgoing import Abilities
from channels.telegram.compose import CAPTION_LIMIT, TEXT_LIMIT, split, units

ABILITIES = Abilities(
    text_limit=TEXT_LIMIT,
    caption_limit=CAPTION_LIMIT,
    units=units,
    split=split,
    buttons=True,
    edits=True,
    deletes=True,
    menus=True,
    album_files=10,  # Bot API, sendMediaGroup: 2-10
)
