"""What the documentation shows runs as it stands, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("seeds/*.md")])


def test_help_begins_with_an_example_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim.__doc__ is not None
    summary, example, *_ = sim.__doc__.split("\n\n")
    assert "\n" not in summary
    lines = [line.removeprefix(">>> ") for line in example.splitlines()]
    assert lines[0] == "import sim"
    exec("\n".join(lines), {})
    assert capsys.readouterr().out.strip()


def test_the_python_page_runs_from_top_to_bottom() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    assert names["paired"].mean() > 0  # type: ignore[attr-defined]  # both processes lose money
    assert names["story"].attrs["loss"] == pytest.approx(  # type: ignore[attr-defined]
        names["result"].loss[names["path"]],  # type: ignore[attr-defined]
        rel=1e-9,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_has_the_two_blocks_first() -> None:
    first, second = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[:2]
    assert "switchrisk run tiktok" in first
    assert "pytest" in second
