"""What a scenario is, and what follows from it: parts, rules, laws."""
