"""Tests of `sim.report`: the page as a file, what it carries, and in a real browser."""
