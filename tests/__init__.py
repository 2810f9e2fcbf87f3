"""Tests of the simulator, a folder for each of its rooms; a package, so that they share generators and oracles."""
