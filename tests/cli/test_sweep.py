"""`switchrisk sweep`. In the scenario `even` one customer of 10 a month leaves in 2025-07 with a probability p:
60 = 6 months of 10 are lost with p, nothing otherwise, of a baseline of 480. So the mean is 60 p, and at a level of
95 % the quantile is 60 where p > 0.05, else 0."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.by_hand import LEAVES, MEDIAN, MONTH, PROBABILITY
from tests.command import Run


def table_of(text: str) -> dict[str, list[str]]:
    """Rows of numbers by their first word."""
    lines = [re.sub(r" \(without the event\)", "", line) for line in text.splitlines()]
    rows = [line.split() for line in lines if re.match(r" *[0-9.]+\*? +[0-9]", line)]
    return {row[0]: row[1:] for row in rows}


def test_a_table_for_a_reader(cli: Run, even: str) -> None:
    done = cli("sweep", even, "--axis", f"{PROBABILITY}=0,0.5,1", "--axis", f"{MONTH}=2025-01,2025-07,2025-12")
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "An even chance"
    assert lines[1] == "2025-01 … 2025-12 · USD million"
    assert max(map(len, lines)) <= 80
    text = " ".join(done.stdout.split())
    assert "3 × 3 = 9 cells swept over:" in text
    assert "Probability that “One leaves” ever arises: 3 values, 0 (without the event) … 1" in text
    assert "Month of the event (“One leaves”): 3 values, 2025-01 … 2025-12" in text
    # 12, 6 and 1 months of 10 are lost from the event's month on; nothing where it cannot arise.
    assert table_of(done.stdout) == {"0": ["0", "0", "0"], "0.5": ["120", "60*", "10"], "1": ["120", "60", "10"]}
    assert "* the base case." in text
    assert "Shown:" not in text
    # 60 of 480 are 12.5 %.
    assert "Base (probability 0.5, month 2025-07): revenue at risk 95 % USD 60 million" in text
    assert "12.5 % of baseline revenue" in text
    assert re.search(r"million \([0-9,]+ quasi-random paths, seed 1\)", text)
    assert "Errors come from 16 scramblings of the paths" in text
    assert "Largest error of any cell: none." in text


def test_a_large_grid_is_thinned_and_says_so(inside: Run, even: str) -> None:
    done = inside("sweep", even, "--axis", f"{PROBABILITY}=0:1:101", "--axis", f"{MONTH}=2025-01:2025-12:12")
    assert max(map(len, done.stdout.splitlines())) <= 80
    rows = table_of(done.stdout)
    assert "0.5" in rows
    assert "60*" in rows["0.5"]
    assert {"0", "1"} <= set(rows)
    text = " ".join(done.stdout.split())
    found = re.search(r"Shown: ([0-9]+) of 101 rows, ([0-9]+) of 12 columns; --csv and --json give all\.", text)
    assert found is not None
    assert int(found[1]) == len(rows)
    assert int(found[2]) == len(rows["0.5"])


def test_three_axes_are_small_tables_and_one_axis_a_list(inside: Run, even: str) -> None:
    three = inside(
        "sweep", even, "--axis", f"{PROBABILITY}=0,1", "--axis", f"{MONTH}=2025-01,2025-07", "--axis",
        "customers.one.revenue=10,20",
    ).stdout  # fmt: skip
    assert "Revenue in the first month, USD million (“Customer One”): 10" in three
    second = three.split("(“Customer One”): 20\n")[1]
    # Twice the revenue, twice the loss.
    assert table_of(second)["1"] == ["240", "120"]
    one = inside("sweep", even, "--axis", f"{PROBABILITY}=0,0.5,1").stdout
    row = re.search(r"^ *0\.5\* +60 +60 … 60 +60 ± 0 +30 ± 0$", one, re.MULTILINE)
    assert row is not None, one


def test_one_json_document_in_the_documented_shape(inside: Run, even: str) -> None:
    done = inside(
        "sweep", even, "--json", "--axis", f"{PROBABILITY}=0:1:5", "--axis", f"{MONTH}=2025-01,2025-07", "--explain",
        "--paths", "100", "--seed", "9", "--set", "risk.target=450",
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    data = json.loads(done.stdout)
    assert data["format"] == 1
    assert data["scenario"]["name"] == "An even chance"
    # 100 paths are rounded up to 16 * 8.
    run = data["run"]
    assert (run["paths"], run["seed"], run["sampling"]) == (128, 9, "sobol")
    assert data["axes"] == [
        {"path": PROBABILITY, "values": [0, 0.25, 0.5, 0.75, 1], "base": 0.5},
        {"path": MONTH, "values": ["2025-01", "2025-07"], "base": "2025-07"},
    ]
    chances = [0, 0.25, 0.5, 0.75, 1]
    cells = data["cells"]
    np.testing.assert_allclose(cells["expected_loss"], [[120 * p, 60 * p] for p in chances], rtol=1e-12)
    np.testing.assert_allclose(cells["expected_revenue"], [[480 - 120 * p, 480 - 60 * p] for p in chances], rtol=1e-12)
    np.testing.assert_allclose(cells["probability_of_loss"], [[p, p] for p in chances], rtol=1e-12)
    # Revenue is below 450 wherever anything is lost: 480 less 120, or less 60.
    np.testing.assert_allclose(cells["probability_below_target"], [[p, p] for p in chances], rtol=1e-12)
    for level in ("0.95", "0.99"):
        expected = [[0, 0]] + [[120, 60]] * 4
        np.testing.assert_allclose(cells["revenue_at_risk"][level], expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(cells["expected_shortfall"][level], expected, rtol=1e-9, atol=1e-12)
        ends = data["interval"]["revenue_at_risk"][level]
        assert set(ends) == {"low", "high"}
        assert np.shape(ends["low"]) == (5, 2)
    assert set(data["standard_error"]) == {
        "expected_loss",
        "expected_revenue",
        "expected_plain_revenue",
        "expected_shortfall",
    }
    # Nothing is discounted, so that both kinds of revenue are what is left of 480.
    for name in ("expected_revenue", "expected_plain_revenue"):
        lost = np.asarray(cells["expected_loss"])
        np.testing.assert_allclose(cells[name], 480 - lost, rtol=1e-9)
    assert set(data["interval"]) == {"revenue_at_risk", "probability_of_loss", "probability_below_target"}
    assert data["plan"][0].startswith("10 cells: ")


def test_the_scenarios_own_axes_give_way_to_those_asked_for(inside: Run) -> None:
    # The scenario sweeps over the lognormal's median; with another law that axis would not be valid.
    done = inside(
        "sweep", "reference-work", "--json", "--paths", "64", "--set",
        "events.in_house_llm.timing={exponential: {mean: 20}}", "--axis",
        "events.in_house_llm.timing.exponential.mean=10,20",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [axis["path"] for axis in json.loads(done.stdout)["axes"]] == ["events.in_house_llm.timing.exponential.mean"]


def test_the_plan_is_told_when_asked_for(inside: Run, even: str) -> None:
    arguments = ("sweep", even, "--axis", f"{PROBABILITY}=0,1", "--axis", "customers.one.revenue=10,20")
    assert "How it was planned" not in inside(*arguments).stdout
    told = " ".join(inside(*arguments, "--explain").stdout.split())
    assert "How it was planned" in told
    assert "only decide when leaves arises by itself" in told
    assert "customers.one.revenue: 2 simulations" in told


def test_all_cells_as_csv(inside: Run, even: str, tmp_path: Path) -> None:
    arguments = ("sweep", even, "--axis", f"{PROBABILITY}=0,1", "--axis", f"{MONTH}=2025-01,2025-07")
    printed = inside(*arguments, "--csv", "-").stdout
    assert "An even chance" not in printed
    assert "An even chance" in inside(*arguments, "--csv", "cells.csv").stdout
    assert (tmp_path / "cells.csv").read_text() == printed
    frame = pd.read_csv(io.StringIO(printed))
    assert list(frame[MONTH]) == ["2025-01", "2025-07"] * 2
    np.testing.assert_allclose(frame["expected_loss"], [0, 0, 120, 60], rtol=1e-12)
    assert {"revenue_at_risk_0.95", "revenue_at_risk_0.95_low", "expected_loss_error"} <= set(frame)


def test_all_cells_as_arrays_and_a_picture(inside: Run, even: str, tmp_path: Path) -> None:
    arguments = ("sweep", even, "-q", "--axis", f"{PROBABILITY}=0,1", "--axis", f"{MONTH}=2025-01,2025-07")
    assert inside(*arguments, "--npz", "cells.npz", "--plot", "surface.svg").returncode == 0
    with np.load(tmp_path / "cells.npz", allow_pickle=False) as arrays:
        assert list(arrays[f"axis.{MONTH}"]) == ["2025-01", "2025-07"]
        np.testing.assert_allclose(arrays["expected_loss"], [[0, 0], [120, 60]], rtol=1e-12)
        assert arrays["revenue_at_risk.0.95.low"].shape == (2, 2)
        about = json.loads(str(arrays["about"]))
        assert about["run"]["seed"] == 1
    assert (tmp_path / "surface.svg").read_text().startswith("<?xml")
    assert inside(*arguments, "--plot", "surface.png").returncode == 0
    assert (tmp_path / "surface.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cells.npz",
        "even.yaml",
        "surface.png",
        "surface.svg",
    ]


def test_a_file_appears_whole_or_not_at_all(
    inside: Run, even: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cells.npz").write_bytes(b"what was there")

    def half_way(file, **arrays) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", half_way)
    done = inside("sweep", even, "--axis", f"{PROBABILITY}=0,1", "--npz", "cells.npz", "--force")
    assert done.returncode == 4
    assert "cells.npz: No space left on device" in done.stderr
    assert (tmp_path / "cells.npz").read_bytes() == b"what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.npz", "even.yaml"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((f"--axis={PROBABILITY}=0:1:1000000", "--axis=customers.one.revenue=1:2:1000000"), 3, "TiB of memory"),
        ((f"--axis={PROBABILITY}",), 2, "no path=values"),
        ((f"--axis={PROBABILITY}=0:1",), 2, "path=from:to:count"),
        ((f"--axis={PROBABILITY}=0,2",), 2, "0 to 1"),
        (("--axis=events.leavs.probability=0,1",), 2, "nearest: leaves"),
        ((f"--axis={PROBABILITY}=0,1", f"--axis={PROBABILITY}=0,1"), 2, "stands twice"),
        ((), 2, "no axes to sweep"),
        ((f"--axis={PROBABILITY}=0,1", "--csv=-", "--json"), 2, "choose one of the two"),
        ((f"--axis={PROBABILITY}=0,1", "--plot=x.pdf"), 2, ".svg or .png"),
        ((f"--axis={PROBABILITY}=0,1", "--precision=50"), 2, "0.5% or 0.005"),
        ((f"--axis={PROBABILITY}=0,1", "--sampling=halton"), 2, "halton"),
        ((f"--axis={PROBABILITY}=0,1", "--npz=no/such/x.npz"), 4, "there is no folder no/such"),
    ],
)
def test_what_is_refused_is_refused_at_once(
    inside: Run, even: str, words: tuple[str, ...], code: int, told: str
) -> None:
    started = time.perf_counter()
    done = inside("sweep", even, *words)
    assert done.returncode == code, done.stderr
    assert told in done.stderr + done.stdout
    assert time.perf_counter() - started < 5


def test_a_precision_that_is_met_and_one_that_is_not(inside: Run) -> None:
    axes = ("--axis", f"{LEAVES}=0.25,0.5", "--axis", f"{MEDIAN}=24,36", "--json")
    met = inside("sweep", "reference-work", *axes, "--precision", "0.5%")
    assert met.returncode == 0
    assert met.stderr == ""
    said = json.loads(met.stdout)["run"]["precision"]
    assert said["met"] is True
    assert said["asked"] == 0.005
    assert said["reached"] <= 0.005
    missed = inside("sweep", "reference-work", *axes, "--precision", "0.00001", "--paths", "4096")
    assert missed.returncode == 0
    assert "note: precision not met: more than 4,096 paths would be needed" in " ".join(missed.stderr.split())
    data = json.loads(missed.stdout)
    assert data["run"]["paths"] == 4096
    assert data["run"]["precision"]["met"] is False


def test_a_bar_appears_on_a_terminal_only_when_slow() -> None:
    from sim.cli.terminal import PATIENCE, Terminal

    with Terminal().progress("sweeping") as progress:
        assert progress is None  # tests have no terminal
    assert PATIENCE == 1.0


def test_all_cells_as_a_parquet_table(inside: Run, even: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is in the extra `data`")
    arguments = ("sweep", even, "-q", "--axis", f"{PROBABILITY}=0,1", "--axis", f"{MONTH}=2025-01,2025-07")
    assert inside(*arguments, "--parquet", "cells.parquet", "--csv", "cells.csv").returncode == 0
    table = pd.read_parquet(tmp_path / "cells.parquet")
    pd.testing.assert_frame_equal(table, pd.read_csv(tmp_path / "cells.csv"), check_dtype=False, rtol=1e-12)
