"""The commands for whoever runs the bot: load, back up, restore, examine, try out."""
