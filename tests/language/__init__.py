"""Tests of `sim.language`: what the scenario language means, what it refuses and in which words."""
