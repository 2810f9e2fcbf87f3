"""``extends`` and ``--set``: what is merged how, where values stand, which evidence is lost."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from sim.errors import Doubt, Problem, ScenarioError, SimError, UsageError
from sim.language import load, load_text
from sim.scenario.parts import Scenario
from tests.language.cases import BASE, FILE, Files, changed, load_changed, unmark, variant

TIMING = "{from: 2024-01, lognormal: {median: 12, p90: 30}}"


def refused(source: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        load(source)
    return caught.value.problems


# --- what replaces what ---------------------------------------------------------------------------------------------


def test_mappings_merge_and_numbers_replace(files: Files):
    base, changed_ = load_changed(), variant(files, "name: V\ncustomers: {alpha: {revenue: 12}}")
    assert changed_.name == "V"
    assert changed_.streams[0].revenue == 12.0
    assert changed_.streams[1:] == base.streams[1:]
    assert changed_.streams[0].contract == base.streams[0].contract
    assert changed_.events == base.events


def test_lists_replace(files: Files):
    scenario = variant(files, "risk: {levels: [0.9]}\nevents: {ban: {hits: [beta]}}")
    assert scenario.risk.levels == (0.9,)
    assert scenario.events[1].hits == (1,)


def test_null_removes(files: Files):
    scenario = variant(files, "known: null\nlevers: null\nvendor: {capacity: ~}\nevents: {ban: {triggers: null}}")
    assert (scenario.known, scenario.levers, scenario.capacity) == (0, (), None)
    assert scenario.events[1].triggers == ()


def test_null_that_removes_nothing_is_refused_with_the_nearest_name(files: Files):
    marked = unmark("extends: base.yaml\nevents:\n  ^|baan: null\n")
    files(variant=marked.text)
    (problem,) = refused("variant.yaml")
    assert ((problem.line, problem.column),) == marked.marks
    assert (problem.path, problem.nearest) == ("events.baan", "ban")
    assert "nothing to remove" in problem.found


@pytest.mark.parametrize(
    ("before", "after", "merged"),
    [
        (TIMING, "{gamma: {mean: 9, sd: 3}}", {"gamma": {"mean": 9, "sd": 3}, "from": "2024-01"}),
        (TIMING, "{lognormal: {median: 6}}", {"lognormal": {"median": 6, "p90": 30}, "from": "2024-01"}),
        (TIMING, "{lognormal: {sigma: 1}}", {"lognormal": {"median": 12, "sigma": 1}, "from": "2024-01"}),
        ("{lognormal: {median: 12, sigma: 1}}", "{lognormal: {p90: 20}}", {"lognormal": {"median": 12, "p90": 20}}),
        (TIMING, "{lognormal: {p90: null, sigma: 1}}", {"lognormal": {"median": 12, "sigma": 1}, "from": "2024-01"}),
        (TIMING, "{month: 2025-01}", {"month": "2025-01"}),
        (TIMING, "{hazard: {2024-03: 0.1}}", {"hazard": {"2024-03": 0.1}}),
        ("{month: 2025-01}", "{fixed: 3}", {"fixed": 3}),
        ("{month: 2025-01}", "{fixed: 3, from: 2024-05}", {"fixed": 3, "from": "2024-05"}),
        ("{hazard: {2024-03: 0.1}}", "{month: 2025-01}", {"month": "2025-01"}),
        ("{hazard: {2024-03: 0.1}}", "{hazard: {2025-03: 0.2}}", {"hazard": {"2024-03": 0.1, "2025-03": 0.2}}),
        (TIMING, "{from: 2024-02}", {"lognormal": {"median": 12, "p90": 30}, "from": "2024-02"}),
        (TIMING, "{from: null}", {"lognormal": {"median": 12, "p90": 30}}),
        ("{table: {6: 0.5, 12: 0.5}}", "{table: {6: 0.4, 24: 0.1}}", {"table": {"6": 0.4, "12": 0.5, "24": 0.1}}),
    ],
)  # fmt: skip
def test_laws_replace_each_other(files: Files, before: str, after: str, merged: dict[str, Any]):
    scenario = variant(files, f"events: {{leave: {{timing: {after}}}}}", base=changed((TIMING, before)))
    assert scenario.document["events"]["leave"]["timing"] == merged


@pytest.mark.parametrize(
    ("old", "before", "after", "key", "merged"),
    [
        ("over: 6", "over: 6", "{fixed: 3}", "over", {"fixed": 3}),
        ("over: 6", "over: {fixed: 3}", "4", "over", 4),
        ("over: 6", "over: {fixed: 3}", "{table: {2: 1}}", "over", {"table": {"2": 1}}),
        ("to: 0.1", "to: {uniform: {low: 0, high: 1}}", "{uniform: {high: 0.5}}", "to", {"uniform": {"low": 0,
             "high": 0.5}}),
    ],
)  # fmt: skip
def test_numbers_and_laws_replace_each_other(files: Files, old: str, before: str, after: str, key: str, merged: Any):
    text = f"events: {{leave: {{usage: {{{key}: {after}}}}}}}"
    scenario = variant(files, text, base=changed((old, before)))
    assert scenario.document["events"]["leave"]["usage"][key] == merged


def test_a_number_and_a_schedule_replace_each_other(files: Files):
    scenario = variant(files, "customers: {alpha: {growth: {2024-03: 0.3}}, beta: {growth: 0}}")
    assert scenario.document["customers"]["alpha"]["growth"] == {"2024-03": 0.3}
    assert scenario.document["customers"]["beta"]["growth"] == 0


def test_schedules_merge_by_month(files: Files):
    scenario = variant(files, "customers: {beta: {growth: {2025-03: 0.4}}}")
    assert scenario.streams[1].growth == (0.2,) * 12 + (0.4,) * 12


def test_what_extends_adds_comes_last(files: Files):
    scenario = variant(files, "customers: {gamma: {revenue: 1, growth: 0}}")
    assert [stream.id for stream in scenario.streams] == ["alpha", "beta", "others", "gamma"]


def test_chains_and_folders(files: Files):
    folder = files(top="extends: below/middle.yaml\ncustomers: {alpha: {revenue: 30}}\n")
    (folder / "below").mkdir()
    (folder / "below" / "middle.yaml").write_text(
        "extends: ../base.yaml\nmonths: 36\ncustomers: {alpha: {revenue: 20}}\n"
    )
    scenario = load("top.yaml")
    assert (scenario.months, scenario.streams[0].revenue, scenario.name) == (36, 30.0, "Case")
    assert [str(path) for path in scenario.source.files] == ["top.yaml", "below/middle.yaml", "base.yaml"]


def test_a_merged_scenario_has_the_hash_of_one_written_out(files: Files):
    scenario = variant(files, "customers: {beta: {revenue: 12}}")
    assert scenario.sha256 == load_changed(("revenue: 5\n", "revenue: 12\n")).sha256


def test_problems_stand_in_the_file_where_the_value_stands(files: Files):
    base = unmark(changed(("discount: 0.1", "discount: ^|7")))
    later = unmark("extends: base.yaml\ncustomers: {alpha: {revenue: ^|-1}}\n")
    files(base.text, variant=later.text)
    found = refused("variant.yaml")
    assert [(p.file, p.line, p.column) for p in found] == [
        ("base.yaml", *base.marks[0]),
        ("variant.yaml", *later.marks[0]),
    ]
    assert "revenue: -1" in (found[1].source_line or "")


def test_a_contradiction_points_at_what_was_written_last(files: Files):
    later = unmark("extends: base.yaml\nevents: {leave: {timing: {lognormal: {median: ^|40}}}}\n")
    files(variant=later.text)
    (problem,) = refused("variant.yaml")  # the base's p90 is 30
    assert (problem.file, problem.line, problem.column) == ("variant.yaml", *later.marks[0])


def test_positions_after_a_merge(files: Files):
    source = variant(files, "customers:\n  alpha:\n    revenue: 12").source
    assert source.position("customers.alpha.revenue").file == "variant.yaml"
    assert source.position("customers.alpha.revenue").line == 4
    assert source.position("customers.alpha.market").file == "base.yaml"


# --- what extends must not be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/etc/hostname", "not a relative path"),
        ("C:\\base.yaml", "not a relative path"),
        ("~/base.yaml", "not a relative path"),
        ("..\\base.yaml", "not a relative path"),
        ("../base.yaml", "outside the folder"),
        ("below/../../base.yaml", "outside the folder"),
        ("..", "outside the folder"),
        (".", "a folder"),
        ("below", "a folder"),
        ("nothing.yaml", "which does not exist"),
        ("link.yaml", "a link to outside the folder"),
        ("door/base.yaml", "a link to outside the folder"),
        ("door/nothing.yaml", "a link to outside the folder"),
        ("variant.yaml", "a cycle"),
        ("below/../variant.yaml", "a cycle"),
        ("pipe", "no ordinary file"),
        ("''", "no path"),
        ("null", "no path"),
        ("[base.yaml]", "no path"),
    ],
)
def test_extends_is_refused(files: Files, tmp_path_factory: pytest.TempPathFactory, path: str, words: str):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "base.yaml").write_text(BASE)
    marked = unmark(f"name: V\nextends: ^|{path}\n")
    folder = files(variant=marked.text)
    (folder / "below").mkdir()
    os.symlink(outside / "base.yaml", folder / "link.yaml")
    os.symlink(outside, folder / "door")
    os.mkfifo(folder / "pipe")
    (problem,) = refused("variant.yaml")
    assert words in problem.found
    assert (problem.file, problem.path, problem.line, problem.column) == ("variant.yaml", "extends", *marked.marks[0])


def test_a_link_within_the_folder_is_followed(files: Files):
    folder = files(variant="extends: link.yaml\nname: V\n")
    os.symlink(folder / "base.yaml", folder / "link.yaml")
    assert load("variant.yaml").name == "V"


def test_a_cycle_is_refused_where_it_closes(files: Files):
    files(a="extends: b.yaml\n", b="extends: c.yaml\n", c="extends: a.yaml\n")
    (problem,) = refused("a.yaml")
    assert (problem.file, problem.line, problem.column) == ("c.yaml", 1, 10)
    assert "a cycle" in problem.found


def test_a_chain_has_an_end(files: Files):
    files(**{f"f{i}": f"extends: f{i + 1}.yaml\n" for i in range(40)})
    (problem,) = refused("f0.yaml")
    assert "more than 32 files" in problem.found


def test_what_is_wrong_in_the_extended_file_is_told_there(files: Files):
    folder = files(variant="extends: latin.yaml\n", two="extends: docs.yaml\n", docs="a: 1\n---\nb: 2\n")
    (folder / "latin.yaml").write_bytes("name: café\n".encode("latin-1"))
    (problem,) = refused("variant.yaml")
    assert (problem.file, problem.line, problem.column) == ("latin.yaml", 1, 10)
    (problem,) = refused("two.yaml")
    assert (problem.file, problem.line) == ("docs.yaml", 2)


def test_text_extends_from_its_folder(files: Files):
    folder = files()
    assert load_text("extends: base.yaml\nname: V\n", "<stdin>", folder=folder).name == "V"
    assert load({"extends": "base.yaml", "name": "V"}).name == "V"
    with pytest.raises(ScenarioError, match="outside the folder"):
        load({"extends": "../base.yaml"})


# --- overrides ------------------------------------------------------------------------------------------------------


def test_overrides_as_texts_and_as_python_values():
    by_text = load_text(
        BASE, FILE, set=["customers.alpha.revenue=12", "run.paths=1e4", "known=null", "risk.levels=[0.9]"]
    )
    by_value = load_text(
        BASE,
        FILE,
        set={"customers.alpha.revenue": 12, "run.paths": np.int64(10_000), "known": None, "risk.levels": [0.9]},
    )
    assert by_text.streams[0].revenue == 12.0
    assert (by_text.paths, by_text.known, by_text.risk.levels) == (10_000, 0, (0.9,))
    assert by_text.sha256 == by_value.sha256
    assert load_changed().with_(["customers.alpha.revenue=12"]).streams[0].revenue == 12.0
    assert load(load_changed(), set={"months": 36}).months == 36


def test_with_leaves_the_scenario_as_it_is():
    scenario = load_changed()
    assert scenario.with_({"months": 36}).months == 36
    assert scenario.months == 24
    assert scenario.with_({"months": 36}).with_({"name": "V"}).months == 36


def test_overrides_follow_one_another():
    scenario = load_text(BASE, FILE, set=["months=30", "months=36", "events.ban=null", "events.leave.choice=true"])
    assert scenario.months == 36
    assert [event.id for event in scenario.events] == ["leave"]


def test_overrides_merge_like_files():
    timing = lambda *items: load_text(BASE, FILE, set=items).document["events"]["leave"]["timing"]  # noqa: E731
    assert timing("events.leave.timing.lognormal.sigma=1") == {
        "lognormal": {"median": 12, "sigma": 1},
        "from": "2024-01",
    }
    assert timing("events.leave.timing.exponential.mean=9") == {"exponential": {"mean": 9}, "from": "2024-01"}
    assert timing("events.leave.timing={month: 2025-01}") == {"month": "2025-01"}


def test_what_the_file_leaves_out_can_be_set():
    scenario = load_text(BASE, FILE, set=["customers.beta.contract.notice=4", "customers.alpha.growth.2024-03=0.3"])
    assert scenario.document["customers"]["beta"]["contract"] == {"notice": 4}
    assert scenario.streams[0].growth == (0.3,) * 24


@pytest.mark.parametrize(
    ("override", "path", "words", "nearest"),
    [
        ("^|mnths=3", "mnths", "no key mnths", "months"),
        ("customers.^|alhpa.revenue=3", "customers.alhpa", "no customer alhpa", "alpha"),
        ("customers.^|gamma={revenue: 1, growth: 0}", "customers.gamma", "no customer gamma", None),
        ("events.^|leaves=null", "events.leaves", "no event leaves", "leave"),
        ("levers.^|ofer.discount=0", "levers.ofer", "no lever ofer", "offer"),
        ("events.leave.^|probabilty=0.5", "events.leave.probabilty", "no key probabilty", "probability"),
        ("events.leave.probability.^|x=0.5", "events.leave.probability.x", "no key x", None),
        ("events.leave.probability=^|1.5", "events.leave.probability", "`1.5`", None),
        ("events.leave.probability=^|yes", "events.leave.probability", "`yes`", None),
        ("events.leave.probability= ^|50%", "events.leave.probability", "`50%`", None),
        ("customers.alpha.growth.2024-03=^|-1", "customers.alpha.growth.2024-03", "`-1`", None),
        ("customers.alpha.contract={^|trem: 3}", "customers.alpha.contract.trem", "unknown key trem", "term"),
        ("name=^|no", "name", "`no`", None),
        ("known=^|2024-02", "known", "before the start", None),
        ("^|known.x=1", "known", "", None),
        ("^|extends=base.yaml", "extends", "extends, which cannot be set", None),
        ("evidence.^|customers.alpha.revenue=x", "evidence.customers", "cannot be addressed", None),
        ("name=^|[1, 2", "", "not YAML", None),
        ("name=^|&a x", "", "the anchor &a", None),
        ("risk.^|window=null", "risk.window", "", None),
    ],
)
def test_overrides_are_refused_with_a_caret_in_their_text(override: str, path: str, words: str, nearest: str | None):
    marked = unmark(f"--set {override}")
    text = marked.text.removeprefix("--set ")
    if override.startswith("^|known.x"):
        text, marked = "known.x=1", unmark("--set known.^|x=1")
        path, words = "known.x", "no key x"
    if "window" in override:
        text, marked = "risk.windw=null", unmark("--set risk.^|windw=null")
        path, words, nearest = "risk.windw", "no key windw", "window"
    with pytest.raises(ScenarioError) as caught:
        load_text(BASE, FILE, set=[text])
    problem = caught.value.problems[0]
    assert problem.file == marked.text
    assert (problem.line, problem.column) == marked.marks[0], problem.render()
    assert problem.path == path
    assert words in problem.found
    assert problem.nearest == nearest or nearest is None
    assert problem.render().splitlines()[1].strip() == marked.text


def test_python_overrides_are_refused_by_path():
    with pytest.raises(ScenarioError) as caught:
        load_text(BASE, FILE, set={"events.leave.probability": 1.5, "months": "24", "name": {1}})
    found = {(p.file, p.line, p.path) for p in caught.value.problems}
    assert ("set={'events.leave.probability': 1.5}", None, "events.leave.probability") in found
    assert ("set={'months': '24'}", None, "months") in found
    assert len(found) == 3


@pytest.mark.parametrize("override", ["months", "=3", "months=", "", 3])
def test_what_is_no_override(override: Any):
    with pytest.raises(UsageError):
        load_text(BASE, FILE, set=[override])


def test_one_text_is_not_a_list_of_overrides():
    with pytest.raises(UsageError, match="as one text"):
        load_text(BASE, FILE, set="months=3")


def test_all_problems_of_overrides_come_at_once():
    with pytest.raises(SimError) as caught:
        load_text(BASE, FILE, set=["mnths=3", "events.leave.probability=2", "customers.gamma.revenue=1"])
    assert len(caught.value.problems) == 3


# --- axes over what was removed --------------------------------------------------------------------------------------

OFFER = "levers.offer.acceptance"
CHANCE = "events.leave.probability"
TWO_AXES = ("sweep:\n", f"sweep:\n  {OFFER}: [0, 0.5, 1]\n")


def about_axes(scenario: Scenario) -> list[Doubt]:
    return [doubt for doubt in scenario.doubts() if doubt.path.startswith("sweep.")]


def test_an_inherited_axis_goes_with_what_it_is_about(files: Files):
    folder = files(base=changed(TWO_AXES), variant="extends: base.yaml\nname: V\nlevers: null\n")
    scenario = load("variant.yaml")
    assert [axis.path for axis in scenario.axes] == [CHANCE]
    (doubt,) = about_axes(scenario)
    assert (doubt.file, doubt.path) == ("base.yaml", f"sweep.{OFFER}")
    assert doubt.line == 1 + (folder / "base.yaml").read_text().splitlines().index(f"  {OFFER}: [0, 0.5, 1]")
    assert doubt.message == "an axis that is inherited, over what was removed since; the sweep goes without it"
    # What comes of it stands alone, as the scenario of a folder of results does, with the same hash.
    assert OFFER not in scenario.document["sweep"]
    assert load(scenario.document).sha256 == scenario.sha256
    assert about_axes(load("base.yaml")) == []


@pytest.mark.parametrize(
    ("axis", "removed"),
    [
        ("levers.offer.discount: [0, 0.1]", "levers: {offer: null}"),
        ("customers.beta.revenue: [1, 2]", "customers: {beta: null}\nevents: {ban: {hits: alpha}}"),
        ("events.ban.permanent: [0, 1]", "events: {ban: null}"),
        # What is left of the contract does not go together with a commitment.
        ("customers.alpha.contract.commitment: [0, 1]", "customers: {alpha: {contract: {term: null, renews: null, "
         "commitment: null}}}"),
    ],
)  # fmt: skip
def test_the_last_axis_may_go_too(files: Files, axis: str, removed: str):
    files(
        base=changed(("  events.leave.probability: {from: 0, to: 1, count: 5}", f"  {axis}")),
        variant=f"extends: base.yaml\nname: V\n{removed}\n",
    )
    scenario = load("variant.yaml")
    assert (scenario.axes, "sweep" in scenario.document) == ((), False)
    assert len(about_axes(scenario)) == 1


def test_a_grandchild_and_an_override_remove_what_an_axis_is_about(files: Files):
    files(base=changed(TWO_AXES), child="extends: base.yaml\nname: C\n", grand="extends: child.yaml\nlevers: null\n")
    for scenario in (
        load("grand.yaml"),
        load("base.yaml", set=["levers=null"]),
        load("child.yaml").with_(["levers=null"]),
    ):
        assert [axis.path for axis in scenario.axes] == [CHANCE]
        assert len(about_axes(scenario)) == 1
        assert len(about_axes(scenario.with_({"months": 30}))) == 1


@pytest.mark.parametrize("sweep", [f"{OFFER}: [0, 0.5, 1]", f"{OFFER}: [0, 1]"])
def test_an_axis_of_its_own_over_something_missing_is_refused(files: Files, sweep: str):
    files(base=changed(TWO_AXES), variant=f"extends: base.yaml\nname: V\nlevers: null\nsweep: {{{sweep}}}\n")
    (problem,) = refused("variant.yaml")
    assert (problem.file, problem.path) == ("variant.yaml", f"sweep.{OFFER}")
    assert problem.found == "no offer under levers"


def test_an_inherited_axis_that_a_change_makes_invalid_is_refused(files: Files):
    """Nothing was removed: a median of 40 lies above a p90 of 30 that the child gives."""
    files(
        base=changed(
            ("p90: 30", "p90: 60"),
            ("  events.leave.probability: {from: 0, to: 1, count: 5}", "  events.leave.timing.lognormal.median: [40]"),
        ),
        variant="extends: base.yaml\nname: V\nevents: {leave: {timing: {lognormal: {p90: 30}}}}\n",
    )
    (problem,) = refused("variant.yaml")
    assert "p90 30 below" in problem.found
