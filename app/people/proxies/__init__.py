"""Who may act for whom: proxies that the principal confirms by a code, or that a clerk records from paper."""
