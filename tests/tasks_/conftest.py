"""Stands for the tests of whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tasks_.stand import Stand, a_stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop without orders and a company, both directions live."""
    with a_stand(tmp_path) as stand:
        yield stand


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Stand]:
    """The same before any plan was approved."""
    with a_stand(tmp_path, live=False) as stand:
        yield stand
