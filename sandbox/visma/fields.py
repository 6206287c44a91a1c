"""What may stand in a request body: types, lengths, ranges; flat for v3, wrapped for v1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.visma.wire import parse_utc

__all__ = [
    "Boolean",
    "Listed",
    "Nested",
    "Number",
    "Pairs",
    "Plain",
    "Shape",
    "Text",
    "Time",
    "Trouble",
    "Whole",
    "check",
    "unwrap",
]

_INT32 = 2**31


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one field; `kind` is type, unknown, length, range or missing."""

    path: str
    kind: str
    message: str


@dataclass(frozen=True)
class Text:
    """A string with the greatest length that fits."""

    longest: int | None = None
    nullable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Number:
    """A decimal number."""

    least: int | None = None
    most: int | None = None
    nullable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Whole:
    """A 32-bit integer."""

    nullable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Boolean:
    """True or false; `wrapped` False stands bare even in v1."""

    nullable: bool = True
    required: bool = False
    wrapped: bool = True


@dataclass(frozen=True)
class Time:
    """A date or a time."""

    nullable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Plain:
    """A string that stands bare even in v1, as the operation of a line does."""

    nullable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Pairs:
    """An object of free keys with text values."""

    nullable: bool = True
    required: bool = False


@dataclass(frozen=True)
class Nested:
    """An object with fields of its own; `wrapped` False stands bare even in v1, its members not."""

    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    nullable: bool = True
    required: bool = False
    wrapped: bool = True


@dataclass(frozen=True)
class Listed:
    """A list of objects, never wrapped; the members of a flat one are not either."""

    of: Nested = field(default_factory=Nested)
    flat: bool = False
    nullable: bool = True
    required: bool = False


Shape = Text | Plain | Number | Whole | Boolean | Time | Pairs | Nested | Listed

_NAMES = {
    Text: "System.String",
    Plain: "System.String",
    Number: "System.Decimal",
    Whole: "System.Int32",
    Boolean: "System.Boolean",
    Time: "System.DateTime",
    Pairs: "System.Collections.Generic.Dictionary",
    Nested: "an object",
    Listed: "a list",
}


def check(body: object, fields: Mapping[str, Shape], path: str = "$") -> list[Trouble]:
    """Return everything that is wrong with a flat body."""
    if not isinstance(body, dict):
        return [_wrong_type(path, "an object")]
    found = [
        Trouble(
            f"{path}.{name}", "unknown", f"The JSON property '{name}' is not known."
        )
        for name in body
        if name not in fields
    ]
    for name, shape in fields.items():
        where = f"{path}.{name}"
        value = body.get(name)
        if value is None:
            if shape.required:
                found.append(Trouble(where, "missing", "Null value not allowed"))
            elif name in body and not shape.nullable:
                found.append(_wrong_type(where, _NAMES[type(shape)]))
            continue
        found += _check_value(value, shape, where)
    return found


def _check_value(  # noqa: C901, PLR0911  # one case a shape
    value: object, shape: Shape, path: str
) -> list[Trouble]:
    match shape:
        case Nested():
            return check(value, shape.fields, path)
        case Listed(flat=True) if isinstance(value, list):
            return []
        case Listed() if isinstance(value, list):
            return [
                trouble
                for index, member in enumerate(value)
                for trouble in check(member, shape.of.fields, f"{path}[{index}]")
            ]
        case Text() if isinstance(value, str):
            if shape.required and not value:
                return [Trouble(path, "missing", "Empty value not allowed")]
            if shape.longest is not None and len(value) > shape.longest:
                text = f"Invalid length. The greatest length is {shape.longest}."
                return [Trouble(path, "length", text)]
            return []
        case Number() if isinstance(value, int | Decimal) and not isinstance(
            value, bool
        ):
            if (shape.least is not None and value < shape.least) or (
                shape.most is not None and value > shape.most
            ):
                return [Trouble(path, "range", "Value is outside the valid range")]
            return []
        case Pairs() if isinstance(value, dict):
            return []
        case _:
            if _fits(value, shape):
                return []
    return [_wrong_type(path, _NAMES[type(shape)])]


def _fits(value: object, shape: Shape) -> bool:
    match shape:
        case Whole():
            return (
                isinstance(value, int)
                and not isinstance(value, bool)
                and abs(value) < _INT32
            )
        case Boolean():
            return isinstance(value, bool)
        case Plain():
            return isinstance(value, str)
        case Time() if isinstance(value, str):
            try:
                parse_utc(value)
            except ValueError:
                return False
            return True
        case _:
            return False


def unwrap(body: object, fields: Mapping[str, Shape], path: str = "") -> dict[str, Any]:
    """Return a v1 body without its `{"value": x}` wrappers; unknown fields are dropped.

    Raises:
        TypeError: a scalar or object stands bare, or a list is wrapped.
    """
    if not isinstance(body, dict):
        raise TypeError(_not_converted(path or "$", body))
    flat: dict[str, Any] = {}
    for name, value in body.items():
        shape = fields.get(name)
        where = f"{path}.{name}" if path else name
        match shape:
            case None:
                continue
            case Listed():
                if not isinstance(value, list):
                    raise TypeError(_not_converted(where, value))
                flat[name] = [
                    member
                    if shape.flat
                    else unwrap(member, shape.of.fields, f"{where}[{index}]")
                    for index, member in enumerate(value)
                ]
            case Boolean(wrapped=False) | Plain():
                flat[name] = value
            case Nested(wrapped=False):
                flat[name] = unwrap(value, shape.fields, where) if value else None
            case _:
                if value is None:
                    continue
                if not isinstance(value, dict) or "value" not in value:
                    raise TypeError(_not_converted(where, value))
                inner = value["value"]
                flat[name] = (
                    unwrap(inner, shape.fields, where)
                    if isinstance(shape, Nested) and inner is not None
                    else inner
                )
    return flat


def _not_converted(path: str, value: object) -> str:
    return (
        f"Error converting value {value!r} to type 'DtoValue'. Path '{path}': "
        'scalars and objects are written as {"value": ...}, lists are not.'
    )


def _wrong_type(path: str, name: str) -> Trouble:
    return Trouble(
        path, "type", f"The JSON value could not be converted to {name}. Path: {path}."
    )
