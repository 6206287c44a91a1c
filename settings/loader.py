"""Reading connection files: one clear sentence for each thing that is wrong."""

from __future__ import annotations

import difflib
import tomllib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from settings.connection import Connection

__all__ = [
    "SettingsError",
    "find_connections",
    "load_connection",
    "named_alike",
    "parse_connection",
]


class SettingsError(Exception):
    """A connection file is missing or wrong; `problems` has one sentence each."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        """Keep the file and its problems; the message shows them all."""
        self.file = file
        self.problems = problems
        super().__init__(f"{file}: " + "; ".join(problems))


_FORMS = {
    "date_": "this is no date; write it like 2026-01-31, without quotes",
    "decimal_parsing": "this is no number; write it like 25 or 25.5",
    "int_": "this is no whole number; write it like 25",
    "bool_": "this is neither true nor false",
    "string_type": "this is no text; put it in quotes",
    "url_": "this is no address; write it like https://host/path",
}
"""What to write in place of a value that has the wrong form, by the kind of error."""


def find_connections(folder: Path) -> list[str]:
    """Names of the connections that have a file in the folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_connection(folder: Path, name: str) -> Connection:
    """Read `<folder>/<name>.toml`.

    Raises:
        SettingsError: The file is missing, no TOML, or has a wrong setting; or another
            one's name differs by nothing but - and _.
    """
    file = folder / f"{name}.toml"
    for other in find_connections(folder):
        if other != name and other.replace("-", "_") == name.replace("-", "_"):
            problem = (
                f"its name and '{other}' differ by - and _ alone, so that both would "
                "have the same secrets and pages; rename one of them"
            )
            raise SettingsError(file, [problem])
    return _read(folder, name)


def named_alike(folder: Path, one: Connection) -> list[Connection]:
    """Find the other connections into the same company whose references may be its own.

    They are when a prefix is the other's, or its beginning. A file that is wrong is
    passed over: whoever reads that one is told.
    """
    found = []
    for name in find_connections(folder):
        with suppress(SettingsError):
            other = _read(folder, name)
            if other.name != one.name and _is_named_alike(one, other):
                found.append(other)
    return found


def _read(folder: Path, name: str) -> Connection:
    file = folder / f"{name}.toml"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(find_connections(folder)) or "none"
        problem = f"there is no such connection file (found here: {known})"
        raise SettingsError(file, [problem]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(file, [f"the file cannot be read: {error}"]) from error
    return _parsed(file, text)


def _is_named_alike(one: Connection, other: Connection) -> bool:
    if one.visma.tenant_id.casefold() != other.visma.tenant_id.casefold():
        return False
    mine, theirs = one.prefix.casefold(), other.prefix.casefold()
    return mine.startswith(theirs) or theirs.startswith(mine)


@lru_cache(maxsize=256)
def _parsed(file: Path, text: str) -> Connection:
    """The same text is the same settings, which nobody can change."""
    return parse_connection(file, text)


def parse_connection(file: Path, text: str) -> Connection:
    """Parse the text of a connection file.

    Raises:
        SettingsError: It is no TOML, or a setting is unknown, missing or wrong.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(file, [f"the file is no valid TOML: {error}"]) from error
    values.setdefault("name", file.stem)
    if values["name"] != file.stem:
        problem = f"name is '{values['name']}', it must be '{file.stem}' as the file"
        raise SettingsError(file, [problem])
    try:
        return Connection.model_validate(values)
    except ValidationError as error:
        found = error.errors()
        inner = {
            one["loc"][:length] for one in found for length in range(len(one["loc"]))
        }
        # a list whose rows are wrong is not too short as well
        problems = [_sentence(one) for one in found if one["loc"] not in inner]
        raise SettingsError(file, problems) from error


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's own error details
    location = _place(error["loc"]) or "the file"
    match error["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(
                str(error["loc"][-1]), _fields_at(error["loc"][:-1]), n=1
            )
            hint = f", did you mean '{close[0]}'?" if close else ", remove it"
            return f"{location}: there is no such setting{hint}"
        case "missing":
            return f"{location}: this setting is missing, add it"
        case kind:
            form = next((_FORMS[one] for one in _FORMS if kind.startswith(one)), "")
            message = form or str(error["msg"]).removeprefix("Value error, ")
            is_group = isinstance(error["input"], dict | list | BaseModel)
            shown = "" if is_group else f" (it is {error['input']!r})"
            return f"{location}: {message}{shown}"


def _place(path: tuple[int | str, ...]) -> str:
    """A key as it is found in the file: rows of a list are counted from one."""
    place = ""
    for part in path:
        if isinstance(part, int):
            place += f" no. {part + 1}"
        else:
            place += f".{part}" if place else part
    return place


def _fields_at(path: tuple[int | str, ...]) -> list[str]:
    """The setting names that the model at a path of keys knows."""
    model: type[BaseModel] | None = Connection
    for part in path:
        if model is None or not isinstance(part, str):
            continue
        field = model.model_fields.get(part)
        model = _model_in(field.annotation) if field else model
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - a type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model), None)
