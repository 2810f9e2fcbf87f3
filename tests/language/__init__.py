"""Tests of the scenario language: what it means, what it refuses and in which words."""
