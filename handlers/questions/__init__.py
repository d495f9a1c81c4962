"""Asking, tracking, answering, approving and publishing in the chat."""
