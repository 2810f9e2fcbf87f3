"""Tests of `sim.answers`: each question, against values known by hand and against the other questions."""
