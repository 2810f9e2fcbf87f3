"""Small matrix products that stay on the calling thread.

The BLAS puts a product of more than a quarter of a million multiplications on threads of its own. With threads of ours
beside them they wait for each other longer than they work; so products are cut into pieces below that size.
"""

from __future__ import annotations

import numpy as np

MULTIPLICATIONS = 2**18
"""Of a piece, at most: OpenBLAS stays on one thread up to here (interface/gemm.c, GEMM_MULTITHREAD_THRESHOLD)."""

LEAST = 8
"""Columns of a piece at least."""


def product(matrix: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Matrix product, a piece of columns at a time.

    The pieces depend on the shape of ``matrix`` alone, so that a column's result does not depend on how many there are.

    Returns
    -------
    ndarray, shape (rows of matrix, columns)
    """
    affordable = max(1, MULTIPLICATIONS // max(1, matrix.size))
    piece = max(LEAST, 1 << affordable.bit_length() - 1)
    result = np.empty((len(matrix), columns.shape[1]))
    for first in range(0, columns.shape[1], piece):
        np.matmul(matrix, columns[:, first : first + piece], out=result[:, first : first + piece])
    return result
