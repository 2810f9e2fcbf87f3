"""Tables whose columns have the same types however few rows they have, and whatever is unknown in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def frame_of(rows: Iterable[Any], types: Mapping[str, type]) -> pd.DataFrame:
    """A table with columns of given types.

    Parameters
    ----------
    rows
        Sequences in the order of the columns, or mappings by their names; None stands for what is unknown.
    types
        By column ``float`` (unknown: NaN), ``int`` (64 bits, may be missing), ``bool`` or ``str``.
    """
    import pandas as pd

    of_pandas: dict[type, Any] = {float: "float64", int: "Int64", bool: "bool", str: pd.StringDtype(na_value=math.nan)}
    frame = pd.DataFrame(list(rows), columns=list(types))
    return frame.astype({name: of_pandas[type] for name, type in types.items()})
