"""The JSON Schema that editors get: it is one, describes every key and agrees with the language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.language import bundled_folder, json_schema, load, load_text
from tests.language.cases import BASE, FILE


def test_the_json_schema_is_one_and_says_what_editors_need():
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    text = json.dumps(schema)
    assert '"type": "null"' not in json.dumps({k: v for k, v in schema["$defs"].items() if not k.endswith("Change")})
    assert '"title"' not in json.dumps(schema["$defs"])
    assert "Part" not in text
    whole = schema["$defs"]["Event"]
    assert whole["properties"]["probability"] == {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 1.0,
        "description": whole["properties"]["probability"]["description"],
    }
    assert {"required": ["lognormal"]} in schema["$defs"]["Law"]["oneOf"]
    assert whole["dependentRequired"] == {"permanent": ["lasts"], "repeats": ["lasts"]}
    assert schema["$defs"]["Customer"]["properties"]["growth"]["oneOf"][0] == {
        "type": "number",
        "exclusiveMinimum": -1,
        "maximum": 1e60,
    }


def test_every_key_is_described():
    for name, part in json_schema()["$defs"].items():
        assert part.get("description"), name
        for key, place in part["properties"].items():
            assert place.get("description"), f"{name}.{key}"


def test_the_json_schema_agrees_with_the_language():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    example = load(Path(__file__).parent / "example.yaml")
    for scenario in (example, load_text(BASE, FILE), *(load(file) for file in sorted(bundled_folder().glob("*.yaml")))):
        assert not list(validator.iter_errors(scenario.document))
    document = load_text(BASE, FILE).document
    for key, value in (
        ("months", 1201),
        ("months", None),
        ("rsik", {}),
        ("vendor", {"capacity": {}}),
        ("customers", {"a": {"growth": 1}}),
        ("customers", {"A": {"revenue": 1, "growth": 0}}),
        ("events", {"e": {"hits": "alpha", "usage": {"to": 0}, "timing": {"fixed": 1, "month": "2024-09"}}}),
        ("events", {"e": {"hits": "alpha", "usage": {"to": 0}, "timing": {"from": "2024-09"}}}),
        ("events", {"e": {"hits": "alpha", "usage": {"to": 0}, "probability": 0.5}}),
        ("start", "2024-13"),
    ):
        assert list(validator.iter_errors({**document, key: value})), (key, value)
    doubt = {
        "numbers": {
            "customers.alpha.revenue": {"p5": 8, "p50": 10, "p95": 12},
            "customers.alpha.contract.notice": {"low": 0, "mode": 3, "high": 6},
            "customers.alpha.contract.renews": {"values": {"2024-09": 1, "2025-03": 2}},
            "customers.beta.growth": {"shift": {"p10": -0.1, "p90": 0.1}},
        },
        "ranges": "p10-p90",
        "draws": 512,
    }
    assert load({**document, "doubt": doubt}).doubt is not None
    assert not list(validator.iter_errors({**document, "doubt": doubt}))
    for wrong in (
        {"numbers": {"customers.alpha.revenue": {"p0": 1, "p100": 2}}},
        {"numbers": {"customers.alpha.revenue": {"p10": "a", "p90": 2}}},
        {"numbers": {"customers.alpha.revenue": {}}},
        {"numbers": {"customers.alpha.revenue": {"values": {"1": -1}}}},
        {"numbers": {"customers.alpha.growth": {"shift": {"values": {"1": 1}}}}},
        {"ranges": "p20-p80"},
        {"draws": 100},
        {"drivers": {}},
    ):
        assert list(validator.iter_errors({**document, "doubt": wrong})), wrong
    variant = {"extends": "base.yaml", "known": None, "events": {"leave": {"timing": {"lognormal": {"median": 3}}}}}
    assert not list(validator.iter_errors(variant))
    assert list(validator.iter_errors({**variant, "events": {"leave": {"timng": {}}}}))
