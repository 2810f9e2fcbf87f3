"""Tests of `sim.cli`: the commands, mostly as a process on real files."""
