"""What is left to chance: draws, quasi-random points, and how a question is sampled."""
