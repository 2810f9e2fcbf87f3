"""Which defaults hold in a mapping of a scenario, and which of them say something there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sim.language.customer_parts import CommitmentPart, ContractPart, CustomerPart
from sim.language.document import Document, Steps
from sim.language.part import Part
from sim.language.places import Place
from sim.language.reader import Table
from sim.language.schema import EffectPart, EventPart, OutcomePart
from sim.scenario.parts import Scenario


def defaults_of(
    steps: Steps, node: Table, place: Place, scenario: Scenario, idle: bool = False
) -> Iterator[tuple[Steps, Any]]:
    """List the defaults that hold in a mapping, each with its path.

    Parameters
    ----------
    steps, node, place
        The path of the mapping, what is written there, and what the schema allows there.
    scenario
        The scenario that it stands in.
    idle
        Whether to list those too that hold but do nothing there.
    """
    if place.part is None:
        return
    data = _checked(scenario, steps)
    for key, field in place.keys.items():
        default = _derived((*steps, key), data, scenario) if field.default is None else field.default
        if field.is_required() or default is None or default == "" or key in node.entries:
            continue
        if not all(other in node.entries for other in place.part.needs.get(key, ())):
            continue
        if _holds(place.part, key, node, steps, scenario) and (idle or _acts(place.part, key, data, steps, scenario)):
            yield (*steps, key), default


def _checked(scenario: Scenario, steps: Steps) -> Mapping[str, Any]:
    """What the checked scenario has at a path: numbers and truth values, whatever they were written as."""
    data: Any = scenario.document
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def _derived(path: Steps, data: Mapping[str, Any], scenario: Scenario) -> Any:
    """Defaults that follow from the rest of the scenario."""
    if path == ("known",):
        return scenario.month_label(scenario.known)
    if path == ("risk", "window"):
        return {"first": scenario.month_label(scenario.risk.first), "last": scenario.month_label(scenario.risk.last)}
    if path[0] == "customers" and path[2:] == ("contract", "commitment", "of"):
        return "volume" if "share" in data else "money"
    return None


def _holds(part: type[Part], key: str, node: Table, steps: Steps, scenario: Scenario) -> bool:
    """Whether the schema's default is what holds where a key is left out, and could be written there."""
    if part is OutcomePart:  # has what the event has
        document = scenario.source
        assert isinstance(document, Document)
        event = document.node(steps[:2])
        return key == "permanent" and "lasts" in node.entries and isinstance(event, Table) and key not in event.entries
    if part is EventPart and key == "leaves":
        return bool(_checked(scenario, steps).get("choice", False))
    if part is EventPart and key == "repeats":
        return bool(node.entries.keys() & {"lasts", "outcomes"})
    if part is EventPart and key == "probability":  # without a timing only another event sets it off
        return "timing" in node.entries
    if part is ContractPart and key == "commitment":
        has_terms = "term" in node.entries or "first" in node.entries
        return has_terms and not scenario.document["customers"][steps[1]].get("pool", False)
    return True


def _acts(part: type[Part], key: str, data: Mapping[str, Any], steps: Steps, scenario: Scenario) -> bool:
    """Whether a default that holds does something where it stands."""
    test = _ACTS.get((part, key))
    return test is None or test(data, scenario)


def _several(event: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether an event hits more than one customer."""
    return len(_hit(event, scenario)) > 1


def _usage_of_committed(event: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether an event changes the usage of a customer with a contract that has terms."""
    contracts = (scenario.document["customers"][id_].get("contract") or {} for id_ in _hit(event, scenario))
    fates = (event, *(event.get("outcomes") or {}).values())
    return any("usage" in fate for fate in fates) and any({"term", "first"} & contract.keys() for contract in contracts)


def _hit(event: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """Ids of the customers that an event hits, by their own ids or their groups'."""
    customers, hits = scenario.document["customers"], event["hits"]
    named = [hits] if isinstance(hits, str) else hits
    return [id_ for id_, one in customers.items() if hits == "all" or id_ in named or one.get("group") in named]


def _could_repeat(event: Mapping[str, Any], _: Scenario) -> bool:
    """Whether an event might come again: it arises by a law of its own, and something that comes of it is over."""
    law = set(event.get("timing") or {}) - {"month", "at_renewal"}
    fates = (event, *(event.get("outcomes") or {}).values())
    return bool(law) and any("lasts" in fate for fate in fates) and not any(fate.get("permanent") for fate in fates)


_ACTS: dict[tuple[type[Part], str], Callable[[Mapping[str, Any], Scenario], bool]] = {
    (EffectPart, "shape"): lambda effect, _: "over" in effect,
    (CustomerPart, "market"): lambda customer, _: "volatility" in customer,
    (CommitmentPart, "rises"): lambda minimum, _: (
        not isinstance(minimum.get("amount"), Mapping) and not ("amount" in minimum and minimum.get("per") == "term")
    ),
    (CommitmentPart, "carry"): lambda minimum, _: minimum.get("per") != "term",
    (EventPart, "each"): _several,
    (EventPart, "recommits"): _usage_of_committed,
    (EventPart, "repeats"): _could_repeat,
}
"""Defaults that do something only beside others: what has to be so, by part and key."""
