"""Colours of amounts: cividis, even in lightness and read alike with and without colour vision.

Nuñez, Anderton and Renslow (2018, PLoS ONE 13, e0199239), sampled at even steps from matplotlib's table of it: making a
report need not wait for matplotlib. The page's script mixes neighbours.
"""

from __future__ import annotations

AMOUNTS = (
    "#00224e",
    "#00285b",
    "#002e6a",
    "#053371",
    "#1a386f",
    "#273e6e",
    "#32436d",
    "#3b496c",
    "#434e6c",
    "#4b546c",
    "#535a6d",
    "#5a5f6e",
    "#61656f",
    "#686a71",
    "#6f7073",
    "#767676",
    "#7d7c78",
    "#848279",
    "#8c8878",
    "#938e78",
    "#9b9476",
    "#a39a74",
    "#aba072",
    "#b4a76f",
    "#bcae6c",
    "#c4b468",
    "#cdbb63",
    "#d5c25e",
    "#dec958",
    "#e7d150",
    "#f0d846",
    "#f9e03a",
    "#fee838",
)
"""From small to large."""
