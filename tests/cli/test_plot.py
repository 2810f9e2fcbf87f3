"""``plot``: which pictures are written where, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sim
from tests.by_hand import CERTAIN
from tests.command import Run

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_fan_is_written_where_one_is(cli: Run, even: str, tmp_path: Path) -> None:
    done = cli("plot", even)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert first == "fan.svg"
    assert "Revenue in 2025-12: USD 30.0 to 40.0 million in 80 % of paths" in " ".join(" ".join(rest).split())
    assert (tmp_path / "fan.svg").read_bytes().startswith(b"<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == [even, "fan.svg"]


def test_all_pictures_into_a_folder_that_is_made(cli: Run, even: str, tmp_path: Path) -> None:
    done = cli("plot", even, "--kind", "all", "--out", "deep/pictures", "--format", "png", "--quiet")
    assert done.returncode == 0, done.stderr
    names = ["fan", "exceedance", "event_months", "concentration", "story"]
    assert done.stdout.split() == [str(Path("deep/pictures") / f"{name}.png") for name in names]
    for name in names:
        assert (tmp_path / "deep" / "pictures" / f"{name}.png").read_bytes().startswith(PNG)


def test_one_picture_into_a_file_as_json(inside: Run, even: str, tmp_path: Path) -> None:
    done = inside("plot", even, "--kind", "story", "--percentile", "99", "--paths", "200", "--out", "bad.png", "--json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["format"] == 1
    assert data["scenario"]["name"] == "An even chance"
    (picture,) = data["pictures"]
    assert (picture["kind"], picture["file"]) == ("story", "bad.png")
    # The 99th percentile of losses of 60 and nothing is 60.
    assert "loses USD 60 million" in picture["title"]
    assert (tmp_path / "bad.png").read_bytes().startswith(PNG)


def test_a_path_by_number(inside: Run, certain: str) -> None:
    done = inside("plot", certain, "--kind", "story", "--path", "3", "--paths", "5")
    assert done.returncode == 0, done.stderr
    assert "Path 3 loses USD 60 million" in done.stdout


def test_what_makes_no_sense_is_left_out_with_a_word(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "quiet.yaml").write_text(CERTAIN[: CERTAIN.index("events:")] + "run: {paths: 40, seed: 1}\n")
    done = inside("plot", "quiet.yaml", "--kind", "all", "--out", "p")
    assert done.returncode == 0, done.stderr
    assert "no event months: the scenario has no events" in done.stderr
    assert not (tmp_path / "p" / "event_months.svg").exists()
    assert (tmp_path / "p" / "story.svg").exists()
    alone = inside("plot", "quiet.yaml", "--kind", "events", "--out", "q")
    assert alone.returncode == 2
    assert "no events" in alone.stderr
    assert not (tmp_path / "q").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "all", "--out", "a.svg"), "5 pictures need a folder"),
        (("--out", "a.pdf"), ".svg or .png"),
        (("--out", "a.svg", "--format", "png"), "does not fit"),
        (("--path", "1"), "only with --kind story"),
        (("--kind", "story", "--path", "1", "--percentile", "5"), "choose one"),
        (("--kind", "story", "--path", "512"), "there are 512 paths"),
        (("--kind", "story", "--path", "400", "--sampling", "plain"), "there are 400 paths"),
        (("--kind", "pie"), "pie"),
    ],
)
def test_options_that_do_not_fit(inside: Run, even: str, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = inside("plot", even, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == [even]


def test_places_that_cannot_be_written(inside: Run, even: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    for place in ("taken", "taken/below", "missing/a.svg"):
        done = inside("plot", even, "--out", place)
        assert done.returncode == 4, place
        assert "taken" in done.stderr or "no folder missing" in done.stderr
    assert (tmp_path / "taken").read_text() == "x"


def test_a_name_of_a_scenario_does_nothing_to_a_terminal(inside: Run, tmp_path: Path) -> None:
    name = r"$x^2$ <b>One</b> \u202e"
    (tmp_path / "odd.yaml").write_text(CERTAIN.replace("name: One leaves", f'name: "{name}"'.replace("\\u", "\\\\u")))
    done = inside("plot", "odd.yaml", "--kind", "events")
    assert done.returncode == 0, done.stderr
    assert "“$x^2$ <b>One</b>" in " ".join(done.stdout.split())


def test_a_folder_of_results_gets_no_other_pictures(inside: Run, even: str, tmp_path: Path) -> None:
    sim.run(tmp_path / even, paths=64).save(tmp_path / "kept", pictures=False)
    before = sorted(path.name for path in (tmp_path / "kept").iterdir())
    done = inside("plot", even, "--out", "kept")
    assert done.returncode == 4
    assert "kept: holds the results of a run" in done.stderr
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == before


def test_the_fan_by_quarter(inside: Run, certain: str, tmp_path: Path) -> None:
    """From July on 30 a month of 40 are left, in whole quarters."""
    done = inside("plot", certain, "--by", "quarter", "--json")
    assert done.returncode == 0, done.stderr
    (picture,) = json.loads(done.stdout)["pictures"]
    assert (picture["kind"], picture["file"]) == ("fan_by_quarter", "fan_by_quarter.svg")
    assert picture["title"] == "Revenue in 2025 Q4: USD 90 million on 90 % of paths; baseline median 120"
    assert (tmp_path / "fan_by_quarter.svg").is_file()


def test_what_only_a_fan_has(inside: Run, certain: str) -> None:
    done = inside("plot", certain, "--kind", "exceedance", "--by", "year")
    assert done.returncode == 2
    assert "--by: only with --kind fan or all" in done.stderr
