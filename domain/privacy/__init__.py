"""Consent to the use of personal data, and the audit log."""
