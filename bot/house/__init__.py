"""The running process: its parts wired together, and how it is watched."""
