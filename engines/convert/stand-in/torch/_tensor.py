"""A tensor: an array of NumPy and the format of its numbers."""

from __future__ import annotations

import functools
import math
from typing import Any, Callable

import numpy as np

from . import _dtypes as formats
from ._dtypes import dtype, narrow, of_numpy, widen


class Lacking(Exception):
    """The converter wants something of PyTorch that is not here."""


class Size(tuple):
    def numel(self) -> int:
        return math.prod(self)


def overridable(function: Callable) -> Callable:
    """As PyTorch has it: an argument that brings a `__torch_function__` of its own decides what the call means."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for one in args:
            for candidate in one if isinstance(one, (list, tuple)) else (one,):
                override = getattr(type(candidate), "__torch_function__", None)
                if override is not None:
                    return override(call, (), args, kwargs)
        return function(*args, **kwargs)

    return call


def hollow(shape: tuple[int, ...], kind: dtype) -> Tensor:
    """A tensor that has a shape and no memory behind it, for those who only ask about shapes."""
    cell = np.zeros(1, np.uint8 if kind.storage is None else kind.storage)
    return Tensor(np.lib.stride_tricks.as_strided(cell, shape, (0,) * len(shape)), kind)


def counted(sizes: tuple) -> tuple[int, ...]:
    """`f(2, 3)` and `f((2, 3))` mean the same."""
    first = sizes[0] if len(sizes) == 1 else sizes
    return tuple(first) if isinstance(first, (list, tuple)) else (first,)


class Tensor:
    __array_priority__ = 1000

    def __init__(self, array: np.ndarray, kind: dtype) -> None:
        self.array = array
        self.dtype = kind

    # What it is.
    @property
    def shape(self) -> Size:
        return Size(self.array.shape)

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def T(self) -> Tensor:  # noqa: N802
        return self._same(self.array.T)

    def dim(self) -> int:
        return self.array.ndim

    def numel(self) -> int:
        return self.array.size

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def element_size(self) -> int:
        return self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.array)

    def __repr__(self) -> str:
        return f"tensor({self.array!r}, {self.dtype})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Lacking(f"torch.Tensor.{name}")

    # Its numbers.
    def numpy(self) -> np.ndarray:
        if self.dtype is formats.bfloat16:
            raise Lacking("numbers of bfloat16 as NumPy's")
        return self.array

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        return np.asarray(self._numbers(), *args, **kwargs)

    def item(self) -> Any:
        return self._numbers().item()

    def tolist(self) -> Any:
        return self._numbers().tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __iter__(self) -> Any:
        return (self[at] for at in range(len(self)))

    # Their format.
    def to(self, kind: Any, *_: Any) -> Tensor:
        if not isinstance(kind, dtype):
            raise Lacking(f"torch.Tensor.to({kind!r})")
        if kind is self.dtype:
            return self
        if kind.storage is None or self.dtype.storage is None:
            raise Lacking(f"numbers of {kind if kind.storage is None else self.dtype}")
        if self._is_hollow():
            return hollow(self.shape, kind)
        return Tensor(narrow(self._numbers(), kind), kind)

    type = to

    def float(self) -> Tensor:
        return self.to(formats.float32)

    def view(self, *sizes: Any) -> Tensor:
        if not isinstance(sizes[0], dtype):
            return self.reshape(*sizes)
        kind = sizes[0]
        if kind is self.dtype:
            return self
        if kind.storage is None:
            raise Lacking(f"numbers of {kind}")
        return Tensor(self.array.view(kind.storage), kind)

    # The order in which they lie.
    def reshape(self, *sizes: Any) -> Tensor:
        return self._same(self.array.reshape(counted(sizes)))

    def reshape_as(self, other: Tensor) -> Tensor:
        return self.reshape(other.shape)

    def flatten(self) -> Tensor:
        return self._same(self.array.reshape(-1))

    def permute(self, *order: Any) -> Tensor:
        return self._same(self.array.transpose(counted(order)))

    def transpose(self, one: int, other: int) -> Tensor:
        return self._same(self.array.swapaxes(one, other))

    swapaxes = transpose

    def t(self) -> Tensor:
        return self._same(self.array.T)

    def squeeze(self, dim: int | None = None) -> Tensor:
        if dim is not None and self.shape[dim] != 1:
            return self
        return self._same(self.array.squeeze(dim))

    def unsqueeze(self, dim: int) -> Tensor:
        return self._same(np.expand_dims(self.array, dim))

    def expand(self, *sizes: Any) -> Tensor:
        wanted = counted(sizes)
        own = (1,) * (len(wanted) - self.ndim) + tuple(self.shape)
        return self._same(np.broadcast_to(self.array, [have if want == -1 else want for want, have in zip(wanted, own)]))

    def repeat_interleave(self, repeats: int, dim: int) -> Tensor:
        return self._same(np.repeat(self.array, repeats, dim))

    def contiguous(self) -> Tensor:
        return self if self._is_hollow() else self._same(np.ascontiguousarray(self.array).reshape(self.shape))

    def clone(self) -> Tensor:
        return self if self._is_hollow() else self._same(self.array.copy())

    def detach(self) -> Tensor:
        return self

    cpu = detach

    def split(self, sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
        length = self.shape[dim]
        if isinstance(sizes, int):
            sizes = [min(sizes, length - at) for at in range(0, length, sizes)]
        if sum(sizes) != length:
            raise ValueError(f"{length} rows cannot be split into {sizes}")
        ends = np.cumsum(sizes)[:-1].tolist()
        return tuple(self._same(part) for part in np.split(self.array, ends, dim))

    def chunk(self, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        return self.split(max(1, -(-self.shape[dim] // chunks)), dim)

    def __getitem__(self, at: Any) -> Tensor:
        return self._same(self.array[plain(at)])

    def __setitem__(self, at: Any, value: Any) -> None:
        self.array[plain(at)] = narrow(value, self.dtype)

    # Arithmetic.
    def __neg__(self) -> Tensor:
        return Tensor(-self._exact(), self.dtype)

    def __abs__(self) -> Tensor:
        return Tensor(np.abs(self._exact()), self.dtype)

    abs = __abs__

    def sum(self) -> Tensor:
        if self.array.size != 1:
            raise Lacking("sums, whose order of adding up decides their last digit")
        return self.reshape(())

    def any(self) -> Tensor:
        return Tensor(np.any(self._exact()), formats.boolean)

    def all(self) -> Tensor:
        return Tensor(np.all(self._exact()), formats.boolean)

    def max(self) -> Tensor:
        return Tensor(np.max(self._exact()), self.dtype)

    def min(self) -> Tensor:
        return Tensor(np.min(self._exact()), self.dtype)

    def _same(self, array: np.ndarray) -> Tensor:
        return Tensor(np.asarray(array), self.dtype)

    def _numbers(self) -> np.ndarray:
        return widen(self.array, self.dtype)

    def _exact(self) -> np.ndarray:
        """The array to compute with. PyTorch rounds bfloat16 after each step; that is not here."""
        if self.dtype is formats.bfloat16 or self.dtype.storage is None:
            raise Lacking(f"arithmetic of {self.dtype}")
        return self.array

    def _is_hollow(self) -> bool:
        return self.array.size > 1 and not any(self.array.strides)


def plain(at: Any) -> Any:
    """An index as NumPy takes it."""
    if isinstance(at, tuple):
        return tuple(plain(one) for one in at)
    return at._exact() if isinstance(at, Tensor) else at


def _operator(name: str) -> Callable:
    def apply(self: Tensor, other: Any) -> Any:
        mine = self._exact()
        if isinstance(other, Tensor):
            theirs = other._exact()
            if other.dtype is not self.dtype and other.ndim > 0 and self.ndim > 0:
                raise Lacking(f"arithmetic of {self.dtype} with {other.dtype}")
            theirs = theirs.astype(mine.dtype) if self.ndim > 0 else theirs
        elif isinstance(other, (int, float, bool)):
            theirs = other
        else:
            return NotImplemented
        if isinstance(other, float) and not self.dtype.is_floating_point:
            mine = mine.astype(np.float32)
        result = np.asarray(getattr(mine, name)(theirs))
        if result.dtype == object:
            raise Lacking(f"torch.Tensor.{name}")
        return Tensor(result, of_numpy[result.dtype])

    return apply


for _name in (
    "add sub mul truediv floordiv mod pow and or xor lshift rshift radd rsub rmul rtruediv rpow rand ror rxor "
    "lt le gt ge eq ne"
).split():
    setattr(Tensor, f"__{_name}__", _operator(f"__{_name}__"))
Tensor.__hash__ = object.__hash__
