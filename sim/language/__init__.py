"""The scenario language, version 1: reading, inheritance, overrides, checks, and what a checked scenario is."""

from sim.language.load import bundled_folder, bundled_scenarios, change, find_file, load, load_text
from sim.language.schema import json_schema
from sim.scenario.parts import Scenario

__all__ = [
    "Scenario",
    "bundled_folder",
    "bundled_scenarios",
    "change",
    "find_file",
    "json_schema",
    "load",
    "load_text",
]
