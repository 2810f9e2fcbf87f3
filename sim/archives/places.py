"""Names of the files in a folder of results."""

from __future__ import annotations

SCENARIO = "scenario.yaml"
FACTS = "seeds/facts.yaml"
MEASURES_FILE = "measures.json"
ARRAYS = "arrays.npz"
README = "README.txt"

SINCE_0_3_0 = ("expected_loss_without",)
"""What is told of events since version 0.3.0."""
