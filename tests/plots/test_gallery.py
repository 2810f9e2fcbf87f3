"""The gallery's page says what its script says, and what stands there draws."""

from __future__ import annotations

import importlib.util
import re
import sys
from types import ModuleType

import pytest

import sim
from tests.command import ROOT


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "benchmarks" / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gallery"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_scripts_table(gallery: ModuleType) -> None:
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert text == gallery.page()
    assert re.findall(r"!\[[^\]]*\]\(pictures/(\w+)\.svg\)", text) == [picture.name for picture in gallery.TABLE]


def test_every_picture_is_there_and_small(gallery: ModuleType) -> None:
    for picture in gallery.TABLE:
        data = (ROOT / "docs" / "pictures" / f"{picture.name}.svg").read_bytes()
        assert data.startswith(b"<?xml"), picture.name
        assert len(data) <= gallery.MOST_BYTES, picture.name


def test_code_of_the_table_draws(gallery: ModuleType) -> None:
    names = {"sim": sim, "result": sim.run("tiktok", paths=64), "surface": sim.sweep("reference-work", paths=64)}
    for name in ("fan", "process", "tolerance"):
        (picture,) = [picture for picture in gallery.TABLE if picture.name == name]
        assert gallery.draw(picture, names).startswith(b"<?xml")
