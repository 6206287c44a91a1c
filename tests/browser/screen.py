"""What a person does in the Prefect UI, in words: start a run, look at it, press Retry."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLong

__all__ = ["PATIENCE_MS", "Screen"]

PATIENCE_MS = 180_000
"""A run is a process of its own, and the machine may be busy."""
_TRIES = 3
_PICTURES = os.environ.get("PICTURES")
"""A folder for screenshots; none are made without."""


class Screen:
    """The UI of one server, in one page of a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._url = url
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what is seen now, if pictures are wanted."""
        if _PICTURES:
            self._page.wait_for_timeout(2_500)
            path = Path(_PICTURES) / f"{name}.png"
            self._page.screenshot(path=path, full_page=whole)

    def deployments(self) -> None:
        """Look at all deployments."""
        self._page.goto(f"{self._url}/v2/deployments?limit=100")
        self._page.get_by_role("link", name="orders", exact=True).first.wait_for()

    def deployment(self, direction: str) -> None:
        """Look at the deployment of a direction, not at that of its backfills."""
        self.deployments()
        flow = self._page.get_by_role("link", name=direction, exact=True)
        own = self._page.get_by_role("link", name="nordhem", exact=True)
        row = self._page.get_by_role("row").filter(has=flow).filter(has=own)
        row.get_by_role("link", name="nordhem", exact=True).click()
        self._page.get_by_role("button", name="Run", exact=True).wait_for()

    def start(
        self,
        direction: str,
        *,
        ids: Sequence[int] = (),
        mode: str | None = None,
        waits: bool = False,
        picture: str | None = None,
    ) -> None:
        """Fill in the form of a direction, submit it, and look at the run."""
        self.deployment(direction)
        self._page.get_by_role("button", name="Run", exact=True).click()
        self._page.get_by_role("menuitem", name="Custom run").click()
        texts = self._page.locator("form textarea")  # the first is the connection
        for place, number in enumerate(ids, start=1):
            self._page.get_by_role("button", name="Add item").click()
            texts.nth(place).fill(str(number))
        if mode:
            self._page.get_by_label("Select mode").click()
            self._page.get_by_role("option", name=mode, exact=True).click()
        if waits:
            self._field("wait_for_approval").get_by_role("switch").click()
        if picture:
            self.picture(picture, whole=True)
        self._submit()
        self._page.get_by_role("tab", name="Logs").wait_for()

    def _submit(self) -> None:
        """Press Submit, and again where the form stays: a busy server may refuse."""
        submit = self._page.get_by_role("button", name="Submit")
        for _ in range(_TRIES):
            submit.click()
            with suppress(TooLong):
                self._page.get_by_text("View run").click(timeout=PATIENCE_MS / _TRIES)
                return
            assert submit.is_visible(), "the form is gone, and no run was begun"
        message = "the form could not be submitted"
        raise AssertionError(message)

    def is_named(self, name: str, state: str) -> None:
        """See the run end, or wait, in a state and under a name."""
        self.is_in(state)
        crumb = self._page.get_by_label("breadcrumb")
        expect(crumb.get_by_text(name, exact=True)).to_be_visible()

    def is_in(self, state: str) -> None:
        """See the run come into a state."""
        expect(
            self._page.locator("main").get_by_text(state, exact=True).first
        ).to_be_visible()

    def choose(self, item: str) -> Locator:
        """Choose something from the menu of the run; answers the dialog that opens."""
        menu = self._page.get_by_role("button", name="Open menu")
        menu.first.click()
        self._page.get_by_role("menuitem", name=item, exact=True).click()
        dialog = self._page.locator("[role=dialog], [role=alertdialog]")
        dialog.wait_for()
        return dialog

    def retry(self, *, picture: str | None = None) -> None:
        """Press Retry, and say yes."""
        dialog = self.choose("Retry")
        if picture:
            self.picture(picture)
        dialog.get_by_role("button", name="Retry", exact=True).click()
        dialog.wait_for(state="hidden")

    def cancel(self) -> None:
        """Press Cancel, and say yes."""
        dialog = self.choose("Cancel")
        dialog.get_by_role("button").last.click()
        dialog.wait_for(state="hidden")

    def resume(self, *, by: str, picture: str | None = None) -> None:
        """Press Resume, and approve."""
        dialog = self.choose("Resume")
        dialog.get_by_role("switch").click()
        dialog.locator("textarea").fill(by)
        if picture:
            self.picture(picture)
        dialog.get_by_role("button", name="Resume", exact=True).click()
        dialog.wait_for(state="hidden")

    def log_says(self, text: str) -> None:
        """See a line in the log of the run."""
        self._page.reload()
        self._page.get_by_role("tab", name="Logs").click()
        expect(self._page.get_by_text(text).first).to_be_visible()

    def steps(self) -> list[str]:
        """The names of the steps of the run."""
        self._page.get_by_role("tab", name="Task Runs").click()
        self._page.get_by_role("link", name="extract").first.wait_for()
        names = self._page.get_by_role("link").all_inner_texts()
        return [name for name in names if " · " in name]

    def artifact(
        self, key: str, *, until: str = "Record", picture: str | None = None
    ) -> str:
        """Read an artifact of the run, once a text of it is there; come back to the run."""
        run = self._page.url
        self._page.get_by_role("tab", name="Artifacts").click()
        self._page.locator(f'a[href$="/artifacts/key/{key}"]').first.click()
        newest = self._page.locator('a[href*="/artifacts/artifact/"]').first
        newest.click()
        self._page.get_by_role("tab", name="Raw").wait_for()
        self._page.locator("main").get_by_text(until, exact=True).first.wait_for()
        if picture:
            self.picture(picture)
        text = self._page.locator("main").inner_text()
        self._page.goto(run)
        self._page.get_by_role("tab", name="Logs").wait_for()
        return text

    def shows(self, text: str) -> None:
        """See a text."""
        expect(self._page.locator("main").get_by_text(text).first).to_be_visible()

    def seen(self) -> str:
        """All that the page says now."""
        return self._page.locator("main").inner_text()

    def _field(self, name: str) -> Locator:
        """The smallest part of the form that holds a field and its name."""
        label = self._page.get_by_text(f"{name} (Optional)", exact=True)
        return (
            self._page.locator("form div")
            .filter(has=label)
            .filter(has=self._page.get_by_role("switch"))
            .last
        )
