"""Calls that people make to us, and messages that we send to them."""
