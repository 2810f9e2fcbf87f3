"""Tests of `sim.scenario.laws`: delays and levels, and the months that follow from them."""
