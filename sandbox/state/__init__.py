"""All that the sandbox knows: people, messages, files, updates, faults, limits, time."""
