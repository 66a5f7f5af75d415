"""Whom to call about a compound, day and night: rosters by level, and the fallback from one to the next."""
