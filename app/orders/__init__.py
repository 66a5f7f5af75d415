"""A resident orders from the menu and follows the work to its end."""
