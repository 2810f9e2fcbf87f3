"""Results in a folder, and folders as a stranger might send them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.archives.manifest import _own_digest
from tests.by_hand import EVEN


def forge(folder: Path, files: dict[str, bytes | None] | None = None, /, **changes: Any) -> None:
    """Change files and the manifest so that all hashes are right again, as one could who wants to deceive."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, data in (files or {}).items():
        if data is None:
            (folder / name).unlink()
            del manifest["files"][name]
        else:
            (folder / name).write_bytes(data)
            manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    for key, value in changes.items():
        section, _, name = key.partition("__")
        if name:
            manifest[section][name] = value
        else:
            manifest[section] = value
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    (folder / "manifest.json").write_text(json.dumps({**rest, "sha256": _own_digest(rest)}), encoding="utf-8")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results of the even chance, without pictures."""
    (tmp_path / "even.yaml").write_text(EVEN)
    return sim.run(tmp_path / "even.yaml", sampling="plain").save(tmp_path / "kept", pictures=False)
