"""Extensions, promises and reminders in the chat."""
