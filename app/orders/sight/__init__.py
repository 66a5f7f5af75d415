"""Who sees which orders, and by which right."""
