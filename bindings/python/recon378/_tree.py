"""Typed objects and the plain tree (dicts, lists, text, numbers) that the engine reads: one way and back."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import functools
import types
import typing
from typing import Any, Mapping, TypeVar

_T = TypeVar("_T", bound="Node")
_KEYS = {"in_": "in", "as_": "as", "passes": "pass"}
_ATTRIBUTES = {key: attribute for attribute, key in _KEYS.items()}


class Node:
    """A part of a spec. Equal when all its parts are; frozen, so it can be shared and pickled."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Lists become tuples and decimals text: parts that say the same are equal, and nothing changes behind
        them."""
        kind: Any = type(self)
        for name in _fields(kind):
            object.__setattr__(self, name, _settled(getattr(self, name)))

    def to_dict(self) -> dict[str, Any]:
        """The part as plain data, without what is not set."""
        kind: Any = type(self)
        items = ((name, getattr(self, name)) for name in _fields(kind))
        return {_KEYS.get(name, name): plain(value) for name, value in items if value is not None}

    @classmethod
    def from_dict(cls: type[_T], data: Mapping[str, Any]) -> _T:
        """The part that plain data stands for. Unknown keys are a `TypeError`."""
        made = _decode(data, cls)
        assert isinstance(made, cls)
        return made


def plain(value: Any) -> Any:
    """A value as JSON has it; a decimal becomes its text, a date its ISO form."""
    if isinstance(value, Node):
        return value.to_dict()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(f"a spec can't hold a {type(value).__name__}: {value!r}")


def _settled(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_settled(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _settled(item) for key, item in value.items()}
    if isinstance(value, (decimal.Decimal, datetime.date)):
        return plain(value)
    return value


def decode(value: Any, expected: Any) -> Any:
    """Plain data as an object of a type whose parts are dataclasses."""
    return _decode(value, expected)


def _decode(value: Any, expected: Any) -> Any:
    origin = typing.get_origin(expected)
    if origin is typing.Union or origin is types.UnionType:
        return _decode(value, _member(value, typing.get_args(expected)))
    if isinstance(value, Mapping) and _is_dataclass(expected):
        hints = _hints(expected)
        unknown = sorted(key for key in value if _attribute(key) not in hints)
        if unknown:
            raise TypeError(f"{getattr(expected, '__name__', expected)} has no {', '.join(unknown)}")
        parts = {_attribute(key): item for key, item in value.items()}
        return expected(**{name: _decode(item, hints[name]) for name, item in parts.items()})
    if isinstance(value, list):
        item_types = typing.get_args(expected)
        if origin is tuple and item_types[-1] is not ...:
            return tuple(_decode(item, type_) for item, type_ in zip(value, item_types))
        return tuple(_decode(item, item_types[0] if item_types else Any) for item in value)
    if isinstance(value, Mapping):
        item_types = typing.get_args(expected)
        return {key: _decode(item, item_types[1] if item_types else Any) for key, item in value.items()}
    if expected is decimal.Decimal and isinstance(value, str):
        return decimal.Decimal(value)
    if expected is datetime.date and isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value


def _member(value: Any, members: tuple[Any, ...]) -> Any:
    """The member of a union that a value is of: a dataclass by its keys, a list by being one."""
    flat: list[Any] = []
    for member in members:
        is_union = typing.get_origin(member) in (typing.Union, types.UnionType)
        flat.extend(typing.get_args(member) if is_union else [member])
    if isinstance(value, Mapping):
        keys = {_attribute(key) for key in value}
        classes = [member for member in flat if _is_dataclass(member)]
        for member in classes:
            if keys <= set(_fields(member)) and _required(member) <= keys:
                return member
        return next((member for member in flat if typing.get_origin(member) is not None), Any)
    if isinstance(value, list):
        return next((m for m in flat if typing.get_origin(m) not in (None, typing.Literal)), Any)
    if isinstance(value, str):
        typed = [member for member in flat if member in (decimal.Decimal, datetime.date)]
        return typed[0] if typed and str not in flat else Any
    return Any


def _attribute(key: str) -> str:
    return _ATTRIBUTES.get(key, key)


def _is_dataclass(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)


@functools.cache
def _hints(node: Any) -> dict[str, Any]:
    return typing.get_type_hints(node)


@functools.cache
def _fields(node: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(node))


@functools.cache
def _required(node: Any) -> frozenset[str]:
    missing = dataclasses.MISSING
    fields = dataclasses.fields(node)
    return frozenset(f.name for f in fields if f.default is missing and f.default_factory is missing)
