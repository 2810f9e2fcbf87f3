"""Tests of `sim.explorer`: a scenario to turn by hand."""
