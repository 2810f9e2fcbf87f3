"""Save results again and again, in child processes that die at their first, second, ... operation on the disk.

Usage: python killed.py FOLDER; prints what each death left behind, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import sim
from sim.language import load_text
from tests.by_hand import EVEN

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir")


def die_at(n: int) -> None:
    """Let this process end without any farewell before its nth change of the disk."""
    left = n

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(9)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & WRITES):
            count()

    honest = os.fsync

    def fsync(handle: int) -> None:
        count()
        honest(handle)

    os.fsync = fsync
    sys.addaudithook(hook)


def left_behind(folder: Path) -> str:
    """Seed of the results in a folder, each file of which must be whole; "none" where there is no folder."""
    return str(sim.open(folder).seed) if folder.exists() else "none"


def main(folder: Path) -> None:
    scenario = load_text(EVEN)
    old, new = (sim.run(scenario, paths=64, seed=seed) for seed in (1, 2))
    outcomes: dict[str, list[str]] = {"fresh": [], "replacing": []}
    for kind, found in outcomes.items():
        code = None
        while code != 0:
            if kind == "replacing":
                old.save(folder, pictures=False)
            child = os.fork()
            if child == 0:
                die_at(len(found) + 1)
                new.save(folder, pictures=False)
                os._exit(0)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert code in (0, 9), code
            found.append(left_behind(folder))
            # The next one puts all in order: its own results and nothing else.
            new.save(folder, pictures=False)
            assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]
            assert left_behind(folder) == "2"
            if kind == "fresh":
                for file in sorted(folder.rglob("*"), reverse=True):
                    file.rmdir() if file.is_dir() else file.unlink()
                folder.rmdir()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
