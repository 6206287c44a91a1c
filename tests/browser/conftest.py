"""A real installation and a headless Chromium; only `make test-browser` starts them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.house import link_documents
from tests.browser.screen import Screen
from tests.room.house import House, a_house

_CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium"))
_WANTED = os.environ.get("BROWSER", "no")
"""no: plain tests; yes: where there is a Chromium; must: fail without one."""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that `centra-visma up` has started against a sandbox."""
    if _WANTED == "no":
        pytest.skip("takes minutes, and a Chromium: make test-browser")
    if _CHROMIUM is None:
        assert _WANTED != "must", "no Chromium here: apt-get install chromium"
        pytest.skip("no Chromium here: apt-get install chromium")
    folder: Path = tmp_path_factory.mktemp("browser")
    with a_house(folder) as house:
        house.sandbox.plant(seed=7, orders=1)
        link_documents(house)
        house.up()
        yield house


@pytest.fixture
def screen(house: House) -> Iterator[Screen]:
    """The Prefect UI in a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        yield Screen(page, f"http://127.0.0.1:{house.port}")
        browser.close()
