"""Shipments, both ways: what the other side must have of them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.errors import RecordError
from connectors.visma import models as visma
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.shipment_models import Shipment, ShipmentLineUpdate
from mapping.dispatched_goods import shipment_changes, wanted_units, warehouse_of
from mapping.fulfilment import (
    centra_shipment_to_dispatch,
    visma_shipment_to_notice,
)
from mapping.invoice_proofs import differences
from tests.mapping_.builders import Line, a_connection, an_order
from tests.mapping_.sale_builders import Splitter

SHIRT = Line(id=11, sku="SHIRT", quantity=3)
CAP = Line(id=12, sku="CAP", rate="12", price="56.00")
GIFT = Line(id=13, kind="GiftCertificateOrderLine", sku=None, rate="0")
SHIPS = {"ships": "centra", "prepare_invoices": True, "warehouse": "MAIN"}
PROVED = a_connection(stores={"*": {**SHIPS, "releases": "connector"}})
SHIPPING = a_connection(stores={"*": SHIPS})


def a_visma_shipment(**changes):
    """Return a confirmed shipment of Visma.net over two sales orders."""
    lines = [
        {
            "lineNumber": number,
            "orderType": "SO",
            "orderNbr": order,
            "orderLineNbr": number,
            "inventoryNumber": item,
            "shippedQty": quantity,
        }
        for number, order, item, quantity in (
            (1, "7", "SHIRT", 2),
            (2, "7", "CAP", 1),
            (3, "8", "SHIRT", 1),
        )
    ]
    return Shipment.model_validate(
        {
            "shipmentNumber": "000101",
            "status": "Confirmed",
            "shipmentDate": "2026-03-05T00:00:00",
            "shipVia": {"id": "PN"},
            "shipmentDetailLines": lines,
            "shipmentPackageLines": [
                {"trackingNumber": " PN1 "},
                {"trackingNumber": "PN2"},
                {"trackingNumber": None},
            ],
        }
        | changes
    )


def a_sale(*parts, lines=(SHIRT, CAP), **changes):
    """Return an order of which some parts left."""
    order = Splitter(an_order(lines))
    for part in parts:
        order.ship(part, **changes)
    return order.sale()


def a_notice(shipment=None, sale=None, *, many=False, own=None, **settings):
    """Return what Centra is told."""
    return visma_shipment_to_notice(
        shipment or a_visma_shipment(),
        sale or a_sale(),
        sales_order="SO/7",
        own=own,
        is_one_of_many=many,
        connection=a_connection(**settings),
    )


def test_a_notice_is_of_the_lines_of_its_own_order():
    """A shipment may serve several orders; each is told what is its own."""
    notice = a_notice(many=True)

    assert notice.units == {11: 2, 12: 1}
    assert notice.reference == "N-V000101-1001"
    assert a_notice().reference == "N-V000101"
    assert notice.shipped_on == date(2026, 3, 5)


def test_all_tracking_numbers_are_told():
    """Several parcels have several numbers; Centra has one field for them."""
    notice = a_notice()

    assert notice.tracking_number == "PN1, PN2"
    assert notice.packages == 3
    assert notice.carrier == "PN"
    assert a_notice(fulfilment={"carriers": {"PN": "PostNord"}}).carrier == "PostNord"


def test_a_notice_remembers_what_was_there_before():
    """What comes on top of it can only be our own; our own is not counted."""
    sale = a_sale({11: 1}, {11: 1})
    first, second = (one.id for one in sale.shipments)
    lines = a_visma_shipment().shipment_detail_lines[:1]
    shipment = a_visma_shipment(
        shipmentDetailLines=[{**lines[0].model_dump(by_alias=True), "shippedQty": 1}]
    )

    assert a_notice(shipment, sale).seen == (first, second)
    assert a_notice(shipment, sale, own=second).seen == (first,)


def test_a_notice_is_the_same_while_the_goods_are():
    """A tracking number that comes late is no other shipment."""
    late = a_visma_shipment(shipmentPackageLines=[], status="Invoiced")

    assert a_notice(late).hash == a_notice().hash
    assert a_notice(sale=a_sale({11: 1})).hash == a_notice().hash


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shipmentDate": None}, "SHIPMENT_UNREADABLE"),
        ({"shipmentDetailLines": []}, "SHIPPED_NOTHING"),
    ],
)
def test_a_shipment_without_day_or_goods_is_refused(changes, code):
    """Nothing is told of it."""
    with pytest.raises(RecordError) as caught:
        a_notice(a_visma_shipment(**changes))

    assert caught.value.code == code


def a_dispatch(sale, connection=SHIPPING, periods=()):
    """Return what Visma.net is to ship of the last shipment."""
    return centra_shipment_to_dispatch(
        sale, sale.shipments[-1], connection=connection, periods=periods
    )


def test_a_dispatch_is_what_left_on_its_own_day():
    """Shipped 31 August 23:30 in Stockholm is August, whenever it is told."""
    at = datetime(2026, 8, 31, 21, 30, tzinfo=UTC)
    dispatch = a_dispatch(a_sale({11: 2}, shipped_at=at))

    assert dispatch.on == date(2026, 8, 31)
    assert [(one.key, one.quantity) for one in dispatch.lines] == [("L11", 2)]
    assert dispatch.reference == f"N-S{dispatch.shipment_id}"
    assert dispatch.prepare_invoice
    assert dispatch.proof is None


def test_a_dispatch_in_a_closed_period_leaves_on_the_first_open_day():
    """A shipment has no period of its own, so its day moves."""
    periods = [
        visma.Period.model_validate(
            {
                "year": 2026,
                "period": f"0{month}",
                "startDate": f"2026-0{month}-01T00:00:00",
                "endDate": f"2026-0{month}-28T00:00:00",
                "active": True,
                "closedInCustomerLedger": month == 3,
            }
        )
        for month in (3, 4)
    ]

    assert a_dispatch(a_sale({11: 1}), periods=periods).on == date(2026, 4, 1)
    parking = a_connection(stores={"*": SHIPS}, orders={"closed_periods": "park"})
    with pytest.raises(RecordError, match="is closed"):
        a_dispatch(a_sale({11: 1}), parking, periods)


def test_a_dispatch_is_the_same_until_goods_day_or_amount_change():
    """A period that closes later changes nothing of what was shipped; a price does."""
    sale = a_sale({11: 2})
    first = a_dispatch(sale)
    closed = [
        visma.Period.model_validate(
            {
                "year": 2026,
                "period": f"0{month}",
                "startDate": f"2026-0{month}-01T00:00:00",
                "endDate": f"2026-0{month}-28T00:00:00",
                "active": month != 3,
            }
        )
        for month in (3, 4)
    ]
    later = a_dispatch(sale, periods=closed)

    assert (later.on, later.hash) == (date(2026, 4, 1), first.hash)
    assert a_dispatch(a_sale({11: 1})).hash != first.hash
    cheaper = a_sale({11: 2}, grand_total={"value": Decimal(150)})
    assert a_dispatch(cheaper).hash != first.hash


def test_gift_certificates_are_no_goods():
    """They are sold, and never in stock."""
    dispatch = a_dispatch(a_sale({11: 1, 13: 1}, lines=(SHIRT, GIFT)))

    assert [one.key for one in dispatch.lines] == ["L11"]


def test_a_dispatch_knows_what_left_before():
    """Parts of an order go one after the other."""
    sale = a_sale({11: 1}, {11: 1})

    assert a_dispatch(sale).earlier == (sale.shipments[0].id,)


def an_order_line(number, key, **changes):
    """Return a line of a sales order."""
    return visma.SalesOrderLine.model_validate(
        {
            "lineId": number,
            "inventory": {"id": "SHIRT"},
            "quantity": 3,
            "unitPrice": 100,
            "warehouseId": "MAIN",
            "customFields": {"customStr1": key},
        }
        | changes
    )


def test_lines_are_found_by_our_key_never_by_position():
    """A person may have sorted the lines of the sales order."""
    dispatch = a_dispatch(a_sale({11: 2, 12: 1}))
    lines = [an_order_line(4, "L12"), an_order_line(9, "L11"), an_order_line(5, "S1")]

    assert wanted_units(dispatch, lines, "SO 7") == {9: 2, 4: 1}
    with pytest.raises(RecordError) as caught:
        wanted_units(dispatch, lines[1:], "SO 7")
    assert caught.value.code == "LINE_NOT_IN_SALES_ORDER"


def test_lines_of_an_earlier_connector_are_found_by_item():
    """They carry no key of ours; there must be room for what left."""
    dispatch = a_dispatch(a_sale({11: 2, 12: 1}))
    lines = [
        an_order_line(1, None, quantity=1),
        an_order_line(2, None, quantity=2),
        an_order_line(3, "L12", inventory={"id": "CAP"}),
    ]

    assert wanted_units(dispatch, lines, "SO 7") == {1: 1, 2: 1, 3: 1}
    with pytest.raises(RecordError) as caught:
        wanted_units(dispatch, [lines[0], lines[2]], "SO 7")
    assert caught.value.code == "LINE_NOT_IN_SALES_ORDER"


def test_a_shipment_leaves_from_one_warehouse():
    """Lines in two warehouses are a person's; the line knows better than the setting."""
    dispatch = a_dispatch(a_sale({11: 2}))
    here, there = an_order_line(1, "L11"), an_order_line(2, "L12", warehouseId="B")
    nowhere = an_order_line(1, "L11", warehouseId=None)

    assert warehouse_of(dispatch, {1: Decimal(2)}, [here, there], "SO 7") == "MAIN"
    assert warehouse_of(dispatch, {2: Decimal(1)}, [here, there], "SO 7") == "B"
    assert warehouse_of(dispatch, {1: Decimal(2)}, [nowhere], "SO 7") == "MAIN"
    both = {1: Decimal(2), 2: Decimal(1)}
    with pytest.raises(RecordError, match="several warehouses") as caught:
        warehouse_of(dispatch, both, [here, there], "SO 7")
    assert caught.value.code == "WAREHOUSE_UNCLEAR"


def changes_of(units, **changes):
    """Return what changes in the shipment, whose lines carry 2, 1 and 1."""
    return shipment_changes(
        a_visma_shipment(status="Open", **changes),
        {key: Decimal(value) for key, value in units.items()},
        a_dispatch(a_sale({11: 1})),
        label="shipment 1001-1",
    )


def test_what_did_not_leave_comes_off_and_the_rest_is_lowered():
    """Visma.net puts all that is open on a shipment."""
    change = changes_of({1: 1, 3: 1})

    assert change.custom_str1 == "N-S501"
    assert change.shipment_detail_lines == (
        ShipmentLineUpdate(operation="Update", line_number=1, shipped_qty=Decimal(1)),
        ShipmentLineUpdate(operation="Delete", line_number=2),
    )


def test_a_shipment_that_is_right_and_marked_is_left_alone():
    """Going on after a lost answer changes nothing that is done."""
    units = {1: 2, 2: 1, 3: 1}

    assert changes_of(units, customStr1="N-S501") is None
    assert changes_of(units).shipment_detail_lines == ()


def test_a_shipment_that_waited_gets_the_right_day():
    """A picking list may be of another day, or of a period that was closed since."""
    units = {1: 2, 2: 1, 3: 1}
    change = changes_of(units, customStr1="N-S501", shipmentDate="2026-02-27T00:00:00")

    assert change.shipment_date == "2026-03-05T00:00:00"
    assert change.shipment_detail_lines == ()


def test_a_shipment_that_carries_less_is_refused():
    """The goods left, so Visma.net's stock is wrong: a person must look."""
    with pytest.raises(RecordError, match="3 units of line 1 left") as caught:
        changes_of({1: 3})

    assert caught.value.code == "SHORT_IN_VISMA"


def an_invoice(total, **vat):
    """Return an invoice with VAT by rate, given as `r25="..."`."""
    rows = [
        {
            "vatId": {"number": rate},
            "vatRate": Decimal(rate[1:].replace("_", ".")),
            "vatAmount": Decimal(amount),
        }
        for rate, amount in vat.items()
    ]
    return InvoiceRow.model_validate(
        {
            "referenceNumber": "200001",
            "currencyId": "SEK",
            "amount": Decimal(total),
            "vatTotal": sum((row["vatAmount"] for row in rows), Decimal(0)),
            "taxDetails": rows,
        }
    )


def test_an_invoice_is_proved_per_vat_rate():
    """3 × 100.00 at 25 % and 56.00 at 12 %, with VAT: 60.00 and 6.00 of it."""
    proof = a_dispatch(a_sale({11: 3, 12: 1}), PROVED).proof

    assert (proof.total, proof.vat) == (Decimal("356.00"), {"25": 60, "12": 6})
    assert differences(proof, an_invoice("356.00", r25="60.00", r12="6.00")) == []
    assert differences(proof, an_invoice("356.00", r25="60.01", r12="6.00")) == []
    # the same total and the same VAT, at other rates
    assert differences(proof, an_invoice("356.00", r25="58.00", r12="8.00")) == [
        "its VAT at 12 % is 8.00, not 6.00",
        "its VAT at 25 % is 58.00, not 60.00",
    ]
    assert differences(proof, an_invoice("357.00", r25="60.00", r12="6.00")) == [
        "its total is 357.00, not 356.00"
    ]
    assert differences(proof, an_invoice("356.00", r25="60.00", r6="6.00")) == [
        "its VAT at 12 % is 0, not 6.00",
        "its VAT at 6 % is 6.00, not 0",
    ]


def test_an_invoice_that_hides_its_vat_details_is_proved_by_its_sum():
    """Details are there only where the read asks for them."""
    proof = a_dispatch(a_sale({11: 3, 12: 1}), PROVED).proof
    bare = an_invoice("356.00").model_copy(update={"vat_total": Decimal(70)})

    assert differences(proof, bare) == ["its VAT is 70, not 66.00"]


def test_an_invoice_in_another_currency_is_refused():
    """Amounts alone prove nothing."""
    proof = a_dispatch(a_sale({11: 3, 12: 1}), PROVED).proof
    invoice = an_invoice("356.00", r25="60.00", r12="6.00")

    assert differences(proof, invoice.model_copy(update={"currency_id": "EUR"})) == [
        "it is in EUR, not SEK"
    ]
