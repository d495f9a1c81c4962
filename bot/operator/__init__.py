"""Commands of whoever runs the bot: load, back up, restore, examine, try out."""
