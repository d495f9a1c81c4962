"""Agencies and fields: finding one by what somebody typed."""
