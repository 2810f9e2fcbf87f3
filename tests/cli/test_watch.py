"""``run --watch`` as a process: files are edited under it, what it says is read, an interrupt ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.cli.watch import files_of, look
from tests.by_hand import CERTAIN, EVEN
from tests.command import Run, command, environment

PATIENCE = 30.0
"""Seconds to wait for what must come; far more than it takes."""


class Watching:
    """The process, and what it has said so far on both streams."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            command("run", *words, "--watch"),
            cwd=folder,
            env=environment(COLUMNS="100"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._said = ""
        self._read = 0
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said += line.decode()

    def until(self, text: str) -> str:
        """What was said since the last time, once a text is among it and the line is complete."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            at = self._said.find(text, self._read)
            if at >= 0:
                found = self._said[self._read :]
                self._read += len(found)
                return found
            time.sleep(0.02)
        raise AssertionError(f"{text!r} was not said; but: {self._said[self._read :]}")

    def rest(self) -> str:
        return self._said[self._read :]

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


@contextmanager
def watching(folder: Path, *words: str) -> Iterator[Watching]:
    one = Watching(folder, *words)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()
        one._reader.join(PATIENCE)
        assert one.process.stdout is not None
        one.process.stdout.close()


def save(file: Path, text: str) -> None:
    """Save as many editors do: under another name, then renamed."""
    part = file.with_name(f".{file.name}.swp")
    part.write_text(text, encoding="utf-8")
    os.replace(part, file)


def test_an_edit_its_effect_and_an_interrupt(tmp_path: Path) -> None:
    file = tmp_path / "even.yaml"
    file.write_text(EVEN)
    with watching(tmp_path, "even.yaml", "--sampling", "sobol", "--paths", "512") as seen:
        first = seen.until("Ctrl-C ends.")
        assert "expected baseline" in first  # the whole table
        # With a chance of 1 each path loses 60, with 1/2 half of them (the points are even: 256 of 512): 30 more.
        save(file, EVEN.replace("probability: 0.5", "probability: 1"))
        said = seen.until("the same for both")
        assert "events.leaves.probability: 0.5 → 1" in said
        rows = {line.split("  ")[0].strip(): line.split()[-3:] for line in said.splitlines() if "loss " in line}
        assert rows["expected loss"][0].startswith("+30")
        assert "revenue at risk 95 %" in said and "no change" in said  # 60 before and after
        # In place, and a customer's revenue: 6 months of 12 are lost instead of 10, so 12 more on each path.
        file.write_text(EVEN.replace("probability: 0.5", "probability: 1").replace("revenue: 10", "revenue: 12"))
        said = seen.until("the same for both")
        assert "customers.one.revenue: 10 → 12" in said
        assert "+12.00 ± 0" in said
        assert "+12.00 (too few paths to tell its error)" in said
        assert seen.interrupt() == 130
        assert "Traceback" not in seen.rest() and "interrupted" in seen.rest()


def test_errors_are_shown_with_their_place_and_watching_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(CERTAIN.replace("months: 12", "months: twelve"))
    with watching(tmp_path, "one.yaml") as seen:  # broken from the start
        assert "one.yaml:4:9: months: " in seen.until("Ctrl-C ends.")
        save(file, CERTAIN)
        assert "expected baseline" in seen.until("scenario sha256")
        save(file, CERTAIN.replace("growth: 0}", "grwth: 0}"))
        said = seen.until("Ctrl-C ends.")
        column = "  one: {name: Customer One, revenue: 10, grwth: 0}".index("grwth") + 1
        assert f"one.yaml:8:{column}: customers.one.grwth" in said
        assert "^" in said and "nearest: growth" in said
        save(file, CERTAIN)
        assert "nothing that a run depends on has changed" in seen.until("saved;")
        assert seen.interrupt() == 130


def test_a_base_that_is_edited_or_goes_and_comes_back(tmp_path: Path) -> None:
    base, file = tmp_path / "base.yaml", tmp_path / "one.yaml"
    base.write_text(CERTAIN)
    file.write_text("extends: base.yaml\nname: One of it\n")
    with watching(tmp_path, "one.yaml", "--quiet") as seen:
        seen.until("not exceed USD 60")
        save(base, CERTAIN.replace("2025-07}", "2025-10}"))  # 3 months of 10 instead of 6
        said = seen.until("revenue at risk 95 %: ")
        assert "events.leaves.timing.month: 2025-07 → 2025-10" in said
        assert "expected loss: −30.00 ± 0" in said
        base.unlink()
        assert "which does not exist" in seen.until("base.yaml")
        base.write_text(CERTAIN)
        assert "expected loss: +30.00 ± 0" in seen.until("revenue at risk 95 %: ")
        file.unlink()
        time.sleep(0.6)  # three looks
        assert seen.process.poll() is None
        file.write_text("extends: base.yaml\nname: One of it\nmonths: 11\n")  # a month less to lose
        assert "expected loss: −10.00 ± 0" in seen.until("revenue at risk 95 %: ")
        assert seen.interrupt() == 130


def test_a_file_that_is_written_bit_by_bit_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(CERTAIN)
    with watching(tmp_path, "one.yaml") as seen:
        seen.until("Ctrl-C ends.")
        text = CERTAIN.replace("2025-07}", "2025-10}")
        with file.open("w") as out:
            for k in range(0, len(text), 40):
                out.write(text[k : k + 40])
                out.flush()
                time.sleep(0.05)  # more than half a second in all, some looks
        said = seen.until("the same for both")
        assert "2025-07 → 2025-10" in said
        assert "one.yaml:" not in said  # no half of it was taken for the scenario
        assert seen.interrupt() == 130


def test_other_draws_and_another_unit_have_nothing_to_be_compared_with(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(CERTAIN)
    with watching(tmp_path, "one.yaml") as seen:
        seen.until("Ctrl-C ends.")
        save(file, CERTAIN.replace("seed: 1", "seed: 2"))
        said = seen.until("On other draws")
        assert "run.seed: 1 → 2" in said and "±" not in said
        save(file, CERTAIN.replace("seed: 1", "seed: 2").replace("USD million", "kEUR"))
        assert "money: USD million → kEUR" in seen.until("In another unit")
        assert seen.interrupt() == 130


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-"], "standard input"),
        (["certain.yaml", "--json"], "--json"),
        (["certain.yaml", "--fail-if", "expected_loss > 1"], "--fail-if"),
        (["certain.yaml", "--out", "there"], "--out"),
    ],
)
def test_what_watching_does_not_go_with(certain: str, cli: Run, words: list[str], named: str) -> None:
    done = cli("run", *words, "--watch")
    assert done.returncode == 2
    assert f"--watch does not go with {named}" in done.stdout + done.stderr


def test_a_file_that_was_never_there_is_refused_at_once(cli: Run) -> None:
    done = cli("run", "nowhere.yaml", "--watch")
    assert done.returncode == 2
    assert "no such file" in done.stderr


def test_the_files_of_a_scenario_are_followed_as_far_as_they_go(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    one, two, three = tmp_path / "one.yaml", tmp_path / "below" / "two.yaml", tmp_path / "below" / "three.yaml"
    one.write_text("extends: below/two.yaml\n")
    two.write_text("extends: three.yaml\n")
    assert files_of(one) == [one, two, three]  # the last may yet come
    assert look([one, three])[1] is None
    three.write_text("extends: ../one.yaml\n")  # a cycle, which the loader refuses
    assert files_of(one) == [one, two, three]
    for text in ("extends: ../outside.yaml\n", "extends: [a]\n", "{", "", 'extends: "a\\0b"\n', "extends: below\n"):
        one.write_text(text)
        assert files_of(one)[0] == one and len(files_of(one)) <= 2


def test_who_is_added_moves_no_draw_of_the_others(tmp_path: Path) -> None:
    """Another customer, who loses nothing, before all others in the file: what is lost is the same path by path."""
    file = tmp_path / "even.yaml"
    varying = EVEN.replace("revenue: 10, growth: 0}", "revenue: 10, volatility: 0.3}")
    file.write_text(varying)
    with watching(tmp_path, "even.yaml", "--paths", "2048") as seen:
        seen.until("Ctrl-C ends.")
        save(file, varying.replace("  one: {", "  another: {revenue: 5, volatility: 0.2}\n  one: {"))
        said = seen.until("the same for both")
        (changed,) = (line for line in said.splitlines() if line.startswith("expected loss"))
        change, error = (abs(float(text)) for text in changed.split()[-3::2])
        assert max(change, error) < 1e-6  # rounding; of other draws the error would be some 0.3
