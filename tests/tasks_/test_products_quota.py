"""Products and the quotas: few calls, and none that orders need."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import QuotaError
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    EAN,
    PRODUCT_MADE,
    VARIANT_MADE,
    a_shop,
    an_item,
    product,
    products,
    with_tees,
)
from tests.tasks_.stand import a_stand


async def test_calls_grow_with_styles_and_not_with_sizes(tmp_path: Path) -> None:
    """Fifty sizes of one colour are one product, one variant; a change reads one page."""
    sizes = [str(number) for number in range(100, 150)]
    with a_shop(tmp_path, size_charts={"Numbers": sizes}) as stand:
        for place, size in enumerate(sizes):
            an_item(stand, "BLK", size, ean=EAN.format(place))

        await stand.run("products")
        assert (stand.writes[PRODUCT_MADE], stand.writes[VARIANT_MADE]) == (1, 1)
        assert len(product(stand).variants[0].product_sizes) == 50

        an_item(stand, "NAV", "100")
        await stand.run("products")
        assert stand.calls["centra.query.Products"] == 1
        assert stand.writes == {VARIANT_MADE: 1}


async def test_a_catalogue_push_leaves_calls_to_orders(tmp_path: Path) -> None:
    """It stops at its share of the hour; orders go on, and the rest goes later."""
    changes = {
        "centra.requests_per_hour": 30,
        "limits.reserved_share": "0.5",
        "products": BY_ATTRIBUTES,
    }
    with a_stand(tmp_path, **changes) as stand:
        with_tees(stand)
        for number in range(10):
            an_item(stand, "BLK", "S", style=f"TS{number}")
        order = stand.place()

        with pytest.raises(QuotaError):
            await stand.run("products")
        made = sum(len(products(stand, f"TS{number}")) for number in range(10))
        assert 0 < made < 10

        await stand.run("orders")
        assert stand.state(order) == "settled"

        for _ in range(4):
            stand.wait(minutes=61)
            try:
                await stand.run("products")
            except QuotaError:
                continue
        assert all(len(products(stand, f"TS{number}")) == 1 for number in range(10))
        assert stand.exceptions() == []
