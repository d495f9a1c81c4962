"""Asking, following, answering, approving and publishing in the chat."""
