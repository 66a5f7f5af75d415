"""Weddings and funerals: venues by parts of days, the pledge's limits, filing, and a settlement list before payment."""
