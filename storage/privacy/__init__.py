"""Named queries for erasing people, and clearing chats."""
