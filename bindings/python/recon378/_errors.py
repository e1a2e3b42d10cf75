"""What can go wrong, as exceptions: the kind is the class, the rest are attributes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Optional, Sequence


@dataclass(frozen=True)
class Mistake:
    """One mistake in a spec."""

    code: str
    """Stable code: `unknown_key`, `wrong_type`, `unknown_field`, `unknown_column`, `bad_value`, …"""
    path: str
    """Where in the spec: `pass[0].on[1].within`."""
    given: str
    """What stands there, as text."""
    expected: str
    """What would be right, in words."""
    nearest: Optional[str] = None
    """The nearest valid name, for names."""
    position: Optional[tuple[int, int]] = None
    """Line and column in the text the spec was read from, from 1, where known."""


class ReconError(Exception):
    """Any failure. What is not known, or makes no sense, is None."""

    code: str
    """Stable code: `unknown_field`, `double_needs_scale`, `ragged_row`, `not_found`, …"""
    path: Optional[str]
    """In the spec (of the first mistake), or the file."""
    source: Optional[str]
    """The source's name."""
    field: Optional[str]
    """The logical field."""
    row: Optional[int]
    """The row, from 0."""
    line: Optional[int]
    """The line of the file, from 1."""
    value: Optional[str]
    """What stands there."""
    hint: Optional[str]
    """What to do."""
    mistakes: Sequence[Mistake]
    """All mistakes of a spec, in the order of its text."""

    def __init__(self, message: str, details: Optional[dict[str, Any]] = None) -> None:
        super().__init__(message)
        details = details or {}
        self.code = details.get("code") or "internal"
        self.path = details.get("path")
        self.source = details.get("source")
        self.field = details.get("field")
        self.row = details.get("row")
        self.line = details.get("line")
        self.value = details.get("value")
        self.hint = details.get("hint")
        self.mistakes = tuple(_mistake(mistake) for mistake in details.get("mistakes") or ())
        self._details = details

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self._details)


class SpecError(ReconError):
    """The request is wrong: mend the spec. `mistakes` lists all of them."""


class DataError(ReconError):
    """The data can't be read as the spec says: mend the data or the reading rules."""


class LimitError(ReconError):
    """A limit given by the host was reached: give more or split the work."""


class Cancelled(ReconError):
    """The host asked to stop."""


class UnavailableError(ReconError):
    """Something outside, a file or a disk, did not answer."""


class InternalError(ReconError):
    """A bug of recon378: please report it."""


_KINDS: dict[str, type[ReconError]] = {
    "invalid_spec": SpecError,
    "invalid_data": DataError,
    "limit": LimitError,
    "cancelled": Cancelled,
    "unavailable": UnavailableError,
}


def error_of(text: str) -> ReconError:
    """The exception for an error in the library's JSON form."""
    details = json.loads(text)
    return _KINDS.get(details["kind"], InternalError)(details["message"], details)


def _mistake(given: dict[str, Any]) -> Mistake:
    position = given.get("position")
    return Mistake(
        code=given["code"],
        path=given["path"],
        given=given["given"],
        expected=given["expected"],
        nearest=given.get("nearest"),
        position=(position[0], position[1]) if position else None,
    )


def mistakes_of(text: str) -> tuple[Mistake, ...]:
    """Mistakes in the library's JSON form."""
    return tuple(_mistake(mistake) for mistake in json.loads(text))
