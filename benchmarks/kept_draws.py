"""What a question to kept draws takes, beyond imports: opening the folder, ``doubt``, ``drivers``, ``where``.

Run it from the project's folder: ``python benchmarks/kept_draws.py`` (half a minute); processor time, the best of five
rounds in which the questions take turns. Wanted is at most a second each.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from pathlib import Path

import sim
from sim import archives

QUESTIONS = {
    "open": archives.open_draws,
    "doubt": lambda kept: archives.open_doubt(kept).to_dict(),
    "drivers": lambda kept: sim.drivers(archives.open_draws(kept)).to_dict(),
    "where": lambda kept: sim.where(archives.open_draws(kept), "revenue_at_risk.0.95 > 1200").to_dict(),
    "where --tree": lambda kept: sim.where(
        archives.open_draws(kept), "revenue_at_risk.0.95 > 1200", tree=True
    ).to_dict(),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = sim.doubt("tiktok-in-doubt").save(Path(folder) / "kept", pictures=False)
        took = defaultdict(list)
        for _ in range(5):
            for name, ask in QUESTIONS.items():
                since = time.process_time()
                ask(kept)
                took[name].append(time.process_time() - since)
    for name, seconds in took.items():
        print(f"{name}: {min(seconds):.2f} s")


if __name__ == "__main__":
    main()
