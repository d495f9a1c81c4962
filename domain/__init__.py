"""Rules by subject, without database, clock or messenger."""
