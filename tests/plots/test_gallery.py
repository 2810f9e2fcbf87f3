"""The gallery's page says what its script says, and what stands there draws."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

import sim
from tests.command import ROOT
from tests.scripts import script


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    return script("gallery")


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
