"""Clinics: whose doctors visit which compounds."""
