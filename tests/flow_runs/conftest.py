"""One Prefect server for all flow runs, and a stand that the flows sync."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from tasks.environment import use_environment
from tests.tasks_.stand import Stand, a_stand


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run a Prefect server of this test session, with results in a folder of its own."""
    results = tmp_path_factory.mktemp("results")
    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_LOCAL_STORAGE_PATH: results}),
    ):
        yield


@pytest.fixture
def stand(tmp_path: Path, server: None) -> Iterator[Stand]:
    """A live shop and company that the flows reach."""
    with a_stand(tmp_path) as stand, use_environment(stand.environment):
        yield stand
