"""The FastAPI glue: one request is one transaction, one actor and one instant; refusals, pages and caches."""
