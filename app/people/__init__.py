"""Accounts and sign-in, residents and where they live, staff and what they serve."""
