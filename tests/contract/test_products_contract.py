"""Every request of a product's life is one that the vendors' files declare."""

from __future__ import annotations

from pathlib import Path

from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.contract.requests import Contract
from tests.contract.test_contract import folder
from tests.tasks_.goods import EAN, SEEDED, change_item
from tests.tasks_.stand import a_stand

__all__ = ["folder"]

EXPECTED = {
    "GET /v1/inventory",
    "GET /v1/inventory/{inventoryNumber}",
    "centra CreateSizeChart",
    "centra CreateProduct",
    "centra UpdateProduct",
    "centra CreateProductVariant",
    "centra UpdateProductVariant",
    "centra CreateProductSize",
    "centra UpdateProductSize",
    "centra AssignAttributes",
    "centra Catalogue",
    "centra Products",
    "centra ProductsByNumber",
    "centra SizeCharts",
}


async def test_every_request_of_products_is_declared(
    tmp_path: Path, folder: Path
) -> None:
    """Made, changed, taken off sale, looked for after a lost answer, pulled by number."""
    rules = {
        **SEEDED,
        "item_classes": [],
        "only": {"WEBSHOP": "1"},
        "size_charts": {"Odd": ["4½", "5"]},
        "attributes": [{"attribute": "STYLE", "type": "material", "element": "text"}],
    }
    contract = Contract(folder, verified_fields=True)
    with a_stand(tmp_path, products=rules) as stand:
        with use_environment(stand.environment):
            await check_connection("nordhem", days=1)
        stand.fault("no_answer", "centra.mutation.CreateProduct")
        item = stand.company.goods.add_item(
            "SKO/1BLK4½",
            "Sko 4½",
            True,
            ean=EAN.format(1),
            item_class="FASHION",
            attributes={
                "STYLE": "SKO/1",
                "COLOUR": "BLK",
                "SIZE": "4½",
                "WEBSHOP": "1",
            },
        )
        for _ in range(2):
            await stand.run("products")
            stand.wait(minutes=11)
        await stand.run("products", ids=["SKO/1BLK4½"])
        change_item(stand, item, ean=EAN.format(2), status="Inactive")
        await stand.run("products")
        await stand.run("products", full=True)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert EXPECTED - contract.seen == set()
        assert "style:SKO%2F1" not in stand.parked()
