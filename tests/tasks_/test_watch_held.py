"""What a guard holds back is told by the watch, for as long as it waits."""

from __future__ import annotations

from pathlib import Path

from tasks.watch import look
from tasks.watch_runs import DeploymentSeen
from tests.tasks_.stocking import a_shop, in_centra, put_in_visma

GONE = ["NH1104NAVM", "NH1001BLKM", "NH1102NAVS"]


async def test_stock_that_waits_is_told_until_it_is_approved(tmp_path: Path) -> None:
    """The run ended well and is green, and goods that are not there stay on sale."""
    seen = [
        DeploymentSeen(subject="stock", connection="nordhem", link="", every_seconds=30)
    ]
    with a_shop(tmp_path, **{"stock.max_zeros": 2}) as stand:
        await stand.run("stock")
        assert look(stand.environment, "nordhem", seen).begun == []
        stand.wait(minutes=1)
        for sku in GONE:
            put_in_visma(stand, sku, 0)
        held = (await stand.run("stock")).held
        assert held is not None

        [told] = look(stand.environment, "nordhem", seen).begun
        assert "1 write of stock of nordhem waits for an approval" in told.message
        assert f"centra-visma apply {held.hash} -c nordhem" in told.message
        assert look(stand.environment, "nordhem", seen).begun == []

        await stand.run("stock", plan=held.hash)
        assert len(look(stand.environment, "nordhem", seen).solved) == 1
        assert in_centra(stand, GONE[0]).physical == 0
