"""Tests of the simulator; a package, so that test modules share generators and oracles."""
