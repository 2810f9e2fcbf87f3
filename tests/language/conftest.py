"""What tests of several files share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.cases import BASE, Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Write files beside the base into an empty folder, which becomes the current one; give the folder."""
    monkeypatch.chdir(tmp_path)

    def write(base: str = BASE, **texts: str) -> Path:
        for name, text in {"base": base, **texts}.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write
