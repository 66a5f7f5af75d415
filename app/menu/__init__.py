"""What a compound offers: items, prices that a committee has approved, and when they can be ordered."""
