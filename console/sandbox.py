"""The sandbox as a command of its own: this process becomes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["run_sandbox"]


def run_sandbox(arguments: Sequence[str]) -> NoReturn:
    """Become the sandbox: signals and the exit code are its own."""
    command = [sys.executable, "-m", "sandbox", *arguments]
    os.execv(sys.executable, command)  # noqa: S606 - our own module, no shell
