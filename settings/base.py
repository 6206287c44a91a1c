"""The base of every settings model: frozen, and no unknown key passes."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Frozen"]


class Frozen(BaseModel):
    """A settings model: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")
