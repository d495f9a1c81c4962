"""Episodes of the programme, their links, and search among them."""
