"""Questions from receiving to publication."""
