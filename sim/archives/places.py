"""Names of the files in a folder of results."""

from __future__ import annotations

SCENARIO = "scenario.yaml"
FACTS = "seeds/facts.yaml"
MEASURES_FILE = "measures.json"
ARRAYS = "arrays.npz"
README = "README.txt"
