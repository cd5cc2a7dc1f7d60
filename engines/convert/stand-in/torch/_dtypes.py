"""Number formats, and how NumPy keeps them."""

from __future__ import annotations

from typing import Any

import numpy as np


class dtype:  # noqa: N801 - its name is PyTorch's
    """A format; `storage` is None for one that is only named and never read."""

    def __init__(self, name: str, storage: type | None) -> None:
        self.name = name
        self.storage = np.dtype(storage) if storage is not None else None

    @property
    def is_floating_point(self) -> bool:
        return self.name.startswith(("float", "bfloat"))

    @property
    def itemsize(self) -> int:
        return 1 if self.storage is None else self.storage.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"


float64 = dtype("float64", np.float64)
float32 = dtype("float32", np.float32)
float16 = dtype("float16", np.float16)
bfloat16 = dtype("bfloat16", np.uint16)
"""Kept as its bits; numbers are made of them by `widen`."""
int64 = dtype("int64", np.int64)
int32 = dtype("int32", np.int32)
int16 = dtype("int16", np.int16)
int8 = dtype("int8", np.int8)
uint8 = dtype("uint8", np.uint8)
boolean = dtype("bool", np.bool_)

of_numpy = {
    kind.storage: kind for kind in (float64, float32, float16, int64, int32, int16, int8, uint8, boolean)
}
# The converter hands over the bits of bfloat16 as those of a format of the same size and names the right one with view().
of_numpy[np.dtype(np.uint16)] = bfloat16


def widen(array: np.ndarray, kind: dtype) -> np.ndarray:
    """The numbers themselves: bfloat16 is the upper half of a float32."""
    if kind is not bfloat16:
        return array
    return (array.astype(np.uint32) << np.uint32(16)).view(np.float32)


def narrow(array: Any, kind: dtype) -> np.ndarray:
    """Numbers in that format, rounded to the nearest, ties to even."""
    if kind is not bfloat16:
        return np.asarray(array).astype(kind.storage, copy=False)
    bits = np.asarray(array, np.float32).view(np.uint32)
    rounded = ((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)).astype(np.uint16)
    nans = (bits & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000)
    return np.where(nans, np.uint16(0x7FC0), rounded)


class finfo:  # noqa: N801
    def __init__(self, kind: dtype) -> None:
        limits = np.finfo(np.float32 if kind is bfloat16 else kind.storage)
        self.min, self.max, self.eps = float(limits.min), float(limits.max), float(limits.eps)
