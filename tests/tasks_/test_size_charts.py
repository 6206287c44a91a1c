"""Size charts are made once, whoever makes them, and whatever Centra answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.centra.catalogue_writes import CatalogueWrites, Made
from connectors.errors import RecordError
from sandbox.centra.goods import Size, SizeChart
from tests.tasks_.goods import BY_ATTRIBUTES, CHARTS_MADE, a_shop, an_item, size
from tests.tasks_.stand import Stand

CREATE = CatalogueWrites.create_size_chart
AFTERWARDS = ["a retry", "other settings", "its record asked for", "nothing"]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop with an item whose size chart Centra does not have."""
    with a_shop(tmp_path) as stand:
        an_item(stand, "BLK", "S")
        yield stand


async def warned(self: CatalogueWrites, *args: Any, **more: Any) -> Made:
    """Make the chart, with a warning."""
    made = await CREATE(self, *args, **more)
    return Made(made.id, ("something minor",))


async def refused(self: CatalogueWrites, *args: Any, **more: Any) -> Made:
    """Refuse to make it."""
    del self, args, more
    message = "Centra refuses: no permission"
    raise RecordError(message, code="CENTRA_REFUSED", fix="Retry.")


def by_hand(stand: Stand) -> None:
    """Make the chart in Centra, as people do after a refusal."""
    chart = SizeChart(id=9000, name="Letters", sizes=[])
    chart.sizes += [
        Size(id=9000 + place, chart=chart, name=name)
        for place, name in enumerate(("S", "M", "L"), start=1)
    ]
    stand.shop.catalogue.add_chart(chart)


def charts(stand: Stand) -> list[str | None]:
    """What Centra's charts are called that the settings name."""
    every = stand.shop.catalogue.size_charts.values()
    return [one.name for one in every if one.name == "Letters"]


@pytest.mark.parametrize("how", AFTERWARDS)
@pytest.mark.parametrize("create", [warned, refused], ids=["warned", "refused"])
async def test_a_chart_is_made_once(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, create: Callable[..., Any], how: str
) -> None:
    """It is looked for by its name, and its exception goes away by itself."""
    monkeypatch.setattr(CatalogueWrites, "create_size_chart", create)
    await stand.run("products")
    monkeypatch.undo()
    assert list(stand.parked()) == ["chart:Letters"]
    if create is refused:
        by_hand(stand)
    if how == "a retry":
        with stand.environment.books("nordhem").begin() as unit:
            unit.exceptions.retry("all", by="Åsa")
    elif how == "other settings":
        stand.change(products={**BY_ATTRIBUTES, "max_off_sale_share": "0.3"})

    ids = ["chart:Letters"] if how == "its record asked for" else []
    await stand.run("products", ids=ids)
    await stand.run("products")

    assert (charts(stand), stand.parked()) == (["Letters"], {})
    assert size(stand, "TS77BLKS")


async def test_a_chart_that_is_asked_for_is_made(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its record alone: what waits for it is looked at, too."""
    monkeypatch.setattr(CatalogueWrites, "create_size_chart", refused)
    await stand.run("products")
    monkeypatch.undo()

    await stand.run("products", ids=["chart:Letters"])

    assert stand.writes[CHARTS_MADE] == 1
    assert stand.parked() == {}
