"""From pydantic's JSON Schema to the one that editors use."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ONLY_WHOLE_FILES = ("required", "dependentRequired", "minProperties", "minItems", "oneOf", "anyOf", "allOf", "not")


def for_editors(schema: dict[str, Any], *, root: str) -> dict[str, Any]:
    """Tidy a schema exported by pydantic and add the variant for files that extend another.

    Parameters
    ----------
    schema : dict
        As pydantic exports it, the root's own keys beside ``$defs``.
    root : str
        Name under which the root goes among the definitions.

    Returns
    -------
    dict
        ``$defs`` holds each part twice: ``Name`` for a whole scenario, ``NameChange`` for a change of one.
    """
    definitions: dict[str, Any] = schema.pop("$defs", {})
    definitions[f"{root}Part"] = schema
    whole = {_plain_name(name): _tidy(part) for name, part in definitions.items()}
    changes = {f"{name}Change": _as_change(part) for name, part in whole.items()}
    return {
        "$schema": DRAFT,
        "title": "switchrisk scenario, version 1",
        "description": whole[root].get("description", ""),
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{root}Change"},
        "else": {"$ref": f"#/$defs/{root}"},
        "$defs": {**whole, **changes},
    }


def _plain_name(name: str) -> str:
    return name.removesuffix("Part")


def _tidy(node: Any) -> Any:
    """Drop titles made from names, and null where a key is left out instead; allow known keys only."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if "$ref" in tidy:
        tidy["$ref"] = "#/$defs/" + _plain_name(tidy["$ref"].rsplit("/", 1)[1])
    if tidy.get("default", ...) is None:
        del tidy["default"]
    branches = tidy.get("anyOf")
    if isinstance(branches, list) and {"type": "null"} in branches:
        kept = [branch for branch in branches if branch != {"type": "null"}]
        if len(kept) == 1:
            del tidy["anyOf"]
            tidy = {**kept[0], **tidy}
        else:
            tidy["anyOf"] = kept
    if "patternProperties" in tidy:
        tidy.setdefault("additionalProperties", False)
    return tidy


def _as_change(part: dict[str, Any]) -> dict[str, Any]:
    """Turn the schema of a part into that of a change to it: nothing is required, null removes."""
    change = _lenient(deepcopy(part))
    assert isinstance(change, dict)
    return change


def _lenient(node: Any) -> Any:
    if isinstance(node, list):
        return [_lenient(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        node["$ref"] += "Change"
    if node.get("type") == "object":
        for key in _ONLY_WHOLE_FILES:
            node.pop(key, None)
        for key in ("properties", "patternProperties"):
            if key in node:
                node[key] = {name: _or_null(_lenient(value)) for name, value in node[key].items()}
        if isinstance(node.get("additionalProperties"), dict):
            node["additionalProperties"] = _or_null(_lenient(node["additionalProperties"]))
        return node
    return {key: _lenient(value) for key, value in node.items()}


def _or_null(node: dict[str, Any]) -> dict[str, Any]:
    description = {key: node.pop(key) for key in ("description",) if key in node}
    return {**description, "anyOf": [node, {"type": "null"}]}
