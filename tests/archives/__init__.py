"""Tests of `sim.archives`: results in a folder, whole or not at all, and opened as they were."""
