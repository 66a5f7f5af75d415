"""Call tasks: people whom somebody has to call, because no message reaches them or none would do."""
