"""Tests of runs and their results."""
