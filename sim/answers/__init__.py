"""The questions that a scenario can be asked, and what comes of each."""
