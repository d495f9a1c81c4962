"""Named queries on subscriptions and announcements."""
