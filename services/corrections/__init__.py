"""Corrections of answers that went out: proposed, withdrawn, waited for."""
