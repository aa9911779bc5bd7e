"""Numbers about a grey picture: a hash that survives scaling and compression, and sharpness."""

import numpy as np
from PIL import Image

_SIDE = 32
_KEPT = 8
_SHARPNESS_SIDE = 640
_FLAT = 1.0
"""Grey levels of standard deviation below which there is nothing to recognise."""


def perceptual_hash(grey: Image.Image) -> str | None:
    """64 bits as 16 hex digits (pHash): which of the picture's 8 × 8 lowest waves, the constant
    ones left out, are stronger than their median. None of a flat picture."""
    small = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    if small.std() < _FLAT:
        return None
    at = np.arange(_SIDE)
    waves = np.cos(np.pi * np.outer(np.arange(1, _KEPT + 1), 2 * at + 1) / (2 * _SIDE))
    low = (waves @ small @ waves.T).ravel()
    bits = "".join("1" if wave else "0" for wave in low > np.median(low))
    return f"{int(bits, 2):016x}"


def sharpness(grey: Image.Image) -> float:
    """The variance of the Laplacian at 640 pixels of the longer side."""
    grey = grey.copy()
    grey.thumbnail((_SHARPNESS_SIDE, _SHARPNESS_SIDE), Image.Resampling.LANCZOS)
    if min(grey.size) < 3:
        return 0.0
    levels = np.asarray(grey, dtype=np.float64)
    inner = levels[1:-1, 1:-1]
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float((around - 4 * inner).var())
