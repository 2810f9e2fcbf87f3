"""Which evidence a scenario keeps when a later file or an override changes its numbers."""

from __future__ import annotations

from typing import Any

from sim.language import load, load_text
from tests.language.cases import FILE, Files, changed, variant

SOURCED = changed(
    (
        "  customers.alpha.revenue: some-fact\n  events.leave: {assumption: nothing is known}\n",
        "  customers.alpha.revenue: revenue-fact\n"
        "  customers.alpha.contract: contract-fact\n"
        "  events.leave: {assumption: guess}\n"
        "  events.leave.probability: {assumption: other guess, low: 0.2, high: 0.8}\n"
        "  events.ban.timing: bill\n",
    )
)
GUESS = {"assumption": "guess"}


def evidence(files: Files, text: str) -> dict[str, Any]:
    found: dict[str, Any] = variant(files, text, base=SOURCED).document.get("evidence", {})
    return found


INHERITED = {
    "customers.alpha.revenue": "revenue-fact",
    "customers.alpha.contract": "contract-fact",
    "events.leave": GUESS,
    "events.leave.probability": {"assumption": "other guess", "low": 0.2, "high": 0.8},
    "events.ban.timing": "bill",
}


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in INHERITED.items() if key not in keys}


def test_evidence_is_inherited(files: Files):
    assert evidence(files, "name: V") == INHERITED


def test_a_changed_number_loses_its_evidence(files: Files):
    assert evidence(files, "customers: {alpha: {revenue: 11}}") == without("customers.alpha.revenue")


def test_the_same_number_in_other_words_keeps_it(files: Files):
    assert evidence(files, "customers: {alpha: {revenue: 1.0e1}}") == INHERITED


def test_a_changed_number_with_evidence_of_its_own_has_that(files: Files):
    text = "customers: {alpha: {revenue: 11}}\nevidence: {customers.alpha.revenue: new-fact}"
    assert evidence(files, text) == {**INHERITED, "customers.alpha.revenue": "new-fact"}


def test_another_kind_of_evidence_replaces_the_whole_entry(files: Files):
    text = "events: {leave: {probability: 0.4}}\nevidence: {events.leave.probability: {fact: poll}}"
    assert evidence(files, text) == {**INHERITED, "events.leave.probability": {"fact": "poll"}}


def test_only_the_changed_number_leaves_the_evidence_of_a_mapping(files: Files):
    # term, renews and commitment keep what was said of the contract; the notice has nothing.
    assert evidence(files, "customers: {alpha: {contract: {notice: 6}}}") == {
        **without("customers.alpha.contract"),
        "customers.alpha.contract.term": "contract-fact",
        "customers.alpha.contract.renews": "contract-fact",
        "customers.alpha.contract.commitment": "contract-fact",
    }


def test_the_other_numbers_keep_it_on_every_level(files: Files):
    # Below events.leave: hits, choice and shape are no numbers; the probability has an entry of its own.
    assert evidence(files, "events: {leave: {timing: {lognormal: {median: 10}}}}") == {
        **without("events.leave"),
        "events.leave.usage": GUESS,
        "events.leave.timing.from": GUESS,
        "events.leave.timing.lognormal.p90": GUESS,
    }


def test_a_number_under_two_entries_loses_both(files: Files):
    assert evidence(files, "events: {leave: {probability: 0.4}}") == {
        **without("events.leave", "events.leave.probability"),
        "events.leave.timing": GUESS,
        "events.leave.usage": GUESS,
    }


def test_a_number_that_is_new_does_not_inherit(files: Files):
    assert evidence(files, "customers: {alpha: {contract: {notice: 3}, volatility: 0.1}}") == INHERITED
    assert "events.leave.permanent" not in evidence(files, "events: {leave: {lasts: {fixed: 3}, permanent: 0.1}}")
    assert "events.leave" not in evidence(files, "events: {leave: {lasts: {fixed: 3}}}")


def test_evidence_of_what_is_gone_goes_too(files: Files):
    assert evidence(files, "events: {ban: null}") == without("events.ban.timing")
    replaced = evidence(files, "events: {ban: {timing: {fixed: 8}}}")  # another law: its number has no evidence
    assert replaced == without("events.ban.timing")


def test_evidence_of_its_own_on_a_mapping_covers_what_changed_below(files: Files):
    text = "events: {leave: {probability: 0.4, usage: {to: 0.2}}}\nevidence: {events.leave: {assumption: later}}"
    assert evidence(files, text) == {**without("events.leave.probability"), "events.leave": {"assumption": "later"}}


def test_evidence_of_its_own_further_up_does_not_bring_back_the_inherited(files: Files):
    text = "customers: {alpha: {contract: {notice: 6}}}\nevidence: {customers.alpha: {assumption: later}}"
    found = evidence(files, text)
    assert found["customers.alpha"] == {"assumption": "later"}
    assert "customers.alpha.contract" not in found
    assert "customers.alpha.contract.notice" not in found
    assert found["customers.alpha.contract.term"] == "contract-fact"


def test_overrides_lose_evidence_too():
    scenario = load_text(SOURCED, FILE, set=["customers.alpha.revenue=11"])
    assert scenario.document["evidence"] == without("customers.alpha.revenue")
    given = load_text(SOURCED, FILE, set=["customers.alpha.revenue=11", "evidence={customers.alpha.revenue: new}"])
    assert given.document["evidence"] == {**INHERITED, "customers.alpha.revenue": "new"}
    assert scenario.with_({"events.leave.probability": 0.4}).document["evidence"]["events.leave.usage"] == GUESS


def test_a_later_file_in_a_chain_loses_what_the_middle_one_gave(files: Files):
    files(
        SOURCED,
        middle="extends: base.yaml\ncustomers: {alpha: {revenue: 11}}\n"
        "evidence: {customers.alpha.revenue: middle-fact}\n",
        top="extends: middle.yaml\ncustomers: {alpha: {revenue: 12}}\n",
    )
    assert load("middle.yaml").document["evidence"]["customers.alpha.revenue"] == "middle-fact"
    assert load("top.yaml").document["evidence"] == without("customers.alpha.revenue")


def test_text_and_truth_values_do_not_touch_evidence(files: Files):
    text = "customers: {alpha: {name: Alpha}}\nevents: {leave: {usage: {shape: step}, name: Leaving}}"
    assert evidence(files, text) == INHERITED
