"""Tests of `sim.scenario`: what a scenario is, and what follows from it."""
