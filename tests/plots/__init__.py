"""Tests of `sim.plots`: what is on the axes of the pictures, not how they look."""
