"""Bookable time: resources, slots, holds, closures and holidays."""
