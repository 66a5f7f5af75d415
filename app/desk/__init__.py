"""What spans the domains for one person: a resident's home page, a desk's work, a caller at a glance, an export."""
