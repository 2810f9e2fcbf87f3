"""Tests of `sim.simulation`: many paths on many threads, in shards that merge."""
