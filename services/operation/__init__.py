"""What keeps the programme running: loading, health, ticks, evidence."""
