"""Invitations, roles and agencies' groups in the chat."""
