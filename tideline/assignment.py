"""Which variant of an experiment a visitor gets: the same answer here and in the tracker.

For pages rendered on a server: assign here, and send the event `experiment_exposure` with the
properties `experiment` and `variant` when the visitor meets the variant.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate

_MASK = 0xFFFFFFFF
_FNV_OFFSET = 2_166_136_261
_FNV_PRIME = 16_777_619
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def assignment_hash(experiment: str, unit: str) -> int:
    """The 32-bit hash that decides for `unit` (a user id or anonymous id) in `experiment`.

    FNV-1a (32 bits) of the UTF-8 bytes of "experiment:unit", then MurmurHash3's finaliser, without
    which units that differ only in their last characters would be spread unevenly. A lone
    surrogate counts as U+FFFD, as in a browser's TextEncoder.
    """
    value = _FNV_OFFSET
    for byte in _LONE_SURROGATES.sub("\ufffd", f"{experiment}:{unit}").encode():
        value = (value ^ byte) * _FNV_PRIME & _MASK
    value = (value ^ value >> 16) * 0x85EBCA6B & _MASK
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK
    return value ^ value >> 16


def assign(*, experiment: str, unit: str, weights: Mapping[str, float]) -> str:
    """The variant that `unit` gets; a variant's share is its weight over the sum of the weights.

    The variants stand on the line from 0 to that sum, sorted by key (UTF-16 code units, as in
    JavaScript), and hash / 2^32 × sum is the point that decides. So the order of `weights` does
    not matter, a unit falls independently in different experiments, and other keys or weights move
    units. Raises ValueError for a weight that is negative or not finite, and without any above 0.
    """
    for variant, weight in weights.items():
        if not (math.isfinite(weight) and weight >= 0):
            raise ValueError(f"weight of variant {variant!r} is {weight}; it must be 0 or more")
    variants = sorted((variant for variant in weights if weights[variant] > 0), key=_code_units)
    if not variants:
        raise ValueError(f"experiment {experiment!r} has no variant with a weight above 0")
    edges = list(accumulate(weights[variant] for variant in variants))
    point = assignment_hash(experiment, unit) / 2**32 * edges[-1]
    return variants[bisect_right(edges, point)]


def _code_units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")
