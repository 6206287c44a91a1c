"""Many goods that would be taken off sale at once wait for a person; few do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from sandbox.visma.goods_records import Item
from settings.products import ProductRules
from tasks.off_sale_guard import why_held
from tests.tasks_.goods import BY_PATTERN, EAN, SIZE_CHANGED, change_item, size
from tests.tasks_.stand import Stand, a_stand

EVERY = {**BY_PATTERN, "max_off_sale_share": "1"}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose items are for sale while their attribute WEBSHOP says so."""
    with a_stand(tmp_path, products=BY_PATTERN) as stand:
        yield stand


def for_sale(stand: Stand) -> tuple[int, int, int]:
    """How many products, variants and sizes are active in Centra."""
    catalogue = stand.shop.catalogue
    return (
        sum(one.status == "ACTIVE" for one in catalogue.products.values()),
        sum(one.status == "ACTIVE" for one in catalogue.variants.values()),
        sum(one.is_active for one in catalogue.product_sizes.values()),
    )


def take_the_attribute_away(stand: Stand) -> dict[str, str]:
    """No answer has the attribute of `products.only` any more; what it was, by item."""
    return {
        number: item.attributes.pop("WEBSHOP")
        for number, item in stand.company.goods.items.items()
        if "WEBSHOP" in item.attributes
    }


def carried(stand: Stand) -> list[Item]:
    """Items that are carried, and for sale in Centra."""
    return [
        one
        for number, one in sorted(stand.company.goods.items.items())
        if one.attributes.get("WEBSHOP") == "1"
        and number.startswith("NH11")
        and stand.shop.catalogue.by_key("SKU", number)
    ]


async def test_a_shop_is_not_taken_off_sale_in_one_run(stand: Stand) -> None:
    """The attribute of `products.only` is in no answer any more: a right was taken away."""
    await stand.run("products")
    before = for_sale(stand)
    take_the_attribute_away(stand)

    summary = await stand.run("products", full=True)

    assert for_sale(stand) == before
    assert stand.writes == {}
    assert summary.held is not None
    assert summary.held.why == (
        "24 of 24 products, 44 of 44 variants, 174 of 174 sizes would be taken off sale "
        "within 24 hours, more than products.max_off_sale_share = 0.2"
    )
    await stand.run("products")
    assert for_sale(stand) == before


async def test_the_rest_of_the_run_goes_on(stand: Stand) -> None:
    """A barcode that was corrected is written beside what waits."""
    await stand.run("products")
    before = for_sale(stand)
    item, *_ = carried(stand)
    change_item(stand, item, ean=EAN.format(1))
    for number in list(take_the_attribute_away(stand)):
        if number == item.number:
            change_item(stand, item, WEBSHOP="1")

    await stand.run("products", full=True)

    assert stand.writes == {SIZE_CHANGED: 1}
    assert size(stand, item.number).ean == EAN.format(1)
    assert for_sale(stand) == before


async def test_what_a_person_approves_is_taken_off_sale(stand: Stand) -> None:
    """Exactly that, and nothing of it is asked about again."""
    await stand.run("products")
    before = for_sale(stand)
    take_the_attribute_away(stand)
    held = (await stand.run("products", full=True)).held
    assert held is not None

    await stand.run("products", plan=held.hash)

    assert sum(stand.writes.values()) == held.writes
    assert for_sale(stand) < before
    again = await stand.run("products", full=True)
    assert (again.held, stand.writes) == (None, {})


async def test_what_was_put_right_is_not_held_any_more(stand: Stand) -> None:
    """The right is given back: nothing is to be written, and no plan waits."""
    await stand.run("products")
    before = for_sale(stand)
    was = take_the_attribute_away(stand)
    await stand.run("products", full=True)
    for number, value in was.items():
        stand.company.goods.items[number].attributes["WEBSHOP"] = value

    summary = await stand.run("products", full=True)

    assert (summary.held, stand.writes, for_sale(stand)) == (None, {}, before)
    with stand.environment.books("nordhem").read() as unit:
        assert list(unit.intents.held()) == []


async def test_a_raised_limit_lets_what_is_held_go(stand: Stand) -> None:
    """A share of one never holds."""
    await stand.run("products")
    before = for_sale(stand)
    take_the_attribute_away(stand)
    await stand.run("products", full=True)
    assert for_sale(stand) == before

    stand.change(products=EVERY)
    summary = await stand.run("products")

    assert summary.held is None
    assert for_sale(stand) < before


async def test_a_few_goods_are_taken_off_sale_unseen(stand: Stand) -> None:
    """Ten sizes are never too many, whatever share they are."""
    stand.change(products={**BY_PATTERN, "max_off_sale_share": "0"})
    await stand.run("products")
    some = carried(stand)[:10]
    assert all(size(stand, one.number).is_active for one in some)
    for one in some:
        change_item(stand, one, status="Inactive")

    summary = await stand.run("products")

    assert summary.held is None
    assert not any(size(stand, one.number).is_active for one in some)


async def test_goods_that_come_on_sale_are_not_held(stand: Stand) -> None:
    """However many there are."""
    stand.change(products=EVERY)
    await stand.run("products")
    before = for_sale(stand)
    was = take_the_attribute_away(stand)
    await stand.run("products", full=True)
    assert for_sale(stand) < before

    stand.change(products={**BY_PATTERN, "max_off_sale_share": "0"})
    for number, value in was.items():
        stand.company.goods.items[number].attributes["WEBSHOP"] = value
    summary = await stand.run("products", full=True)

    assert summary.held is None
    assert for_sale(stand) >= before


@pytest.mark.parametrize(
    ("falling", "for_sale", "share", "told"),
    [
        ({"sizes": 10}, {"sizes": 10}, "0", ""),
        ({"sizes": 11}, {"sizes": 55}, "0.2", ""),
        ({"sizes": 11}, {"sizes": 54}, "0.2", "11 of 54 sizes"),
        ({"sizes": 11}, {"sizes": 3}, "0.2", "11 of 11 sizes"),
        ({"sizes": 500}, {"sizes": 500}, "1", ""),
        (
            {"products": 24, "variants": 5, "sizes": 140},
            {"products": 28, "variants": 60, "sizes": 150},
            "0.2",
            "24 of 28 products, 140 of 150 sizes",
        ),
    ],
)
def test_more_than_a_share_and_more_than_a_few_are_held(
    falling: dict[str, int], for_sale: dict[str, int], share: str, told: str
) -> None:
    """Of products, variants or sizes; the sentence names the setting."""
    rules = ProductRules.model_validate({"max_off_sale_share": share})

    why = why_held(falling, for_sale, rules)

    limit = f"more than products.max_off_sale_share = {share}"
    assert why == (
        f"{told} would be taken off sale within 24 hours, {limit}" if told else None
    )


@pytest.mark.parametrize("share", ["-0.1", "1.1"])
def test_a_share_is_between_none_and_all(share: str) -> None:
    """As the shares of its neighbours."""
    with pytest.raises(ValidationError, match="max_off_sale_share"):
        ProductRules.model_validate({"max_off_sale_share": share})
