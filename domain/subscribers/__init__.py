"""What people subscribe to, and the hours in which nobody is disturbed."""
