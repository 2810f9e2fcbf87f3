"""A file is written whole or not at all, and takes the place of files only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sim.errors import OutputError, UsageError
from sim.files import whole


def test_what_was_there_stays_until_all_is_written(tmp_path: Path) -> None:
    place = tmp_path / "table.csv"
    place.write_bytes(b"before")

    def interrupted() -> None:
        with whole(str(place)) as file:
            file.write(b"half")
            raise InterruptedError

    with pytest.raises(OutputError):
        interrupted()
    assert place.read_bytes() == b"before"
    with whole(str(place)) as file:
        file.write(b"after")
        assert place.read_bytes() == b"before"
    assert place.read_bytes() == b"after"
    with pytest.raises(UsageError, match="is there already"), whole(str(place), replace=False) as file:
        file.write(b"another")
    assert place.read_bytes() == b"after"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="is a device or a pipe"), whole(str(pipe)) as file:
        file.write(b"text")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"), whole(str(tmp_path / "missing" / "table.csv")) as file:
        file.write(b"text")
