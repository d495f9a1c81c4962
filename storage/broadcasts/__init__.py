"""Named queries on broadcasts, their deliveries and drafts."""
