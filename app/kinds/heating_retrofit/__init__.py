"""Heating retrofit: a survey at a booked time, an itemised quote that an owner accepts, works, and two warm winters."""
