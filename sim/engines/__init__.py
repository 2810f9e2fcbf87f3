"""Paths valued: one, event by event, or all at once."""
