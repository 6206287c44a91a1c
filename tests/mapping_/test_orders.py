"""The sales order that answers an order, to the last field."""

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.centra import models as centra
from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.drafts import SalesOrderDraft, digest
from mapping.orders import order_to_sales_order
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tests.mapping_.builders import (
    VAT,
    Line,
    a_connection,
    a_country,
    a_payment,
    a_wholesale_order,
    an_address,
    an_order,
)

D = Decimal
GOLDEN = Path(__file__).parent / "golden"
CONNECTION = a_connection()
POSTED = a_connection(
    posting=[
        {"brand": "Nordhem", "branch": "2", "sales_account": "3002"},
        {"store": "Retail", "project": "WEB", "subaccount": {"1": "10"}},
    ]
)
GERMANY = an_address(
    country={"code": "DE", "isEU": True},
    company_name="Modehaus GmbH",
    vat_number="DE123456789",
)
JAPAN = an_address(country={"code": "JP", "isEU": False}, phone_number="03-1234-5678")
CLOSED = visma.Period.model_validate(
    {
        "year": 2026,
        "period": "03",
        "start_date": datetime(2026, 3, 1, tzinfo=UTC),
        "end_date": datetime(2026, 3, 31, tzinfo=UTC),
        "closed_in_customer_ledger": True,
    }
)
OPEN = CLOSED.model_copy(
    update={
        "period": "04",
        "start_date": datetime(2026, 4, 1, tzinfo=UTC),
        "end_date": datetime(2026, 4, 30, tzinfo=UTC),
        "closed_in_customer_ledger": False,
    }
)

CASES: dict[str, tuple[centra.Order, Connection]] = {
    "dtc_two_rates_discount_and_shipping": (
        an_order(
            [Line("299.00", 2), Line("49.90", 3, "12", sku="SOCK")],
            shipping="49.00",
            discount="60.00",
        ),
        CONNECTION,
    ),
    "dtc_collective_with_credit": (
        an_order(
            [Line("500.00")],
            credit="100.00",
            store={"id": 4, "name": "Webkunde"},
        ),
        CONNECTION,
    ),
    "dtc_export_with_deducted_vat": (
        an_order(
            [Line("10000", 1, sku="COAT")],
            mode="deducted",
            currency="JPY",
            digits=0,
            shipping="1500",
            shipping_address=JAPAN,
            billing_address=JAPAN,
            country={"code": "JP"},
        ),
        CONNECTION,
    ),
    "dtc_net_prices_with_rounding_line": (
        an_order(
            [Line("0.99", 3), Line("10.01")],
            currency="EUR",
            shipping_address=an_address(country=a_country("SE")),
        ),
        a_connection(vat=[{**row, "prices": "net"} for row in VAT]),
    ),
    "dtc_gift_certificate": (
        an_order([Line("500.00", rate="0", kind="GiftCertificateOrderLine", sku=None)]),
        CONNECTION,
    ),
    "dtc_posting_dimensions": (
        an_order([Line(brand="Nordhem", category="Shoes")], shipping="49.00"),
        POSTED,
    ),
    "wholesale_domestic": (
        a_wholesale_order(
            delivery_windows=[
                {"id": 1, "begin_on": "2026-08-15", "end_on": "2026-09-30"},
                {"id": 2, "begin_on": "2026-08-01T00:00:00+02:00", "end_on": "soon"},
                {"id": 3, "begin_on": "2026-13-01"},
            ],
        ),
        CONNECTION,
    ),
    "wholesale_reverse_charge": (
        a_wholesale_order(
            mode="none",
            shipping_address=GERMANY,
            billing_address=GERMANY,
            account={"id": 4, "name": "Modehaus GmbH"},
            preferred_shipping_date=datetime(2026, 5, 1, 22, 30, tzinfo=UTC),
            purchase_order_number="P" * 50,
        ),
        CONNECTION,
    ),
    "dtc_cut_address": (
        an_order(
            shipping_address=an_address(address1="Lång väg " * 40, city="Ö" * 60),
        ),
        CONNECTION,
    ),
    "cancelled": (an_order(status="CANCELLED"), CONNECTION),
}


def wire(draft: SalesOrderDraft) -> dict[str, Any]:
    """Return what would be sent, with numbers as exact strings."""
    dumped = draft.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**dumped, "hash": None} | {"hash": draft.hash}


@pytest.mark.parametrize("name", CASES)
def test_the_payload_is_the_golden_one(name: str) -> None:
    """Each outgoing payload is compared as a whole; MAPPING_GOLDEN=write renews them."""
    order, connection = CASES[name]
    found = wire(order_to_sales_order(order, connection=connection))
    path = GOLDEN / f"{name}.json"
    if os.environ.get("MAPPING_GOLDEN") == "write":
        text = json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")

    assert found == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_a_draft_survives_its_json(name: str) -> None:
    """The ledger keeps drafts as JSON; the hash is the same afterwards."""
    order, connection = CASES[name]
    draft = order_to_sales_order(order, connection=connection)

    again = SalesOrderDraft.model_validate_json(draft.model_dump_json())

    assert again == draft
    assert again.hash == draft.hash


def test_neither_note_nor_description_holds_personal_data() -> None:
    """What was cut is named by its field, not shown."""
    order, connection = CASES["dtc_cut_address"]
    found = order_to_sales_order(order, connection=connection)

    assert found.sales_order.note == (
        "shipping address cut to 3 lines; all of it is in Centra.\n"
        "shipping: city cut from 60 to 50 characters."
    )
    assert found.sales_order.description == "Centra order 1001"
    for text in (found.sales_order.note, *found.notes):
        assert "väg" not in text
        assert "Åsa" not in text


def test_the_same_order_has_the_same_hash() -> None:
    """What is not sent does not count; what is sent does."""
    first = order_to_sales_order(an_order(), connection=CONNECTION)
    touched = an_order(updated_at=datetime(2026, 3, 5, tzinfo=UTC))
    again = order_to_sales_order(touched, connection=CONNECTION)
    other = order_to_sales_order(an_order([Line(quantity=2)]), connection=CONNECTION)
    held = order_to_sales_order(an_order(is_on_hold=True), connection=CONNECTION)

    assert first.hash == again.hash
    assert len({first.hash, other.hash, held.hash}) == 3
    assert first.with_customer("10001").sales_order.customer.id == "10001"
    assert first.sales_order.customer.id == "?"


def test_hashes_ignore_key_order_and_trailing_zeros_and_refuse_floats() -> None:
    """1.50 and 1.5 are one number; 1.5 as a float is none."""
    assert digest({"a": D("1.50"), "b": (1, None)}) == digest(
        {"b": [1, None], "a": D("1.5")}
    )
    assert digest(visma.NewCustomFields(custom_str1="x")) == digest(
        {"customStr1": "x", "customStr2": None}
    )
    assert digest(datetime(2026, 1, 1, tzinfo=UTC)) != digest("")
    with pytest.raises(TypeError, match="floats"):
        digest({"a": 1.5})
    assert MAPPING_VERSION


def test_a_closed_period_shifts_the_posting_and_says_so() -> None:
    """The order keeps its date; the invoice goes into the next open period."""
    draft = order_to_sales_order(
        an_order(), connection=CONNECTION, periods=[CLOSED, OPEN]
    )

    assert draft.sales_order.date == "2026-03-04T12:00:00Z"
    assert draft.sales_order.financial_information is not None
    assert draft.sales_order.financial_information.post_period == "042026"
    assert draft.notes == (
        "The financial period of 2026-03-04 is closed; posted in 04-2026.",
    )

    parking = a_connection(orders={"closed_periods": "park"})
    with pytest.raises(RecordError) as caught:
        order_to_sales_order(an_order(), connection=parking, periods=[CLOSED, OPEN])
    assert caught.value.code == "PERIOD_CLOSED"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (an_order(store={"id": 9, "name": "Outlet"}), "STORE_NOT_MAPPED"),
        (an_order(store=None), "STORE_NOT_MAPPED"),
        (an_order(currency="NOK"), "CURRENCY_NOT_MAPPED"),
        (an_order([Line(rate="7")]), "VAT_NOT_MAPPED"),
        (an_order(payment_method={"id": 1, "name": "Qliro"}), "PAYMENT_METHOD_NOT_MAPPED"),
        (an_order(shipping_address=None, billing_address=None, country=None),
         "COUNTRY_MISSING"),
    ],
)  # fmt: skip
def test_what_is_not_mapped_parks_the_order(order: centra.Order, code: str) -> None:
    """Unknown is an error, never a default; the record is named."""
    with pytest.raises(RecordError) as caught:
        order_to_sales_order(order, connection=CONNECTION)

    assert (caught.value.code, caught.value.record_id) == (code, "1001")


def test_an_order_without_addresses_takes_its_country_from_itself() -> None:
    """An order that shows no address still has a country to go to."""
    order = an_order(shipping_address=None, billing_address=None)

    shipping = order_to_sales_order(order, connection=CONNECTION).sales_order.shipping

    assert shipping is not None
    assert shipping.address is not None
    assert shipping.address.country_id == "SE"


def test_gift_certificates_alone_need_a_zone_that_is_clear() -> None:
    """Where the buyer's rows name two zones, rate 0 decides, or the order is parked."""
    rows = [
        {"countries": ["SE"], "rate": "25", "category": "A", "zone": "1"},
        {"countries": ["SE"], "rate": "12", "category": "B", "zone": "2"},
    ]
    gift = an_order([Line("500", rate="0", kind="GiftCertificateOrderLine")])
    with pytest.raises(RecordError) as caught:
        order_to_sales_order(gift, connection=a_connection(vat=rows))
    assert caught.value.code == "VAT_NOT_MAPPED"

    zero = {"countries": ["*"], "rate": "0", "category": "C", "zone": "3"}
    draft = order_to_sales_order(gift, connection=a_connection(vat=[*rows, zero]))
    assert draft.sales_order.tax_zone_id == "3"


def test_gift_certificates_keep_their_own_account() -> None:
    """A certificate sold is a debt: no sales account of a rule moves it."""
    order = an_order(
        [Line("299.00"), Line("500", rate="0", kind="GiftCertificateOrderLine")]
    )
    rules = [{"store": "Retail", "sales_account": "3002", "subaccount": {"1": "10"}}]
    draft = order_to_sales_order(order, connection=a_connection(posting=rules))

    shirt, card = draft.sales_order.order_lines
    assert (shirt.sales_account_id, card.sales_account_id) == ("3002", None)
    assert card.subaccount == {"1": "10"}


def test_an_order_whose_units_are_all_cancelled_is_a_cancellation() -> None:
    """Without units and value there is nothing to sell any more."""
    order = an_order([Line("0", 1)])
    empty = order.lines[0].model_copy(update={"quantity": 0, "cancelled_quantity": 1})
    for lines in ((empty,), ()):
        gone = order.model_copy(update={"lines": lines})
        draft = order_to_sales_order(gone, connection=CONNECTION)
        assert draft.wanted_state == "cancelled"
        assert draft.sales_order.status == "Cancelled"


def test_a_held_order_is_wanted_on_hold() -> None:
    """The status of a new order may be Open or Hold."""
    draft = order_to_sales_order(an_order(is_on_hold=True), connection=CONNECTION)

    assert (draft.wanted_state, draft.sales_order.status) == ("hold", "Hold")


def test_vat_rounding_is_noted_with_its_value() -> None:
    """A difference by rounding per document is kept, not hidden."""
    draft = order_to_sales_order(an_order([Line("0.99")] * 9), connection=CONNECTION)

    assert draft.tax_differences == {"25": D("-0.02")}
    assert draft.notes == (
        "VAT at 25 %: -0.02 in Visma.net, by rounding per document.",
    )
    assert draft.sales_order.note is None


def test_a_gift_card_payment_leaves_the_sale_whole() -> None:
    """Part paid by gift card: the sale and its VAT stay what they are."""
    paid = (a_payment("AUTH", "60.00"), a_payment("AUTH_GIFT_CARD", "40.00", id=2))
    draft = order_to_sales_order(an_order(payment_history=paid), connection=CONNECTION)

    assert (draft.expected_total, draft.expected_tax) == (D("100.00"), D("20.00"))
    assert draft.credit == 0
