"""The page: one HTML file with its styles, scripts and numbers inside; the only door to jinja2.

A content security policy lets nothing in but the style and the scripts that are here, known by their hashes. Numbers
are data, which no browser runs; texts are escaped.
"""

from __future__ import annotations

import functools
import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template

SCRIPTS = ("numbers.js", "charts.js", "page.js")
STYLE = "page.css"
TEMPLATE = "page.html.j2"

MARK = '<meta name="generator" content="switchrisk'
"""What stands near the beginning of every page, so that it is known for one."""


def rendered(parts: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Lay a report out.

    Parameters
    ----------
    parts
        What the template shows; texts are escaped.
    data
        What the scripts work on.

    Returns
    -------
    str
        The whole of the HTML file.
    """
    style, scripts = _read(STYLE), [_read(name) for name in SCRIPTS]
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {' '.join(map(_hash, scripts))}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return _template().render(**parts, policy=policy, style=style, scripts=scripts, data=as_data(data))


def as_data(data: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: no ``<`` that could end it, nor ``&`` or ``>``."""
    said = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}'"


@functools.cache
def _read(name: str) -> str:
    return resources.files("sim.report").joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_read(TEMPLATE))
