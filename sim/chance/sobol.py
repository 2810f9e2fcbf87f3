"""Quasi-random points: coordinates of one Sobol sequence for many streams jointly, or of one for each stream alone.

Those of the joint sequence are spread evenly together; which of its dimensions belong to which draw is told by
:mod:`sim.chance.joint`. What has a sequence of its own is scrambled and index-shuffled by a hash of the stream's name,
so that it is paired at random with all others. Sixteen independent scramblings share a run: path i is point i // 16 of
scrambling i % 16, so more paths keep the first ones, and the scramblings are replications that give honest errors.
"""

from __future__ import annotations

import functools
import math
from collections import deque
from importlib import resources

import numpy as np

SCRAMBLINGS = 16
"""Independent scramblings of a run."""

DIMENSIONS = 1200
"""Dimensions that there are direction numbers for; a stream's draws over the longest horizon are no more."""

BITS = 32
"""Bits of a point's coordinate."""

BLOCK_BITS = 12
"""Points are looked up in a block of 2**12 and shifted by what the higher bits of their index say."""

_WORD = np.uint32


def sobol_paths(paths: int) -> int:
    """Paths of a quasi-random run: the scramblings times a power of two, at least as many as were asked for."""
    return SCRAMBLINGS << (math.ceil(paths / SCRAMBLINGS) - 1).bit_length()


@functools.cache
def _directions() -> np.ndarray:
    """Direction numbers of Joe and Kuo (2008, SIAM J. Sci. Comput. 30, 2635-2654), set D6; shape (dimensions, bits)."""
    with resources.files("sim").joinpath("data/sobol_directions.npz").open("rb") as file, np.load(file) as archive:
        directions: np.ndarray = archive["directions"]
    return directions


@functools.lru_cache(maxsize=8)
def _block(bits: int, dimensions: int) -> np.ndarray:
    """The first 2**bits unscrambled points, as integers, their bits reversed; shape (dimensions, 2**bits)."""
    steps = reversed_bits(_directions()[:dimensions, :bits])
    points = np.zeros((dimensions, 1 << bits), dtype=_WORD)
    for bit in range(bits):
        np.bitwise_xor(points[:, : 1 << bit], steps[:, bit, np.newaxis], out=points[:, 1 << bit : 2 << bit])
    points.flags.writeable = False
    return points


def reversed_bits(x: np.ndarray) -> np.ndarray:
    """32-bit integers with the order of their bits reversed; shape as ``x``."""
    x = x.byteswap()
    high = np.empty_like(x)
    for shift, mask in ((4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        # In place: of many points the room for what lies between would take longer than the work.
        np.right_shift(x, _WORD(shift), out=high)
        high &= _WORD(mask)
        x &= _WORD(mask)
        x <<= _WORD(shift)
        x |= high
    return x


def _permuted(x: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """A hash in which each bit is flipped by the lower ones only: on reversed bits a nested uniform (Owen) scrambling.

    Burley (2020, J. Computer Graphics Techniques 9(4), section 3.2) with the constants of Vegdahl (2021).
    """
    x = x ^ (x * _WORD(0x3D20ADEA))
    x += seeds
    return _mixed(x, (seeds >> _WORD(16)) | _WORD(1))


def _mixed(x: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """The rest of the hash, in place, where an odd factor of each seed is known."""
    x *= factors
    x ^= x * _WORD(0x05526C56)
    x ^= x * _WORD(0x53A22864)
    return x


def joint(keys: tuple[bytes, ...], dimensions: tuple[int, ...], first: int, count: int) -> np.ndarray:
    """Coordinates of the paths ``first`` to ``first + count - 1`` in some dimensions of the joint sequence.

    Parameters
    ----------
    keys
        Names of the sequence's scramblings, hashed; path i is point i // n of scrambling i modulo their number n.
    dimensions
        Below 1,200, and at least one.

    Returns
    -------
    ndarray of uint32, shape (len(dimensions), count)
        Integer uniforms on [0, 2**32).

    Notes
    -----
    The index is not shuffled: that would pair this sequence at random with others, and those are shuffled themselves.
    So all scramblings share a point of the sequence, which is looked up once for all of them.
    """
    chosen, scramblings = np.array(dimensions), len(keys)
    start, stop = first // scramblings, -(-(first + count) // scramblings)
    index = np.arange(start, stop).astype(_WORD)
    # As many dimensions are laid out as are needed, up to a power of two: few sizes are kept.
    laid_out = min(DIMENSIONS, max(64, 1 << max(dimensions).bit_length()))
    points = _block(BLOCK_BITS, laid_out)[chosen[:, np.newaxis], index & _WORD((1 << BLOCK_BITS) - 1)]
    if index[-1] >> _WORD(BLOCK_BITS):
        points ^= _shifts(index >> _WORD(BLOCK_BITS), chosen)
    points ^= points * _WORD(0x3D20ADEA)
    seeds = _seeds(keys, DIMENSIONS)[chosen]
    scrambled = np.repeat(points, scramblings, axis=1)
    scrambled += np.tile(seeds, stop - start)
    _mixed(scrambled, np.tile((seeds >> _WORD(16)) | _WORD(1), stop - start))
    before = first - start * scramblings
    return reversed_bits(scrambled)[:, before : before + count]


def scrambled(keys: tuple[bytes, ...], dimensions: int, first: int, count: int) -> np.ndarray:
    """Coordinates of the paths ``first`` to ``first + count - 1`` in a sequence of its own, index-shuffled.

    Parameters
    ----------
    keys
        Names of the scramblings of the stream, hashed; path i is a point of scrambling i modulo their number.
    dimensions
        Draws of the stream, at most 1,200.

    Returns
    -------
    ndarray of uint32, shape (dimensions, count)
        Integer uniforms on [0, 2**32).
    """
    seeds = _seeds(keys, dimensions + 1)
    path = np.arange(first, first + count)
    scrambling, index = path % len(keys), (path // len(keys)).astype(_WORD)
    shuffled = reversed_bits(_permuted(reversed_bits(index), seeds[0, scrambling]))
    points = np.take(_block(BLOCK_BITS, dimensions), shuffled & _WORD((1 << BLOCK_BITS) - 1), axis=1)
    points ^= _shifts(shuffled >> _WORD(BLOCK_BITS), slice(dimensions))
    return reversed_bits(_permuted(points, np.take(seeds[1:], scrambling, axis=1)))


def _shifts(high: np.ndarray, dimensions: slice | np.ndarray) -> np.ndarray:
    """What the high bits of indices, beyond those of a block, shift their points by; shape (dimensions, len(high))."""
    distinct, which = np.unique(high, return_inverse=True)
    steps = reversed_bits(_directions()[dimensions, BLOCK_BITS:])
    bits = (distinct[:, np.newaxis] >> np.arange(BITS - BLOCK_BITS, dtype=_WORD)) & _WORD(1) == 1
    shifts = np.bitwise_xor.reduce(np.where(bits, steps[:, np.newaxis, :], _WORD(0)), axis=2)
    return np.take(shifts, which, axis=1)


@functools.lru_cache(maxsize=256)
def _seeds(keys: tuple[bytes, ...], count: int) -> np.ndarray:
    """Seeds of the index's and of each dimension's scrambling; shape (count, scramblings)."""
    raw = [np.random.Philox(key=np.frombuffer(key, dtype="<u8")).random_raw(count) for key in keys]
    seeds: np.ndarray = (np.array(raw).T >> np.uint64(32)).astype(_WORD)
    return seeds


@functools.lru_cache(maxsize=8)
def _bridge_plan(steps: int) -> tuple[tuple[int, int, int], ...]:
    """Months (left, middle, right) in the order in which a bridge fills the gaps of a walk: coarse before fine."""
    plan, gaps = [], deque([(0, steps)])
    while gaps:
        left, right = gaps.popleft()
        if right - left > 1:
            middle = (left + right) // 2
            plan.append((left, middle, right))
            gaps += [(left, middle), (middle, right)]
    return tuple(plan)


def bridged(normals: np.ndarray) -> np.ndarray:
    """Shocks of a random walk whose coarse course the first normals decide: a Brownian bridge over all steps.

    Parameters
    ----------
    normals
        Independent standard normals, shape (steps, count); the first draws the end of the walk, each next one the
        middle of the widest gap (Glasserman 2004, Monte Carlo Methods in Financial Engineering, section 3.1).

    Returns
    -------
    ndarray, shape (steps, count)
        As many independent standard normals, the steps of the walk in order.
    """
    steps, count = normals.shape
    walk = np.empty((steps + 1, count))
    walk[0] = 0.0
    np.multiply(normals[0], math.sqrt(steps), out=walk[steps])
    for normal, (left, middle, right) in zip(normals[1:], _bridge_plan(steps), strict=True):
        share = (middle - left) / (right - left)
        point = walk[middle]
        np.multiply(normal, math.sqrt((middle - left) * (right - middle) / (right - left)), out=point)
        point += (1 - share) * walk[left]
        point += share * walk[right]
    return np.diff(walk, axis=0)
