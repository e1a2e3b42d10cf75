"""What outcomes, comparisons and diffs have in common: frozen, tables on request, a summary, a folder to write to."""

from __future__ import annotations

import json
import os
from typing import Any, Literal, Protocol, Type, TypeVar, Union

from recon378 import _recon378
from recon378._table import Frames, Table
from recon378._tree import decode

Decoded = TypeVar("Decoded")


class _Native(Protocol):
    """What the native part of a result gives."""

    def table(self, name: str) -> _recon378.Table: ...
    def summary(self) -> str: ...
    def summary_text(self) -> str: ...
    def write(self, folder: str, format: str) -> None: ...


class _Result:
    """What a call found. Tables are made when they are asked for; nothing can be set."""

    _native: Any
    _frames: Frames

    def __init__(self, made: _Native, frames: Frames = None) -> None:
        object.__setattr__(self, "_native", made)
        object.__setattr__(self, "_frames", frames)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"this {type(self).__name__} is frozen: {name} can't be set")

    def table(self, name: str) -> Table:
        """A table by its name, made anew."""
        return Table(self._native.table(name), self._frames)

    def _summary(self, kind: Type[Decoded], data: Any = None) -> Decoded:
        summary = decode(json.loads(self._native.summary()) if data is None else data, kind)
        assert isinstance(summary, kind)
        return summary

    def write(
        self,
        folder: Union[str, os.PathLike[str]],
        format: Literal["parquet", "csv", "ndjson", "arrow", "xlsx"] = "parquet",
    ) -> None:
        """Writes all tables and the summary into a folder, whole or not at all."""
        self._native.write(os.fspath(folder), format)

    def __str__(self) -> str:
        text: str = self._native.summary_text()
        return text
