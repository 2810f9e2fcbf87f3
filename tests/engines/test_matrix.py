"""Matrix products in pieces: whatever the shape, the product itself."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engines.matrix import LEAST, MULTIPLICATIONS, product


@pytest.mark.parametrize("inner", [1, 3, 1024, 1025, 1201])
def test_a_product_in_pieces_is_the_product(inner: int) -> None:
    # 256 rows: from 1,025 columns on, a single column takes more than a piece may.
    matrix = np.random.default_rng(1).integers(-9, 10, (256, inner)).astype(float)
    columns = np.random.default_rng(2).integers(-9, 10, (inner, 2 * LEAST + 1)).astype(float)
    assert (matrix.size > MULTIPLICATIONS) is (inner > 1024)
    # Whole numbers: the sums are exact, in whichever order.
    assert (product(matrix, columns) == np.einsum("ij,jk->ik", matrix, columns)).all()
