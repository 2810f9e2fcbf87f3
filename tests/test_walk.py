"""ARCHITECTURE.md's table "you add … you touch" is walked: what a row names is what is needed, and nothing else is.

Each walk makes a copy of the package, adds what the row is about as a stranger would who knows the table alone, and
then asks users' questions of the copy. The files that were touched must be those that the row names. Edits go by names
of classes and functions, so that no wording of the code is frozen here.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def row(what: str) -> tuple[set[str], set[str]]:
    """Files that a row of the table names: those to touch, and those where it is seen and held."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    cells = next(line.split("|")[2:4] for line in text.splitlines() if line.startswith(f"| {what} |"))
    touch, held = ({name for name in re.findall(r"`([\w/.]+)`", cell) if "/" in name} for cell in cells)
    return touch, held


class Tree:
    """A copy of the package that a stranger edits; it remembers which files were touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        shutil.copytree(ROOT / "sim", folder / "sim", ignore=shutil.ignore_patterns("bundled"))
        for name in ("scenarios", "seeds"):
            shutil.copytree(ROOT / name, folder / name)

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        path = self.folder / file
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = change(before)
        assert after != before, f"{file}: nothing changed"
        path.write_text(after, encoding="utf-8")
        self.touched.add(file)

    def append(self, file: str, text: str) -> None:
        """Write code at the end of a file, or a new file."""
        self.edit(file, lambda source: f"{source}\n\n{textwrap.dedent(text)}")

    def field(self, file: str, cls: str, text: str) -> None:
        """Give a class another field, after those that it has."""

        def change(source: str) -> str:
            body = _named(ast.parse(source), ast.ClassDef, cls).body
            last = max(node.end_lineno or 0 for node in body if isinstance(node, ast.AnnAssign))
            return _inserted(source, last, textwrap.indent(textwrap.dedent(text).strip("\n"), "    "))

        self.edit(file, change)

    def method(self, file: str, cls: str, text: str) -> None:
        """Give a class another method, after all that it has."""

        def change(source: str) -> str:
            end = _named(ast.parse(source), ast.ClassDef, cls).end_lineno or 0
            return _inserted(source, end, "\n" + textwrap.indent(textwrap.dedent(text).strip("\n"), "    "))

        self.edit(file, change)

    def argument(self, file: str, within: str, call: str, text: str) -> None:
        """Hand one more argument to a call within a function."""

        def change(source: str) -> str:
            found = _calls(_named(ast.parse(source), ast.FunctionDef, within), call)
            last = max(found[0].keywords, key=lambda keyword: keyword.end_lineno or 0)
            return _replaced(source, last.value, lambda value: f"{value}, {text}")

        self.edit(file, change)

    def wrapped(self, file: str, within: str, call: str, template: str) -> None:
        """Wrap each call of a name within a function; ``{}`` stands for the call."""

        def change(source: str) -> str:
            for node in reversed(_calls(_named(ast.parse(source), ast.FunctionDef, within), call)):
                source = _replaced(source, node, template.format)
            return source

        self.edit(file, change)

    def renamed(self, file: str, old: str, new: str) -> None:
        """Call a function otherwise where it is defined, to put another in its place."""
        self.edit(file, lambda source: source.replace(f"def {old}(", f"def {new}("))

    def entry(self, file: str, name: str, text: str) -> None:
        """Add an entry to a dict literal that is assigned to a name."""

        def change(source: str) -> str:
            for node in ast.walk(ast.parse(source)):
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                if isinstance(getattr(node, "value", None), ast.Dict) and any(
                    isinstance(target, ast.Name) and target.id == name for target in targets
                ):
                    return _replaced(source, node.value.values[-1], lambda value: f"{value}, {text}")  # type: ignore[attr-defined]
            raise AssertionError(f"{file}: no dict {name}")

        self.edit(file, change)

    def python(self, script: str) -> Any:
        """Run a script in the copy; what it prints last is JSON."""
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def command(self, *words: str) -> str:
        """Run a command in the copy."""
        done = subprocess.run(
            [sys.executable, "-m", "sim", *words], cwd=self.folder, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def _named(tree: ast.AST, kind: type, name: str) -> Any:
    return next(node for node in ast.walk(tree) if isinstance(node, kind) and node.name == name)  # type: ignore[attr-defined]


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a name, or of an attribute of that name, in the order of the text."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [node for node in found if getattr(node.func, "attr", getattr(node.func, "id", None)) == name]
    assert named, f"no call of {name}"
    return sorted(named, key=lambda node: (node.lineno, node.col_offset))


def _inserted(source: str, line: int, text: str) -> str:
    lines = source.split("\n")
    return "\n".join([*lines[:line], text, *lines[line:]])


def _replaced(source: str, node: Any, change: Callable[[str], str]) -> str:
    lines = source.encode().split(b"\n")
    start = sum(len(line) + 1 for line in lines[: node.lineno - 1]) + node.col_offset
    end = sum(len(line) + 1 for line in lines[: node.end_lineno - 1]) + node.end_col_offset
    raw = source.encode()
    return (raw[:start] + change(raw[start:end].decode()).encode() + raw[end:]).decode()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


ANSWERS = """
    import json
    import numpy as np
    import sim
    from sim.chance.sampling import Sampling
    from sim.engines import kernel
    from sim.engines.strata import revenues_by_own_month
    from sim.scenario.laws import NEVER

    # The event in question comes in a month that is certain, so that its strata and its draws are the same paths.
    data = {
        "scenario": 1, "name": "walk", "start": "2025-01", "months": 24, "money": "USD million",
        "vendor": {"name": "V", "discount_rate": 0.1, "capacity": {"initial": 36, "growth": 0.05}},
        "customers": {
            "a": {"revenue": 20, "growth": 0.2, "volatility": 0.2,
                  "contract": {"term": 12, "renews": "2025-04", "commitment": 0.8}},
            "b": {"revenue": 15, "growth": 0.1, "volatility": 0.3},
        },
        "events": {
            "leaves": {"hits": "a", "choice": True, "timing": {"month": "2025-06"}, "usage": {"to": 0.2, "over": 3}},
            "shrinks": {"hits": "b", "probability": 0.5, "timing": {"uniform": {"low": 1, "high": 20}},
                        "usage": {"to": 0.5}},
        },
        "risk": {"levels": [0.9]},
        "run": {"paths": 512, "seed": 3},
    }
    CHANGE
    scenario = sim.load(data)
    question = "events.leaves.probability"
    run = sim.run(scenario, sampling="sobol")
    swept = sim.sweep(scenario, axes={question: [0.5, 1]})
    even = sim.breakeven(scenario, axis=question, threshold=1e6, measure="expected_loss", low=0.5, high=1)
    cell = swept.at({question: 1})
    mean = {
        "run": run.measures["expected_loss"]["value"],
        "attribute": sim.attribute(scenario).expected_loss.value,
        "compare": sim.compare(scenario, scenario.with_({question: 0.5}), sampling="sobol").results[0].measures[
            "expected_loss"]["value"],
        "sweep": cell["expected_loss"]["value"],
        "breakeven": even.ends[1]["value"],
        "explorer": sim.explore(scenario, paths=512).measures["expected_loss"]["value"],
        "report": sim.make_report(scenario, paths=512).measures["expected_loss"]["value"],
    }
    at_risk = {
        "run": run.measures["revenue_at_risk"]["0.9"]["value"],
        "sweep": cell["revenue_at_risk"]["0.9"]["value"],
        "explorer": sim.explore(scenario, paths=512).measures["revenue_at_risk"]["0.9"]["value"],
        "report": sim.make_report(scenario, paths=512).measures["revenue_at_risk"]["0.9"]["value"],
    }
    draws = Sampling(64, 3).draws(scenario, 0, 64)
    event = scenario.events[scenario.event_index["leaves"]]
    month = int(draws.own_month(event)[0])
    (fan,) = revenues_by_own_month(scenario, draws, event, [month])
    gap = float(np.abs(fan.T - kernel.value(scenario, draws).revenue).max())
    chance = scenario.with_({"events.leaves.timing": {"uniform": {"low": 1, "high": 20}}, question: 0.7})
    agreement = sim.verify(chance, paths=200)
    print(json.dumps({
        "mean": mean, "at_risk": at_risk, "bin": swept.bin_width, "fan": gap,
        "agree": agreement.agree, "strata": agreement.strata,
        "differences": [d.what for d in agreement.differences],
    }))
"""


def answers(tree: Tree, change: str) -> dict[str, Any]:
    found: dict[str, Any] = tree.python(textwrap.dedent(ANSWERS).replace("CHANGE", change))
    return found


def assert_acts_everywhere(with_it: dict[str, Any], without: dict[str, Any]) -> None:
    """Every question gives the number that a run gives, and that is another than without the new field."""
    for found in (with_it, without):
        mean, at_risk = found["mean"], found["at_risk"]
        assert mean == pytest.approx(dict.fromkeys(mean, mean["run"]), rel=1e-9)
        assert at_risk == pytest.approx(dict.fromkeys(at_risk, at_risk["run"]), abs=found["bin"] * (1 + 1e-9))
        assert found["fan"] < 1e-9
        assert found["agree"], found["differences"]
        assert found["strata"] > 5
    assert abs(with_it["mean"]["run"] - without["mean"]["run"]) > 1e-3 * abs(without["mean"]["run"])


def delayed_payments(tree: Tree) -> None:
    """A customer pays some months after it is billed."""
    tree.field(
        "sim/language/customer_parts.py",
        "CustomerPart",
        'pays_after: Whole = Field(0, description="Months from the bill to its payment.")',
    )
    tree.field("sim/scenario/parts.py", "Stream", "pays_after: int = 0")
    tree.argument("sim/language/compile.py", "stream", "Stream", "pays_after=customer.pays_after")
    tree.append(
        "sim/scenario/rules.py",
        """
        def paid(billed: Any, after: int) -> Any:
            \"\"\"What comes in by month, of what is billed by month.\"\"\"
            if after == 0:
                return billed
            months = len(billed)
            late = np.zeros_like(np.asarray(billed, dtype=float))
            late[after:] = billed[: max(0, months - after)]
            return late
        """,
    )
    tree.renamed("sim/engines/money.py", "takings", "billed")
    tree.append(
        "sim/engines/money.py",
        """
        def takings(scenario: Scenario, accounts: Sequence[Account], since: int = 0) -> Iterator[np.ndarray]:
            \"\"\"What each account pays, by month and path.\"\"\"
            for account, amount in zip(accounts, billed(scenario, accounts, since), strict=True):
                after = account.stream.pays_after if isinstance(account, Book) else 0
                yield rules.paid(np.broadcast_to(amount, amount.shape), after)
        """,
    )
    tree.field("sim/engines/customer.py", "Customer", "billed: list[float] = field(default_factory=list)")
    tree.renamed("sim/engines/customer.py", "revenue_of", "bill_of")
    tree.append(
        "sim/engines/customer.py",
        """
        def revenue_of(customer: Customer, price: float, served: float) -> float:
            customer.billed.append(bill_of(customer, price, served))
            return float(rules.paid(customer.billed, customer.stream.pays_after)[-1])
        """,
    )


def test_a_customer_s_field(tree: Tree) -> None:
    """Payments that are delayed act in every question alike; once they did in a run, and in no sweep nor report."""
    delayed_payments(tree)
    touch, held = row("a field of a customer")
    assert tree.touched <= touch
    assert touch - tree.touched <= {
        *("sim/engines/kernel.py", "sim/engines/model.py"),
        *("sim/words/labels.py", "sim/language/describe.py", "sim/language/clauses.py"),
    }
    assert "tests/scenarios.py" in held
    without = answers(tree, "")
    with_it = answers(tree, 'data["customers"]["a"]["pays_after"] = 4; data["customers"]["b"]["pays_after"] = 2')
    assert_acts_everywhere(with_it, without)


def test_strata_that_claim_to_know_a_field_and_do_not_are_noticed(tree: Tree) -> None:
    """The negative control: short cuts that are told of delayed payments, and pass them over, do not agree."""
    delayed_payments(tree)
    tree.edit("sim/engines/short_cuts.py", lambda source: source.replace('"revenue", ', '"revenue", "pays_after", '))
    found = answers(tree, 'data["customers"]["a"]["pays_after"] = 4')
    assert not found["agree"]
    assert "loss in the stratum of leaves" in found["differences"]


def test_an_event_s_field(tree: Tree) -> None:
    """An event that by a clause can't arise before a month."""
    tree.field(
        "sim/language/schema.py",
        "EventPart",
        'not_before: Whole = Field(0, description="Months from the start before which it does not arise by itself.")',
    )
    tree.field("sim/scenario/parts.py", "Event", "not_before: int = 0")
    tree.argument("sim/language/compile.py", "one", "Event", "not_before=event.not_before")
    tree.append(
        "sim/scenario/rules.py",
        """
        def no_sooner(month: Any, earliest: int) -> Any:
            \"\"\"Month in which an event arises that can't before another.\"\"\"
            return np.maximum(month, earliest)
        """,
    )
    tree.wrapped("sim/engines/settling.py", "_arising", "own_month", "rules.no_sooner({}, event.not_before)")
    tree.wrapped("sim/engines/model.py", "_own_arising", "own_month", "int(rules.no_sooner({}, event.not_before))")
    touch, _ = row("a field of an event")
    assert tree.touched <= touch
    assert touch - tree.touched <= {
        *("sim/engines/kernel.py", "sim/engines/money.py"),
        *("sim/words/labels.py", "sim/language/describe.py"),
    }
    without = answers(tree, "")
    with_it = answers(tree, 'data["events"]["leaves"]["not_before"] = 12')
    assert_acts_everywhere(with_it, without)


def test_a_delay_law(tree: Tree) -> None:
    """The log-logistic law: survival 1 / (1 + (x / median)^shape)."""
    tree.append(
        "sim/scenario/laws/continuous.py",
        """
        @dataclass(frozen=True, slots=True)
        class Loglogistic(Law):
            \"\"\"Survival 1 / (1 + (x / median)^shape).\"\"\"

            key: ClassVar[str] = "loglogistic"
            captions: ClassVar[Captions] = {
                "median": ("Median {0}, months", "Median {0}"),
                "shape": ("Shape of the {0}’s log-logistic law", "Shape of the {0}’s log-logistic law"),
            }
            location: ClassVar[str | None] = "median"

            median: float
            shape: float

            def in_words(self, amount: Write, bare: Write) -> str:
                return f"a median of {amount(self.median)} (log-logistic)"

            def survival(self, x: float) -> float:
                return 1.0 if x <= 0.0 else 1.0 / (1.0 + (x / self.median) ** self.shape)

            def cdf(self, x: float) -> float:
                return 1.0 - self.survival(x)

            def mean(self) -> float:
                b = math.pi / self.shape
                return self.median * b / math.sin(b) if self.shape > 1.0 else math.inf

            @property
            def lowest(self) -> float:
                return 0.0

            @property
            def highest(self) -> float:
                return math.inf

            def _quantile(self, u: FloatArray) -> FloatArray:
                return self.median * (u / (1.0 - u)) ** (1.0 / self.shape)
        """,
    )
    tree.append(
        "sim/scenario/laws/__init__.py",
        """
        from sim.scenario.laws.continuous import Loglogistic

        LAWS = {Loglogistic.key: Loglogistic, **LAWS}
        """,
    )
    tree.edit(
        "sim/language/law_parts.py",
        lambda source: source.replace(
            "class LawPart(",
            textwrap.dedent(
                """
                class LoglogisticPart(Part):
                    \"\"\"Skewed to the right, with a heavy tail.\"\"\"

                    median: Annotated[float, Number(gt=0)] = Field(description="Median.")
                    shape: Annotated[float, Number(gt=0)] = Field(description="Shape; the larger, the less spread.")

                    def law(self) -> Law:
                        return LAWS["loglogistic"](self.median, self.shape)


                class LawPart("""
            ).lstrip("\n"),
        ),
    )
    tree.field(
        "sim/language/law_parts.py",
        "LawPart",
        'loglogistic: LoglogisticPart | None = Field(None, description="Log-logistic law, by median and shape.")',
    )
    touch, held = row("a delay law")
    assert tree.touched == touch
    assert "tests/scenarios.py" in held
    found = tree.python(
        """
        import json, sim
        from sim.language.describe import describe
        from sim.report.dials import dials_of
        from sim.words.labels import axis_caption
        data = {
            "scenario": 1, "name": "law", "start": "2025-01", "months": 24, "money": "USD", "vendor": {"name": "V"},
            "customers": {"a": {"revenue": 1, "growth": 0}},
            "events": {"leaves": {"hits": "a", "choice": True, "usage": {"to": 0}, "name": "It leaves",
                                  "timing": {"loglogistic": {"median": 12, "shape": 2}}}},
        }
        path = "events.leaves.timing.loglogistic.median"
        scenario = sim.load(data)
        run = sim.run(scenario, paths=20000)
        refused = ""
        try:
            sim.load({**data, "events": {"leaves": {**data["events"]["leaves"], "timing": {"loglogistic": {}}}}})
        except sim.ScenarioError as error:
            refused = str(error)
        print(json.dumps({
            "chance": run.events["leaves"]["probability"],
            "swept": sim.sweep(scenario, axes={path: [6, 12]}, paths=64).cells["probability_of_loss"].tolist(),
            "words": " ".join(line for paragraph in describe(scenario) for line in paragraph.lines),
            "caption": axis_caption(scenario, path),
            "dial": dials_of(scenario).timing.path,
            "knobs": [knob.path for knob in sim.explore(scenario, paths=64).knobs],
            "refused": refused,
            "agree": sim.verify(scenario, paths=100).agree,
        }))
        """
    )
    # An event arises within the horizon of 24 months if its delay is at most 23: P = 1 - 1 / (1 + (23 / 12)^2). Of
    # 20,000 paths the share lies within four standard errors but for one run in 16,000, and the seed is fixed.
    chance = 1 - 1 / (1 + (23 / 12) ** 2)
    assert found["chance"] == pytest.approx(chance, abs=4 * (chance * (1 - chance) / 20000) ** 0.5)
    assert found["swept"] == pytest.approx([1 - 1 / (1 + (23 / 6) ** 2), chance])
    assert "a median of 12 months (log-logistic)" in found["words"]
    assert found["caption"] == "Median delay from 2025-01, months (“It leaves”)"
    assert found["dial"] == "events.leaves.timing.loglogistic.median"
    assert "events.leaves.timing.loglogistic.shape" in found["knobs"]
    assert "loglogistic.median" in found["refused"]
    assert found["agree"]
    assert '"Loglogistic"' in tree.command("schema")


def test_a_measure(tree: Tree) -> None:
    """The chance to lose more than a tenth of the baseline, in every answer that has measures."""
    tree.append(
        "sim/estimates/estimators.py",
        """
        def has_a_severe_loss(sums: WindowSums, scenario: Scenario) -> np.ndarray:
            \"\"\"Whether more than a tenth of the baseline is lost.\"\"\"
            found: np.ndarray = sums.loss > 0.1 * sums.baseline
            return found
        """,
    )
    tree.append(
        "sim/estimates/measures.py",
        """
        from sim.estimates.estimators import has_a_severe_loss

        SEVERE = Measure("probability_of_severe_loss", "Chance of a severe loss", ShareOf(has_a_severe_loss))
        MEASURES[SEVERE.name] = SEVERE
        """,
    )
    touch, held = row("a measure")
    assert tree.touched == touch
    assert "tests/estimates/test_registry.py" in held
    found = tree.python(
        """
        import json, sim
        chance = "events.in_house_llm.probability"
        name = "probability_of_severe_loss"
        run = sim.run("tiktok", paths=2000)
        swept = sim.sweep("tiktok", axes={chance: [0.2, 0.6]}, paths=512)
        page = sim.make_report("tiktok", paths=256)
        print(json.dumps({
            "run": run.to_dict()["measures"][name],
            "frame": float(run.to_frame().loc[name, "value"].iloc[0]),
            "card": "Chance of a severe loss" in run.card(),
            "compare": sim.compare("tiktok", "tiktok-no-offer", paths=512).difference(name).to_dict(),
            "cells": swept.cells[name].tolist(),
            "at": swept.at({chance: 0.6})[name]["value"],
            "breakeven": sim.breakeven("tiktok", axis=chance, threshold=0.3, measure=name, paths=512).measure,
            "explorer": sim.explore("tiktok", paths=256).measures[name]["value"],
            "page": "Chance of a severe loss" in page.html,
            "report": page.measures[name]["value"],
        }))
        """
    )
    value = found["run"]["value"]
    # More is lost than nothing more often than more than a tenth, and that is lost more often than never.
    assert 0 < value < 1
    assert found["run"]["low"] < value < found["run"]["high"]
    assert found["frame"] == value
    assert found["card"]
    assert found["page"]
    assert found["compare"]["low"] <= found["compare"]["value"] <= found["compare"]["high"]
    assert found["cells"][0] < found["cells"][1] == pytest.approx(found["at"], rel=1e-12)
    assert found["breakeven"] == "probability_of_severe_loss"
    # The scenario stands at 0.6 of 512 and of 256 paths: within six standard errors of either's 256 paths.
    reach = 6 * (0.25 / 256) ** 0.5
    assert found["explorer"] == pytest.approx(value, abs=reach)
    assert found["report"] == pytest.approx(value, abs=reach)
    words = ("run", "tiktok", "--paths", "500", "-q", "--fail-if")
    assert tree.command(*words, "probability_of_severe_loss > 0.999") is not None


def test_a_picture(tree: Tree) -> None:
    """How many paths lose something: drawn in Python, by ``plot``, and kept by ``run --out``."""
    tree.append(
        "sim/plots/tallies.py",
        """
        \"\"\"How many paths lose something.\"\"\"


        from sim.plots.style import own_axes


        def tally(ax, result):
            ax = own_axes(ax, 3.0)
            ax.bar([0, 1], [(result.loss <= 0).sum(), (result.loss > 0).sum()])
            return ax
        """,
    )
    tree.method(
        "sim/plots/runs.py",
        "ResultPlots",
        """
        def tally(self, ax=None):
            from sim.plots.tallies import tally

            return tally(ax, self._result)
        """,
    )
    tree.entry("sim/plots/runs.py", "found", '"tally": plots.tally')
    tree.entry("sim/cli/plot.py", "KINDS", '"tally": "tally"')
    touch, _ = row("a picture of a run")
    assert {file for file in tree.touched if file != "sim/plots/tallies.py"} == touch - {"sim/plots/"}
    tree.command("plot", "tiktok", "--kind", "tally", "--paths", "200", "--out", "tally.svg")
    assert (tree.folder / "tally.svg").read_text().startswith("<?xml")
    tree.command("run", "tiktok", "--paths", "200", "--out", "kept")
    assert (tree.folder / "kept" / "plots" / "tally.svg").exists() or list((tree.folder / "kept").rglob("tally.svg"))


def test_a_command(tree: Tree) -> None:
    tree.append(
        "sim/cli/count.py",
        """
        \"\"\"``count``: how many customers there are.\"\"\"

        import click

        from sim.cli.options import output_options, scenario_options
        from sim.cli.scenarios import scenario_of


        @click.command("count")
        @scenario_options
        @output_options
        def command(terminal, source, overrides):
            \"\"\"Count the customers.\"\"\"
            scenario = scenario_of(source, overrides)
            if terminal.json:
                terminal.document({"customers": len(scenario.streams)})
            else:
                terminal.say(f"{len(scenario.streams)} customers")
            return 0
        """,
    )
    tree.entry("sim/cli/commands.py", "COMMANDS", '"count": "Count the customers."')
    touch, _ = row("a command")
    assert {file for file in tree.touched if file != "sim/cli/count.py"} == touch - {"sim/cli/"}
    assert tree.command("count", "five-customers").strip() == "6 customers"
    assert json.loads(tree.command("count", "five-customers", "--json")) == {"customers": 6}
    assert "Count the customers." in tree.command("--help")
