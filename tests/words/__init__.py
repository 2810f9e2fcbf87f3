"""Tests of `sim.words`: numbers, labels, cards and tables as readers see them."""
