"""Names of the files in a folder of results."""

from __future__ import annotations

SCENARIO = "scenario.yaml"
FACTS = "seeds/facts.yaml"
MEASURES_FILE = "measures.json"
ARRAYS = "arrays.npz"
README = "README.txt"
DOUBT = "doubt.json"
DRAWS = "draws.csv"
ENSEMBLE = "ensemble.npz"
OF_DOUBT = (DOUBT, DRAWS, ENSEMBLE)
"""Those that a folder has beside a run's, where draws of the numbers in doubt are kept with it."""
