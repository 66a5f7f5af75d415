"""Management areas, compounds and their rooms, and who operates them."""
