"""The page of the scenario language names all that there is."""

from __future__ import annotations

import json

from sim.language.reference import reference_page, schema_text


def test_the_page_names_every_key_of_the_language() -> None:
    page = reference_page()
    definitions = json.loads(schema_text())["$defs"]
    keys = {
        key for name, part in definitions.items() if not name.endswith("Change") for key in part.get("properties", {})
    }
    assert {"commitment", "voids_commitment", "p90", "hazard", "acceptance", "derived"} <= keys
    assert [key for key in sorted(keys) if f"| `{key}` |" not in page] == []
