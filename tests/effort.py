"""How much is tried: what a change must pass at once, or all that a night allows."""

from __future__ import annotations

import os

__all__ = ["EXAMPLES", "GENERATED_ORDERS", "IS_FULL"]

IS_FULL = os.environ.get("EFFORT") == "full"
"""Whether examples are drawn anew each time; else they are the same in every run."""

EXAMPLES = 5_000 if IS_FULL else 300
"""Examples of each property."""
GENERATED_ORDERS = 10_000 if IS_FULL else 250
"""Orders that are made, shipped and returned in each way of posting."""
