"""What happens to people: in hospital, back again, dead; each with a row that says who reported it."""
