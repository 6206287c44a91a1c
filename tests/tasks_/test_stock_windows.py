"""Runs of a window, of given items, and runs that are killed: nothing is passed over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import tasks.stock_source
from tasks.stock_view import stock_of
from tasks.stock_waiting import asked_again
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import MAIN, a_shop, in_centra, put_in_visma, sizes_of
from tests.tasks_.tally import CAP, SHIRT, STOCK, look
from tests.tasks_.test_stock_again import OTHER, compared_long_ago
from tests.tasks_.test_stock_moves import FREE, SHIPS_VISMA, buy
from tests.tasks_.test_stock_moves import a_shop as a_tally


class Killed(BaseException):
    """The worker is gone."""


async def an_hour_late(stand: Stand) -> None:
    """Two items change in an hour in which nobody looks; then the last minutes are read."""
    await stand.run("stock")
    stand.wait(minutes=10)
    put_in_visma(stand, SHIRT, 3)
    stand.wait(minutes=50)
    put_in_visma(stand, CAP, 4)
    now = stand.world.clock.now()
    await stand.run("stock", since=now - timedelta(minutes=5))


async def test_a_window_passes_over_nothing_that_was_not_read(tmp_path: Path) -> None:
    """What changed before it, and after the last run, is read with it."""
    with a_shop(tmp_path) as stand:
        await an_hour_late(stand)
        assert in_centra(stand, CAP).physical == 4
        assert in_centra(stand, SHIRT).physical == 3


async def test_the_age_that_is_told_after_a_window_is_true(tmp_path: Path) -> None:
    """No figure is called fresh that was not read."""
    with a_shop(tmp_path) as stand:
        await an_hour_late(stand)
        shown = stock_of(stand.environment, "nordhem", [SHIRT]).shelves
        [figure] = [one.figure for one in shown if one.warehouse == MAIN]
        assert figure == 3


@pytest.mark.parametrize("before", ["onHand", FREE])
async def test_items_after_other_settings(tmp_path: Path, before: str) -> None:
    """A figure of the new kind never meets what was counted for the old one."""
    after = FREE if before == "onHand" else "onHand"
    with a_tally(tmp_path, before, **SHIPS_VISMA) as stand:
        await buy(stand)
        await look(stand)
        await stand.run("stock")
        stand.change(**{**STOCK, "stock.quantity": after, **SHIPS_VISMA})
        await stand.run("stock", ids=[SHIRT])
        assert in_centra(stand, SHIRT).physical == 1000


async def killed_after_comparing(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill a run when figures are kept, and before what is to be set is."""
    compare = tasks.stock_source.compare

    def dies(*arguments: object) -> None:
        compare(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(tasks.stock_source, "compare", dies)
        with pytest.raises(Killed):
            await stand.run("stock")


async def minutes_later(stand: Stand) -> None:
    """Let the next runs do their work."""
    for _ in range(3):
        stand.wait(minutes=1)
        await stand.run("stock")


async def test_sizes_that_swap_while_the_worker_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run sets what the killed one had found."""
    with a_shop(tmp_path) as stand:
        put_in_visma(stand, SHIRT, 0)
        put_in_visma(stand, OTHER, 9)
        await compared_long_ago(stand)
        [one], [other] = sizes_of(stand, SHIRT), sizes_of(stand, OTHER)
        with stand.shop.catalogue.rekeying([one, other]):
            one.size_number, other.size_number = other.size_number, one.size_number
        one.variant.product.updated_at = stand.world.clock.now()
        await killed_after_comparing(stand, monkeypatch)
        await minutes_later(stand)
        shown = [in_centra(stand, sku).physical for sku in (SHIRT, OTHER)]
        assert shown == [0, 9]


async def test_a_size_that_is_new_while_the_worker_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not keep what Centra happened to have."""
    with a_shop(tmp_path) as stand:
        put_in_visma(stand, SHIRT, 9)
        [one] = sizes_of(stand, SHIRT)
        with stand.shop.catalogue.rekeying([one]):
            one.size_number += "Q"
        one.variant.product.updated_at = stand.world.clock.now()
        await compared_long_ago(stand)
        with stand.shop.catalogue.rekeying([one]):
            one.size_number = one.size_number[:-1]
        one.variant.product.updated_at = stand.world.clock.now()
        await killed_after_comparing(stand, monkeypatch)
        await minutes_later(stand)
        assert in_centra(stand, SHIRT).physical == 9


async def test_a_whole_comparison_that_is_killed_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figures are kept already, and what is to be set of them is not lost."""
    with a_shop(tmp_path) as stand:
        await stand.run("stock")
        before = in_centra(stand, SHIRT).physical
        stand.change(**{"stock.buffer": 1})
        stand.wait(minutes=60)
        await killed_after_comparing(stand, monkeypatch)
        assert in_centra(stand, SHIRT).physical == before
        stand.wait(minutes=1)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == before - 1


async def test_what_a_killed_run_was_asked_is_asked_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing is to be set any more: else it costs a call in every run."""
    with a_shop(tmp_path) as stand:
        put_in_visma(stand, SHIRT, 9)
        await compared_long_ago(stand)
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 8)
        await killed_after_comparing(stand, monkeypatch)
        put_in_visma(stand, SHIRT, 9)
        await minutes_later(stand)
        with stand.environment.books("nordhem").read() as unit:
            assert asked_again(unit) == set()


async def test_a_report_that_cannot_be_written_stops_no_stock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: the nightly run is red, and the day goes on."""
    with a_shop(tmp_path) as stand:
        put_in_visma(stand, SHIRT, 9)
        await compared_long_ago(stand)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(tasks.stock_source, "write_report", full)
        stand.wait(minutes=24 * 60)
        with pytest.raises(OSError, match="No space left"):
            await stand.run("stock", full=True)
        put_in_visma(stand, SHIRT, 3)
        stand.wait(minutes=1)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 3
