"""Tests of `sim.engines`: each against the other, and what only one of them does."""
