"""Staff: invitations, roles and their ends, agencies' groups."""
