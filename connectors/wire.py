"""The bases of what is read from and written to another system, in camelCase."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

__all__ = ["Incoming", "Outgoing"]


class Incoming(BaseModel):
    """A model of an answer: unknown fields are passed over, null means absent."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # Which fields may be null is mostly unknown; a default stands for both.
        if isinstance(data, dict) and None in data.values():
            return {name: value for name, value in data.items() if value is not None}
        return data


class Outgoing(BaseModel):
    """A model of a request: an unknown field is a mistake of ours."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )
