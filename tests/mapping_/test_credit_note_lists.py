"""What an order shows of its credit notes, and which of them need a person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import RecordError
from mapping.credit_note_lists import (
    LooseCreditNote,
    OrderCreditNotes,
    SeenCreditNote,
    credit_notes_to_attribute,
    loose_credit_note,
)
from mapping.hand_returns import credit_note_to_return
from mapping.order_attributes import OrderAttribute
from mapping.scope import LeftOut
from tests.mapping_.builders import Line, a_connection
from tests.mapping_.sales import a_sale, a_shipment

D = Decimal
CONNECTION = a_connection()
SHIRT, SOCK = "JKT-BLK-M", "SOCK"
SALE = a_sale(
    [
        Line(price="100.00", quantity=2, id=11, sku=SHIRT),
        Line(price="20.00", id=12, sku=SOCK),
    ]
)


def a_note(number: str = "900", **changes: Any) -> SeenCreditNote:
    """A credit note of 500 SEK that answers return 3."""
    values: dict[str, Any] = {
        "number": number,
        "on": "2026-03-10",
        "currency": "SEK",
        "total": D(500),
        "balance": D(500),
        "return_id": 3,
    }
    return SeenCreditNote(**{**values, **changes})


def shown(*notes: SeenCreditNote, known: bool = False) -> OrderAttribute:
    """The attribute of an order with these credit notes."""
    order = OrderCreditNotes(number=1001, notes=notes)
    made = credit_notes_to_attribute(order, CONNECTION, is_known=known)
    assert isinstance(made, OrderAttribute)
    return made


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({}, "500.00 SEK | balance 500.00 | open | return 3"),
        ({"balance": D(0)}, "500.00 SEK | balance 0.00 | settled | return 3"),
        ({"balance": D(9)}, "500.00 SEK | balance 9.00 | partly settled | return 3"),
        (
            {"return_id": None, "is_allowance": True},
            "500.00 SEK | balance 500.00 | open | allowance",
        ),
        ({"return_id": None}, "500.00 SEK | balance 500.00 | open | by hand"),
    ],
)
def test_a_line_says_amount_balance_and_what_it_answers(
    changes: dict[str, Any], end: str
) -> None:
    """One line a credit note."""
    assert shown(a_note(**changes)).text == f"900 | 2026-03-10 | {end}"


def test_the_oldest_comes_first() -> None:
    """By day, then by number."""
    text = shown(a_note("902", on="2026-03-11"), a_note("903"), a_note("901")).text
    assert [line[:3] for line in text.splitlines()] == ["901", "903", "902"]


def test_a_return_is_named_by_its_one_credit_note() -> None:
    """An object has one name: a return with two credit notes gets none."""
    [name] = shown(a_note()).names
    assert (name.object_type, name.object_id, name.value) == ("Return", 3, "N-900")
    assert shown(a_note("901"), a_note("902")).names == ()


def test_a_list_that_became_empty_says_so() -> None:
    """Without credit notes nothing is written, unless something was."""
    empty = OrderCreditNotes(number=1001)
    rule = credit_notes_to_attribute(empty, CONNECTION, is_known=False)

    assert isinstance(rule, LeftOut)
    assert rule.code == "NO_CREDIT_NOTE_YET"
    assert shown(known=True).text == "-"


def test_an_order_that_centra_does_not_show_is_parked() -> None:
    """The credit notes that name it are told."""
    lost = OrderCreditNotes(number=1001, is_found=False, notes=(a_note(),))
    with pytest.raises(RecordError, match="Credit note 900 names order 1001") as caught:
        credit_notes_to_attribute(lost, CONNECTION, is_known=False)
    assert caught.value.code == "CREDIT_NOTE_OF_UNKNOWN_ORDER"


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ({"is_settled": True, "orders": (1001,)}, "ON_ITS_RETURN"),
        ({}, "NOT_FROM_CENTRA"),
        ({"orders": (1001,)}, "CREDIT_NOTE_BY_HAND"),
        ({"reference": "N-R9"}, "CREDIT_NOTE_OF_UNKNOWN_ORDER"),
    ],
)
def test_what_answers_nothing_is_judged(note: dict[str, Any], code: str) -> None:
    """Ours is for a person; what was sold elsewhere, or is settled, is left out."""
    loose = LooseCreditNote(credit_note="900", **note)
    try:
        found = loose_credit_note(loose).code
    except RecordError as error:
        found = error.code
    assert found == code


def lines_of(**items: int) -> dict[int, int]:
    """The lines of the return that so many units become."""
    wanted = {name.replace("_", "-"): D(units) for name, units in items.items()}
    return credit_note_to_return("900", wanted, SALE, CONNECTION).lines


def test_a_hand_made_credit_becomes_a_return_of_the_same_goods() -> None:
    """Units are taken from the shipment's lines of the same item; charges are none."""
    assert lines_of(JKT_BLK_M=1) == {511: 1}
    assert lines_of(JKT_BLK_M=2, SOCK=1, SHIPPING=1) == {511: 2, 512: 1}


@pytest.mark.parametrize("items", [{"SHIPPING": 1}, {"JKT_BLK_M": 3}, {}])
def test_what_no_shipment_carried_needs_a_person(items: dict[str, int]) -> None:
    """Not one unit more than was shipped, and nothing that was not."""
    with pytest.raises(RecordError) as caught:
        lines_of(**items)
    assert caught.value.code == "CREDIT_NOTE_BY_HAND"


def test_goods_on_the_second_shipment_come_back_from_there() -> None:
    """The one shipment that carried them all is taken."""
    first = a_shipment(SALE, id=8)
    first = first.model_copy(
        update={"lines": (first.lines[1].model_copy(update={"id": 700}),)}
    )
    sale = SALE.model_copy(update={"shipments": (first, *SALE.shipments)})
    made = credit_note_to_return("900", {SHIRT: D(1)}, sale, CONNECTION)

    assert (made.shipment, made.lines, made.external_id) == (9, {511: 1}, "N-900")
