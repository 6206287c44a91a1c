"""Edits reach the lines they belong to, and what has shipped is not taken back."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.order_changes import OrderChanges, changes
from mapping.orders import order_to_sales_order
from tests.mapping_.builders import Line, a_connection, an_order

D = Decimal
CONNECTION = a_connection()
LINES = [Line("299.00", 2), Line("49.90", 3, "12", sku="SOCK")]


def wanted(lines=LINES, **changes_: Any) -> visma.NewSalesOrder:
    """Return the sales order wanted for an order."""
    values = {"shipping": "49.00", **changes_}
    return order_to_sales_order(
        an_order(lines, **values), connection=CONNECTION
    ).sales_order


def there(
    order: visma.NewSalesOrder, *, shipped: dict[str, str] | None = None
) -> tuple[visma.SalesOrderLine, ...]:
    """Return the lines as Visma.net shows them, in another order."""
    rows = [
        visma.SalesOrderLine.model_validate(
            {
                "line_id": 100 + position,
                "inventory": {"id": line.inventory_id.upper()},
                "line_type": "GoodsForInventory"
                if _key(line).startswith("L")
                else "MiscCharge",
                "description": line.description,
                "quantity": line.quantity.quantize(D("0.000000")),
                "unit_price": line.unit_price.quantize(D("0.000000")),
                "discount_amount": line.discount_amount.quantize(D("0.0000")) or None,
                "tax_category_id": line.tax_category_id,
                "quantity_on_shipments": D((shipped or {}).get(_key(line), "0")),
                "custom_fields": {"custom_str1": _key(line)},
            }
        )
        for position, line in enumerate(order.order_lines)
    ]
    return tuple(reversed(rows))


def _key(line: visma.NewSalesOrderLine) -> str:
    assert line.custom_fields is not None
    return line.custom_fields.custom_str1 or ""


def header(order: visma.NewSalesOrder, **fields: Any) -> visma.SalesOrder:
    """Return the header as Visma.net shows it."""
    values: dict[str, Any] = {
        "type": "SO",
        "order_id": "000123",
        "date": "2026-03-04T00:00:00Z",
        "currency_id": "SEK",
        "status": {"description": "Open"},
        "customer": {"id": "10001", "order": "N-1001", "tax_zone": {"id": "SE"}},
        "totals": {"order_total": D(1), "tax_total": D(0)},
        "note": order.note,
    }
    return visma.SalesOrder.model_validate({**values, **fields})


def read(order: visma.NewSalesOrder, side: str) -> dict[str, Any]:
    """Return where goods or invoice go, as Visma.net shows it."""
    place = getattr(order, side)
    address = place.address.model_dump()
    return {
        "address": {**address, "country": {"id": address["country_id"]}},
        "contact": {**place.contact.model_dump(), "attention": ""},
    }


def code_of(*arguments: Any, **options: Any) -> str:
    """Return why a change is parked."""
    with pytest.raises(RecordError) as caught:
        changes(*arguments, **options)
    assert caught.value.record_id == "N-1001"
    return caught.value.code


def test_unchanged_is_nothing_at_all() -> None:
    """Other zeros, another line order and empty texts are no change."""
    order = wanted()
    current = header(
        order, shipping=read(order, "shipping"), billing=read(order, "billing")
    )

    found = changes(current, there(order), order)

    assert found == OrderChanges()
    assert found == OrderChanges()


def test_a_changed_quantity_patches_that_line_alone() -> None:
    """The line is found by our key; price and discount go with the quantity."""
    before = wanted()
    after = wanted([Line("299.00", 1), LINES[1]])

    found = changes(header(before), there(before), after)

    assert [patch.line_id for patch in found.patch] == [100, 102, 103]
    assert found.patch[0] == visma.SalesOrderPatchLine(
        line_id=100,
        quantity=D(1),
        unit_price=D(299),
        has_manual_price=True,
        discount_amount=D(0),
        has_manual_discount=True,
    )
    assert (found.add, found.delete, found.header, found.status) == ((), (), None, None)


def test_lines_come_and_go() -> None:
    """A new line is added, a vanished one deleted."""
    before = wanted([Line("299.00", 2, id=11)], shipping="0")
    after = wanted([Line("299.00", 2, id=12)], shipping="0")

    found = changes(header(before), there(before), after)

    assert found.delete == (100,)
    assert [_key(line) for line in found.add] == ["L12"]
    assert found.patch == ()


def test_another_item_is_another_line() -> None:
    """A line cannot change its item, so it is made anew."""
    before = wanted([Line(id=11)], shipping="0")
    after = wanted([Line(id=11, sku="COAT")], shipping="0")

    found = changes(header(before), there(before), after)

    assert found.delete == (100,)
    assert [line.inventory_id for line in found.add] == ["COAT"]


def test_category_and_description_are_patched_by_themselves() -> None:
    """What has not changed is not written."""
    order = wanted([Line()], shipping="0")
    (line,) = there(order)
    other = line.model_copy(update={"tax_category_id": "X", "description": "Y"})

    (patch,) = changes(header(order), (other,), order).patch

    assert patch == visma.SalesOrderPatchLine(
        line_id=100, tax_category_id="STDG", description="Jacket Åre, M"
    )
    unread = line.model_copy(update={"tax_category_id": None})
    assert changes(header(order), (unread,), order) == OrderChanges()


@pytest.mark.parametrize(
    ("after", "added"),
    [([Line("299.00", 1, id=11)], 0), ([Line("299.00", 2, id=12)], 1)],
    ids=["smaller", "gone"],
)
def test_shipped_units_are_not_taken_back(after, added: int) -> None:
    """What has left the warehouse is for a person; the rest is carried over."""
    before = wanted([Line("299.00", 2, id=11)], shipping="0")
    lines = there(before, shipped={"L11": "2"})

    found = changes(header(before), lines, wanted(after, shipping="0"))

    assert found.refusal is not None
    assert found.refusal.code == "SHIPPED_LINE_SHRINKS"
    assert "line 100 has 2 units on shipments" in found.refusal.message
    assert found.refusal.message.endswith("the rest of the change was made.")
    assert (len(found.add), found.delete, found.patch) == (added, (), ())


def test_a_line_of_which_a_part_left_is_not_ordered_again_as_another_item() -> None:
    """One of three has left: three more of the new item would be four of three."""
    before = wanted([Line("299.00", 3, id=11)], shipping="0")
    after = wanted([Line("299.00", 3, id=11, sku="COAT")], shipping="0")

    found = changes(header(before), there(before, shipped={"L11": "1"}), after)

    assert found.refusal is not None
    assert found.refusal.code == "LINE_DONE"
    assert "is item COAT in Centra now" in found.refusal.message
    assert (found.add, found.patch, found.delete) == ((), (), ())


def test_a_completed_line_stops_no_other() -> None:
    """Visma.net refuses the whole call if one of its lines is completed."""
    before = wanted([Line("299.00", 3, id=11), Line("49.90", 3, id=12)], shipping="0")
    after = wanted([Line("299.00", 1, id=11), Line("49.90", 2, id=12)], shipping="0")
    lines = [
        one.model_copy(update={"completed": one.line_id == 101})
        for one in there(before, shipped={"L11": "2"})
    ]

    found = changes(header(before), lines, after)

    assert [(one.line_id, one.quantity) for one in found.patch] == [(100, D(2))]
    assert found.refusal is not None
    assert "line 101 is completed" in found.refusal.message


def test_a_new_text_of_a_completed_line_does_not_matter() -> None:
    """What is over is not renamed."""
    before = wanted([Line("299.00", 3, id=11)], shipping="0")
    [line] = there(before)
    done = line.model_copy(update={"completed": True, "description": "As it was"})

    assert changes(header(before), [done], before) == OrderChanges()


@pytest.mark.parametrize(("currency", "discount"), [("SEK", "66.67"), ("JPY", "67")])
def test_what_nobody_wants_any_more_is_cut_to_what_has_shipped(
    currency: str, discount: str
) -> None:
    """Units that Centra cancelled and that have not left are on order no more."""
    before = wanted([Line("299.00", 3, id=11)], shipping="0")
    [line] = there(before, shipped={"L11": "2"})
    line = line.model_copy(update={"discount_amount": D("100.00")})

    current = header(before, currency_id=currency)

    found = changes(current, [line], wanted([Line("49.90", 1, id=12)]))

    assert found.refusal is not None
    [cut] = found.patch
    assert (cut.line_id, cut.quantity) == (100, D(2))
    assert cut.unit_price == line.unit_price
    assert cut.discount_amount == D(discount)
    once_more = line.model_copy(update={"quantity": D(2)})
    assert not changes(header(before), [once_more], wanted(LINES[1:])).patch


def test_a_line_on_its_way_is_not_touched() -> None:
    """While a shipment is open Visma.net changes no line: nothing is half done."""
    before = wanted([Line("299.00", 3, id=11)], shipping="0")
    moving = header(before, status={"description": "Shipping"})
    lines = there(before, shipped={"L11": "2"})

    with pytest.raises(RecordError) as stopped:
        changes(moving, lines, wanted([Line("299.00", 1, id=11)], shipping="0"))
    assert stopped.value.code == "SHIPPED_LINE_SHRINKS"
    assert "the rest of the change" not in stopped.value.message
    assert "Retry this once the shipment has left" in stopped.value.fix


def test_a_line_may_shrink_to_what_has_shipped() -> None:
    """One of two shipped: one is left to cancel."""
    before = wanted([Line("299.00", 2, id=11)], shipping="0")
    after = wanted([Line("299.00", 1, id=11)], shipping="0")

    found = changes(header(before), there(before, shipped={"L11": "1"}), after)

    assert [patch.quantity for patch in found.patch] == [D(1)]


# --- header


def test_a_new_address_is_written_whole() -> None:
    """Once an address is given, all of it must be."""
    before, after = wanted(), wanted()
    moved = read(before, "shipping")
    moved["address"]["line1"] = "Lillgatan 2"
    current = header(before, shipping=moved, billing=read(before, "billing"))

    found = changes(current, there(before), after)

    assert found.header is not None
    assert found.header.shipping is not None
    assert found.header.shipping.address == after.shipping.address
    assert found.header.billing is None

    renamed = read(before, "billing")
    renamed["contact"]["name"] = "Bo"
    found = changes(header(before, billing=renamed), there(before), after)
    assert found.header == visma.SalesOrderPatch(billing=after.billing)


def test_the_zone_follows_the_order() -> None:
    """Another VAT zone is patched."""
    order = wanted()
    other = {"id": "1", "order": "N-1001", "tax_zone": {"id": "EXPORT"}}

    found = changes(header(order, customer=other), there(order), order)

    assert found.header == visma.SalesOrderPatch(tax_zone_id="SE")


def test_a_persons_note_stays() -> None:
    """Our lines are added to what a person wrote, once."""
    order = wanted().model_copy(update={"note": "one\ntwo"})

    found = changes(header(order, note="Ring first\none"), there(order), order)
    assert found.header == visma.SalesOrderPatch(note="Ring first\none\ntwo")
    found = changes(header(order, note=None), there(order), order)
    assert found.header == visma.SalesOrderPatch(note="one\ntwo")
    found = changes(header(order, note="two one"), there(order), order)
    assert found == OrderChanges()


# --- states


def test_a_hold_goes_both_ways() -> None:
    """Held in Centra is held in Visma.net; lifting can be left to a person."""
    order = wanted()
    held = wanted(is_on_hold=True)
    on_hold = header(order, status={"description": "On hold", "hold": True})

    assert changes(header(order), there(order), held) == OrderChanges(status="Hold")
    assert changes(on_hold, there(order), held) == OrderChanges()
    assert changes(on_hold, there(order), order) == OrderChanges(status="Open")
    assert changes(on_hold, there(order), order, lift_hold=False) == OrderChanges()


def test_a_cancelled_order_is_cancelled_once() -> None:
    """Cancelling touches no line, and twice is once."""
    order, cancelled = wanted(), wanted(status="CANCELLED")
    gone = header(order, status={"description": "Cancelled", "cancelled": True})

    assert cancelled.status == "Cancelled"
    assert changes(header(order), there(order), cancelled) == OrderChanges(
        status="Cancelled"
    )
    assert changes(gone, there(order), cancelled) == OrderChanges()


@pytest.mark.parametrize("state", ["Open", "BackOrder", "Back order"])
def test_the_rest_of_a_cancelled_order_is_closed(state: str) -> None:
    """What was shipped is returned; what was not will not leave, nor be held from sale."""
    order, cancelled = wanted(), wanted(status="CANCELLED")
    current = header(order, status={"description": state})

    found = changes(current, there(order, shipped={"L11": "1"}), cancelled)

    assert found == OrderChanges(status="Completed", refusal=found.refusal)
    assert found.refusal is not None
    assert found.refusal.code == "ORDER_ALREADY_SHIPPED"
    assert "so that the 4 others do not leave" in found.refusal.message


@pytest.mark.parametrize("state", ["Shipping", "Hold"])
def test_what_may_still_leave_of_a_cancelled_order_is_named(state: str) -> None:
    """Visma.net closes none while a shipment is open, and none that is on hold."""
    order, cancelled = wanted(), wanted(status="CANCELLED")
    current = header(order, status={"description": state, "hold": state == "Hold"})

    with pytest.raises(RecordError) as stopped:
        changes(current, there(order, shipped={"L11": "1"}), cancelled)
    assert stopped.value.code == "ORDER_ALREADY_SHIPPED"
    assert "4 more may still be sent" in stopped.value.message
    assert stopped.value.fix.startswith("Retry this once no shipment")


def test_a_cancelled_order_that_was_closed_is_only_told() -> None:
    """Tried again it is parked again, and nothing is written."""
    order, cancelled = wanted(), wanted(status="CANCELLED")
    done = header(order, status={"description": "Completed"})

    with pytest.raises(RecordError) as stopped:
        changes(done, there(order, shipped={"L11": "1"}), cancelled)
    assert stopped.value.message.endswith("cannot be cancelled.")


def test_what_is_completed_is_not_cancelled() -> None:
    """It was invoiced, or closed by somebody: only a person knows which."""
    order = wanted()
    done = header(order, status={"description": "Completed"})

    assert code_of(done, there(order), wanted(status="CANCELLED")) == "ORDER_COMPLETED"


def test_an_order_cancelled_in_visma_is_not_edited() -> None:
    """Two systems that disagree are for a person."""
    order = wanted()
    gone = header(order, status={"cancelled": True})

    assert code_of(gone, there(order), order) == "CANCELLED_IN_VISMA"


# --- lines of others


def test_lines_of_another_connector_are_left_alone_if_they_are_the_same() -> None:
    """An adopted order without our keys is fine while its goods are the same."""
    order = wanted()
    theirs = tuple(
        line.model_copy(update={"custom_fields": None}) for line in there(order)
    )

    assert changes(header(order), theirs, order) == OrderChanges()
    edited = wanted([Line("299.00", 1), LINES[1]])
    assert code_of(header(order), theirs, edited) == "LINES_NOT_OURS"


def test_an_added_or_copied_line_is_for_a_person() -> None:
    """A line without key, or a key twice, would be edited by guess."""
    order = wanted()
    lines = there(order)
    foreign = lines[0].model_copy(update={"custom_fields": None, "line_id": 999})

    assert code_of(header(order), (*lines, foreign), order) == "LINES_NOT_OURS"
    assert code_of(header(order), (*lines, lines[0]), order) == "LINES_NOT_OURS"
