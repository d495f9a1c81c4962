"""Named queries on episodes, links and script plans."""
