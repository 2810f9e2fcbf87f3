"""Numbers with their errors."""
