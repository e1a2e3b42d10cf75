"""A whole spec as text."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar, Union

from recon378 import _recon378
from recon378._errors import SpecError
from recon378._tree import Node

_T = TypeVar("_T", bound="Document")


class Document(Node):
    """A spec that can be read from TOML and JSON and written as either. Two are equal when they mean the same:
    what stands for a default is the default."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._meaning() == other._meaning()

    def __hash__(self) -> int:
        return hash(self._meaning())

    def _meaning(self) -> str:
        """Canonical text; a spec with mistakes means what is written."""
        try:
            return self.to_json()
        except SpecError:
            return json.dumps(self.to_dict(), sort_keys=True)

    @classmethod
    def from_text(cls: type[_T], text: str) -> _T:
        """The spec that a TOML or JSON text says. Raises `SpecError` with all its mistakes."""
        return cls.from_dict(json.loads(_recon378.canonical(text, False)))

    @classmethod
    def from_file(cls: type[_T], path: Union[str, os.PathLike[str]]) -> _T:
        """The spec that a TOML or JSON file says."""
        return cls.from_text(Path(path).read_text(encoding="utf-8"))

    def to_json(self) -> str:
        """Canonical JSON. Raises `SpecError` with all mistakes of the spec."""
        return _recon378.canonical(json.dumps(self.to_dict()), True)

    def to_toml(self) -> str:
        """TOML, as `recon378 run` reads it. Raises `SpecError` with all mistakes of the spec."""
        return _recon378.to_toml(json.dumps(self.to_dict()), True)
