"""Agencies and fields: finding them from what somebody typed."""
