"""A list of changes names just the warehouses that changed; what else is due is read, too."""

from __future__ import annotations

from pathlib import Path

from tests.tasks_.counting import ADJUSTING, SHIRT, move
from tests.tasks_.stocking import RETAIL, a_shop, in_centra, put_in_visma

OTHER = "NH1203BLKM"


async def test_what_people_move_onto_a_shelf_that_owes_units_is_not_sold(
    tmp_path: Path,
) -> None:
    """Three were promised elsewhere; three come, while Visma.net tells of the shop alone.

    The main warehouse was set to 0, as Centra takes nothing below it; what comes to it
    pays what it owes.
    """
    with a_shop(tmp_path, **ADJUSTING) as stand:
        put_in_visma(stand, SHIRT, -3)
        put_in_visma(stand, SHIRT, 5, "RETAIL")
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 0
        stand.wait(minutes=30)
        put_in_visma(stand, OTHER, 9)  # the list of changes begins here from now on
        await stand.run("stock")

        put_in_visma(stand, SHIRT, 6, "RETAIL")
        move(stand, {SHIRT: -3})
        assert in_centra(stand, SHIRT).free == 3
        await stand.run("stock")

        assert in_centra(stand, SHIRT).physical == 0
        assert in_centra(stand, SHIRT, RETAIL).physical == 3
