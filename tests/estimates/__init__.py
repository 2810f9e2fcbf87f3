"""Tests of `sim.estimates`: measures and differences with their errors, by hand, by exact sums and by coverage."""
