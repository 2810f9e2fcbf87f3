"""Tables of numbers as texts that a page's script can read: base64 of little-endian arrays, or of small counts."""

from __future__ import annotations

from base64 import b64decode, b64encode

import numpy as np

_BITS = 7
_LONGEST = 5  # bytes of a count: up to 2**35


def packed(values: np.ndarray, kind: str) -> str:
    """Base64 of an array's values in C order.

    Parameters
    ----------
    values
        Numbers of any shape.
    kind
        Little-endian type: ``<f8``, ``<f4``, ``<u4``, ``<u2`` or ``u1``.
    """
    return b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode("ascii")


def packed_counts(counts: np.ndarray) -> str:
    """Base64 of counts, not negative, most of them small or zero.

    Each is written as a variable-length integer (seven bits a byte, the lowest first, the eighth bit set on all but the
    last byte); a run of zeros as a zero and the length of the run.
    """
    flat = np.ascontiguousarray(counts).ravel().astype(np.int64)
    empty = flat == 0
    starts = np.flatnonzero(empty & ~np.concatenate([[False], empty[:-1]]))
    ends = np.flatnonzero(empty & ~np.concatenate([empty[1:], [False]]))
    kept = ~empty
    kept[starts] = True
    # After the zero of each run comes its length.
    numbers = np.insert(flat[kept], np.cumsum(kept)[starts], ends - starts + 1) if len(starts) else flat
    return b64encode(_variable_length(numbers)).decode("ascii")


def _variable_length(numbers: np.ndarray) -> bytes:
    groups = numbers[:, np.newaxis] >> (_BITS * np.arange(_LONGEST)) & 127
    used = np.maximum(1, (_LONGEST - (groups[:, ::-1] > 0).argmax(axis=1)) * (numbers > 0))
    place = np.arange(_LONGEST)
    groups |= (place < used[:, np.newaxis] - 1) << _BITS
    kept: np.ndarray = groups[place < used[:, np.newaxis]]
    return kept.astype(np.uint8).tobytes()


def unpacked(text: str, kind: str) -> np.ndarray:
    """The values that :func:`packed` wrote, flat."""
    return np.frombuffer(b64decode(text), dtype=kind)


def unpacked_counts(text: str, size: int) -> np.ndarray:
    """The counts that :func:`packed_counts` wrote; int64, shape (size,)."""
    counts = np.zeros(size, dtype=np.int64)
    place, number, shift, in_run = 0, 0, 0, False
    for byte in b64decode(text):
        number |= (byte & 127) << shift
        shift += _BITS
        if byte & 128:
            continue
        if in_run:
            place += number
            in_run = False
        elif number == 0:
            in_run = True
        else:
            counts[place] = number
            place += 1
        number, shift = 0, 0
    if place != size:
        raise ValueError(f"{place} counts, not {size}")
    return counts
