"""The sliders, without a front end: what they ask for, what they show, and how long that takes."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import pytest

import sim

widgets = pytest.importorskip("ipywidgets", reason="ipywidgets is in the extra `notebook`")

CHANCE = "events.leaves.probability"
MEDIAN = "events.leaves.timing.lognormal.median"
P90 = "events.leaves.timing.lognormal.p90"
COMMITMENT = "customers.one.contract.commitment"


def shown(panel: Any) -> tuple[str, str, bytes]:
    return panel.headline.value, panel.table.value, bytes(panel.picture.value)


def test_a_slider_sets_its_knob_and_all_that_is_shown_follows(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    panel, before = explorer.panel, shown(explorer.panel)
    panel.sliders[CHANCE].value = 0.9
    assert explorer.overrides == {CHANCE: 0.9}
    after = shown(panel)
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert after[2].startswith(b"\x89PNG")
    assert explorer.headline in after[0] and explorer.interval in after[0]
    assert all(cell.replace("−", "−") in after[1] for row in explorer.rows() for cell in row)
    assert "base: 0.5" in panel._notes[CHANCE].value
    panel.sliders[CHANCE].value = 0.5
    back = shown(panel)
    assert back[:2] == before[:2]  # the picture's axes stay as wide as they have become
    assert explorer.overrides == {}
    for value, known in ((0.9, after), (0.5, back)):
        panel.sliders[CHANCE].value = value
        assert shown(panel) == known


def test_what_is_set_from_code_moves_the_sliders(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    panel = explorer.panel
    explorer.set({COMMITMENT: 0.805, MEDIAN: 300, P90: 500})  # between steps, and far beyond the range
    assert panel.sliders[COMMITMENT].value == 0.805
    assert panel.sliders[MEDIAN].value == 300
    assert panel.wanted() == {}
    panel.reset.click()
    assert explorer.overrides == {}
    assert panel.sliders[MEDIAN].value == 10
    # Counted from the start, 2025-01, and known of no month: half is gone ten months on.
    assert "Median delay from 2025-01, months; median month 2025-11" in panel._notes[MEDIAN].value
    explorer.set({"events.leaves.timing": {"month": "2025-09"}})
    assert panel.sliders[MEDIAN].disabled
    assert "another law" in panel._notes[MEDIAN].value
    panel.sliders[CHANCE].value = 0.7
    assert explorer.overrides == {"events.leaves.timing": {"month": "2025-09"}, CHANCE: 0.7}


def test_an_impossible_combination_is_told_in_words_and_the_picture_stays(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    panel, before = explorer.panel, shown(explorer.panel)
    panel.sliders[MEDIAN].value = 30  # beyond the 90th percentile, 20
    assert "p90 20 below the median 30" in panel.message.value
    assert 'role="alert"' in panel.message.value
    assert shown(panel) == before
    assert explorer.overrides == {}
    panel.sliders[P90].value = 40  # now the two go together
    assert panel.message.value == ""
    assert explorer.overrides == {MEDIAN: 30, P90: 40}
    assert panel.sliders[MEDIAN].value == 30


def test_a_refused_slider_put_back_takes_the_message_away(full: dict[str, Any]) -> None:
    panel = sim.explore(full, paths=64).panel
    panel.sliders[MEDIAN].value = 30
    assert panel.message.value
    panel.sliders[MEDIAN].value = 10
    assert panel.message.value == ""


def test_a_simulation_is_announced_and_a_weighing_is_not(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    panel = explorer.panel
    said: list[str] = []
    panel.busy.observe(lambda change: said.append(change["new"]), names="value")
    panel.sliders[CHANCE].value = 0.9
    assert said == []
    panel.sliders[COMMITMENT].value = 0.9
    assert "Simulating" in said[0] and said[-1] == ""
    assert panel.sliders[CHANCE].continuous_update and not panel.sliders[COMMITMENT].continuous_update


def test_a_month_has_a_slider_of_months(even: dict[str, Any]) -> None:
    explorer = sim.explore(even, paths=64)
    slider = explorer.panel.sliders["events.leaves.timing.month"]
    assert slider.options[0] == ("2025-01", "2025-01")  # never before the start
    slider.value = "2025-11"
    assert explorer.measures["expected_loss"]["value"] == pytest.approx(0.5 * 20)  # two months of 10
    explorer.set(month="2029-01")
    assert slider.value == "2029-01" and slider.options[-1] == ("2029-01", "2029-01")


def test_a_slider_stops_exactly_where_the_scenario_stands(full: dict[str, Any]) -> None:
    # A front end that rounded to steps would report a move that nobody made.
    full["events"]["leaves"]["probability"] = 1 / 3
    explorer = sim.explore(full, paths=64)
    slider = explorer.panel.sliders[CHANCE]
    assert slider.value == 1 / 3
    assert [label for label, value in slider.options if 0.32 <= value <= 0.34] == ["0.32", "0.33", "0.333333", "0.34"]
    assert explorer.panel.wanted() == {}
    slider.index += 1
    assert explorer.overrides == {CHANCE: 0.34}


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> $\\alpha$ \"quoted\" 'single' " + "x" * 300


def test_names_are_text_and_nothing_else(full: dict[str, Any]) -> None:
    full["name"] = HOSTILE
    full["money"] = "<b>USD</b> $m$"
    full["customers"]["one"]["name"] = HOSTILE
    full["events"]["leaves"]["name"] = HOSTILE
    full["levers"]["offer"]["name"] = HOSTILE
    explorer = sim.explore(full, paths=64, knobs=["events.shock.probability"])
    panel = explorer.panel
    panel.name.value = "<script>x"
    panel.save.click()
    everything: list[Any] = [panel.whole]
    texts = []
    while everything:
        one = everything.pop()
        everything += getattr(one, "children", ())
        # The description of a slider and the content of HTMLMath are set as formulas; HTML is not.
        assert not isinstance(one, widgets.HTMLMath)
        if isinstance(one, widgets.HTML):
            texts.append(one.value)
        else:
            assert "$" not in str(getattr(one, "description", ""))
    html = "\n".join(texts)
    assert "&lt;script&gt;" in html
    for part in ("<script", "<img", "<b>"):
        assert part not in html
    assert "x" * 60 not in html  # names are cut
    still = explorer._still("a note")
    assert "<script" not in still and still.count("<img") == 1


def test_without_ipywidgets_all_but_the_sliders_works(full: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    explorer = sim.explore(full, paths=64).set(probability=0.8)
    with pytest.raises(sim.UsageError, match=r"switchrisk\[notebook\]") as refused:
        explorer.widget  # noqa: B018
    assert "ipywidgets" in str(refused.value)
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert "switchrisk[notebook]" in bundle["text/html"] and "data:image/png;base64," in bundle["text/html"]


def test_a_notebook_shows_the_widget(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == repr(explorer)
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.widget.model_id
    json.dumps(bundle)


def test_saving_by_the_button(full: dict[str, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    explorer = sim.explore(full, paths=64)
    panel = explorer.panel
    panel.sliders[CHANCE].value = 0.9
    panel.name.value = "likely"
    panel.save.click()
    assert "Saved as <code>likely.yaml</code>" in panel.message.value
    assert sim.load("likely.yaml").document["events"]["leaves"]["probability"] == 0.9
    panel.save.click()
    assert "is there already" in panel.message.value
    panel.replace.value = True
    panel.save.click()
    assert "Saved" in panel.message.value and not panel.replace.value


def test_times() -> None:
    explorer = sim.explore("tiktok")
    panel = explorer.panel
    chance, median = (panel.sliders[f"events.in_house_llm.{key}"] for key in ("probability", "timing.lognormal.median"))
    acceptance = panel.sliders["levers.retention_offer.acceptance"]

    def timed(slider: Any, values: list[float]) -> float:
        times = []
        for value in values:
            since = time.perf_counter()
            slider.value = value
            times.append(time.perf_counter() - since)
        return min(times)

    law = max(timed(chance, [k / 20 for k in range(20)]), timed(median, [20 + k for k in range(20)]))
    other = timed(acceptance, [0.1, 0.2, 0.4, 0.5])
    print(f"law alone {1000 * law:.0f} ms, with a simulation of {explorer.paths:,} paths {1000 * other:.0f} ms")
    assert law <= 0.1
    assert other <= 2.0  # a second, on a machine that has nothing else to do
