"""
Stands for PyTorch under the converter of llama.cpp, on NumPy. The package itself weighs gigabytes on Linux, and all that the
converter does with most models is to take files apart, reorder rows and change number formats. What is not here is an
error that says so, never a guess: such a model needs the real PyTorch (PARLEY_CONVERT_PYTHON).
"""

from __future__ import annotations

import builtins
import contextlib
from typing import Any

import numpy as np

from . import _dtypes as formats
from ._dtypes import bfloat16, dtype, finfo, float16, float32, float64, int8, int16, int32, int64, narrow, uint8
from ._tensor import Lacking, Size, Tensor, counted, hollow, overridable

__version__ = "0.0.0+parley"

float = float32
half = float16
long = int64
bool = formats.boolean
# Tables of the converter name these; no tensor may have them.
float8_e4m3fn = dtype("float8_e4m3fn", None)
float8_e5m2 = dtype("float8_e5m2", None)

inference_mode = contextlib.nullcontext
no_grad = contextlib.nullcontext


def __getattr__(name: str) -> Any:
    # Python asks for names of this kind by itself, and hasattr() is answered by AttributeError alone.
    if name.startswith("__") or name == "float8_e8m0fnu":
        raise AttributeError(name)
    raise Lacking(f"torch.{name}")


def from_numpy(array: np.ndarray) -> Tensor:
    return Tensor(array, formats.of_numpy[array.dtype])


def empty(size: tuple[int, ...], *, dtype: dtype, device: str = "cpu") -> Tensor:
    return hollow(tuple(size), dtype) if device == "meta" else zeros(size, dtype=dtype)


def zeros(*size: Any, dtype: dtype = float32) -> Tensor:
    return Tensor(np.zeros(counted(size), dtype.storage), dtype)


def ones(*size: Any, dtype: dtype = float32) -> Tensor:
    return Tensor(narrow(np.ones(counted(size)), dtype), dtype)


def tensor(data: Any, dtype: dtype | None = None) -> Tensor:
    array = np.asarray(data)
    if dtype is None:
        dtype = {"f": float32, "b": bool}.get(array.dtype.kind, int64)
    return Tensor(narrow(array, dtype), dtype)


def arange(*bounds: Any, dtype: dtype | None = None) -> Tensor:
    return tensor(np.arange(*bounds), dtype)


@overridable
def cat(tensors: Any, dim: int = 0) -> Tensor:
    first = _alike(tensors)
    shape = list(first.shape)
    shape[dim] = sum(part.shape[dim] for part in tensors)
    if first._is_hollow():
        return hollow(tuple(shape), first.dtype)
    return Tensor(np.concatenate([part.array for part in tensors], axis=dim), first.dtype)


concat = cat


@overridable
def stack(tensors: Any, dim: int = 0) -> Tensor:
    return cat([part.unsqueeze(dim) for part in tensors], dim)


def _alike(tensors: Any) -> Tensor:
    first = tensors[0]
    if builtins.any(part.dtype is not first.dtype for part in tensors):
        raise Lacking("tensors of several formats joined")
    return first


def _method(name: str) -> Any:
    def call(tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
        return getattr(tensor, name)(*args, **kwargs)

    return overridable(call)


reshape = _method("reshape")
permute = _method("permute")
transpose = _method("transpose")
squeeze = _method("squeeze")
unsqueeze = _method("unsqueeze")
split = _method("split")
chunk = _method("chunk")
flatten = _method("flatten")
repeat_interleave = _method("repeat_interleave")
any = _method("any")
all = _method("all")
