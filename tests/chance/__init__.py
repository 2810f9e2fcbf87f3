"""Tests of `sim.chance`: randomness as an input."""
