"""Notifications: what residents are told, in the app and by the way that reaches them."""
