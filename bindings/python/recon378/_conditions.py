"""A function for each condition of a pass. A plain field name is equality."""

from __future__ import annotations

import decimal
from typing import Any, Literal, Mapping, Optional, Sequence, Union

from recon378 import _spec as spec
from recon378._tree import plain

Number = Union[str, int, float, decimal.Decimal]
FieldName = Union[str, Sequence[str]]
"""A field that both sides have, or `[left, right]`: one field for each side."""


def _of(field: FieldName) -> dict[str, str]:
    if isinstance(field, str):
        return {"field": field}
    left, right = field
    return {"left": left, "right": right}


def equals(
    field: FieldName,
    *,
    nulls: Optional[Literal["equal"]] = None,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.Equals:
    """The values are equal; with `nulls="equal"` two nulls are, too."""
    return spec.Equals(equals=True, nulls=nulls, required=required, weight=weight, **_of(field))


def within(
    field: FieldName,
    tolerance: Union[Number, Sequence[Number], spec.Larger],
    *,
    of: Optional[Literal["left", "right"]] = None,
    sign: Optional[Literal["same", "opposite", "ignore"]] = None,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.WithinTolerance:
    """The amounts differ by at most `"0.05"`, `"0.5%"`, or the smaller of a list of both; bounds are inclusive."""
    return spec.WithinTolerance(
        within=tolerance, of=of, sign=sign, required=required, weight=weight, **_of(field)
    )


def larger(*parts: Number) -> spec.Larger:
    """A tolerance of two parts of which the larger allowance holds."""
    return spec.Larger(larger=parts)


def _range(least: int, most: Optional[int]) -> Union[int, list[int]]:
    return least if most is None else [least, most]


def days(
    field: FieldName,
    least: int,
    most: Optional[int] = None,
    *,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.DaysApart:
    """Right minus left is from `least` to `most` calendar days; one number n means from -n to n."""
    return spec.DaysApart(days=_range(least, most), required=required, weight=weight, **_of(field))


def business_days(
    field: FieldName,
    least: int,
    most: Optional[int] = None,
    *,
    calendar: str,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.BusinessDaysApart:
    """Right minus left is from `least` to `most` business days of a calendar of the spec."""
    return spec.BusinessDaysApart(
        business_days=_range(least, most), calendar=calendar, required=required, weight=weight, **_of(field)
    )


def similar(
    field: FieldName,
    measure: spec.Measure,
    at_least: Number,
    *,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.Similar:
    """The texts are alike by a measure, from `at_least` (0 to 1) on."""
    return spec.Similar(similar=measure, at_least=at_least, required=required, weight=weight, **_of(field))


def occurs(
    field: FieldName,
    direction: Literal["right in left", "left in right", "either"] = "either",
    *,
    min_length: Optional[int] = None,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.OccursIn:
    """One side's text stands in the other's."""
    return spec.OccursIn(
        occurs=direction, min_length=min_length, required=required, weight=weight, **_of(field)
    )


def slip(
    field: FieldName,
    kinds: Union[Literal["any", "swapped", "one_digit", "factor"], Sequence[spec.Slip]] = "any",
    *,
    required: Optional[bool] = None,
    weight: Optional[Number] = None,
) -> spec.Slipped:
    """The digits differ by one slip: two swapped, one wrong, or a factor of 10 or 100."""
    return spec.Slipped(slip=kinds, required=required, weight=weight, **_of(field))


def levels(
    field: FieldName,
    among: Sequence[Union[spec.Level, Mapping[str, Any]]],
    *,
    otherwise: Optional[Number] = None,
    null: Optional[Number] = None,
    required: Optional[bool] = None,
) -> spec.Levels:
    """Evidence in bits, for passes with `score="probability"`: that of the first level that holds, `otherwise` where
    none does, `null` where a value is missing.

    >>> name = [{"equals": True, "bits": 9.1, "frequency": True}, {"similar": "osa", "at_least": 0.9, "bits": 4}]
    >>> levels("name", name, otherwise=-4.5).to_dict()["otherwise"]
    -4.5
    """
    bits = {"otherwise": otherwise, "null": null, "required": required}
    given = {key: plain(value) for key, value in bits.items() if value is not None}
    return spec.Levels.from_dict({**_of(field), "levels": [plain(level) for level in among], **given})
