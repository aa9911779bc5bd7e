"""Numbers about a grey picture (of mode L): a hash that survives scaling and compression, and
sharpness.

Without numpy, whose start would take longer than all the rest of most pictures."""

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageMath

_SIDE = 32
_KEPT = 8
_SHARPNESS_SIDE = 640
_FLAT = 1
"""Grey levels of standard deviation below which there is nothing to recognise."""

_WAVES = [
    [round(2**20 * math.cos(math.pi * wave * (2 * at + 1) / (2 * _SIDE))) for at in range(_SIDE)]
    for wave in range(1, _KEPT + 1)
]
"""In whole numbers, so that the hash is the same on all machines."""


def perceptual_hash(grey: Image.Image) -> str | None:
    """64 bits as 16 hex digits (pHash): which of the picture's 8 × 8 lowest waves, the constant
    ones left out, are stronger than their median. None of a flat picture."""
    levels = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).tobytes()
    count = len(levels)
    if count * _product(levels, levels) - sum(levels) ** 2 < (count * _FLAT) ** 2:
        return None
    rows = [levels[start : start + _SIDE] for start in range(0, count, _SIDE)]
    across = [[_product(wave, row) for row in rows] for wave in _WAVES]
    low = [_product(wave, column) for wave in _WAVES for column in across]
    middle = sorted(low)[len(low) // 2 - 1 : len(low) // 2 + 1]
    bits = "".join("1" if 2 * wave > sum(middle) else "0" for wave in low)
    return f"{int(bits, 2):016x}"


def sharpness(grey: Image.Image) -> float:
    """The variance of the Laplacian at 640 pixels of the longer side."""
    grey = grey.copy()
    grey.thumbnail((_SHARPNESS_SIDE, _SHARPNESS_SIDE), Image.Resampling.LANCZOS)
    width, height = grey.size
    if min(width, height) < 3:
        return 0.0

    def moved(x: int, y: int) -> Image.Image:
        return grey.crop((1 + x, 1 + y, width - 1 + x, height - 1 + y))

    edges = ImageMath.lambda_eval(
        lambda of: of["float"](of["up"] + of["down"] + of["left"] + of["right"] - of["inner"] * 4),
        up=moved(0, -1), down=moved(0, 1), left=moved(-1, 0), right=moved(1, 0), inner=moved(0, 0),
    )  # fmt: skip
    squares = ImageMath.lambda_eval(lambda of: of["edges"] * of["edges"], edges=edges)
    return max(_mean(squares) - _mean(edges) ** 2, 0.0)


def _product(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(map(int.__mul__, a, b))


def _mean(image: Image.Image) -> float:
    """Of a picture of floats: what it is when scaled down to a single pixel."""
    mean: Any = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return float(mean)
