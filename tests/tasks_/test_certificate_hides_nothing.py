"""What could slip past the certificate: old customers, sums of nothing, blanks, other reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from mapping.certificate import Cause
from sandbox.visma.hand_documents import make_document
from tasks.certificate import certify, sign_difference
from tasks.csv_files import write_table
from tasks.environment import use_environment
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_connection, a_stand
from tests.tasks_.test_certificate import certified, found

D = Decimal


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


async def test_a_customer_of_long_ago_is_ours(stand: Stand) -> None:
    """An invoice by hand is shown in its month, though the only sale was months before."""
    order = stand.place(account=1, lines=[{"sku": "NH1104NAVM"}])
    stand.edit(order, "ship")
    await settle(stand)
    [ours] = stand.company.books.invoices.values()
    stand.wait(minutes=60 * 24 * 60)
    await settle(stand)
    stand.company.add_invoice(
        customer=ours.customer,
        gross=D(10000),
        vat=D(2000),
        currency="SEK",
        on=date(2026, 5, 8),
    )

    with use_environment(stand.environment):
        done = await certify("nordhem", date(2026, 5, 1), date(2026, 5, 9))

    [one] = done.certificate.differences
    assert (one.cause, abs(one.amount)) == (Cause.UNKNOWN_DOCUMENT, 10000_00)


async def test_a_document_of_nothing_that_moves_vat_is_shown(stand: Stand) -> None:
    """1,000 with VAT less 1,000 without comes to nothing, and to 200 of VAT."""
    sold(stand)
    await settle(stand)
    lines = [
        {"account": "3001", "price": price, "quantity": 1, "vat_category": category}
        for price, category in (("1000", "STDG"), ("-1000", "EXEMPT"))
    ]
    made = make_document(
        stand.company, "Invoice", {"customer": "10001", "lines": lines}
    )

    [one] = [d for d in await found(stand) if made["number"] in d.documents]
    vat = stand.company.books.invoices[made["number"]].vat
    assert (one.cause, abs(one.amount)) == (Cause.UNKNOWN_DOCUMENT, int(vat * 100))
    assert "it comes to nothing, its VAT does not" in one.sentence


async def test_a_zone_that_was_taken_off_is_shown(stand: Stand) -> None:
    """Without one a sale stands in no country's return."""
    sold(stand)
    await settle(stand)
    [invoice] = stand.company.books.invoices.values()
    invoice.vat_zone = None

    [one] = await found(stand)
    assert one.cause is Cause.CHANGED_IN_VISMA
    assert "VAT zone is none, not SE" in one.sentence


@pytest.mark.parametrize("post_as", ["sales_order", "invoice"])
async def test_a_signature_is_for_the_reason_that_was_signed(
    tmp_path: Path, post_as: str
) -> None:
    """What is parked for another reason since, with the same amount, is signed by nobody."""
    rows = [row.model_dump() for row in a_connection().vat if "SE" in row.countries]
    others = posting(post_as)
    named = [one for one in others["stores"]["*"]["collective"] if "country" in one]
    others["stores"]["*"]["collective"] = named

    with a_stand(tmp_path, **posting(post_as), vat=rows) as stand:
        order = sold(stand, country="DE")
        await settle(stand)
        assert "VAT_NOT_MAPPED" in stand.parked().values()
        waiting = (await certified(stand)).unsigned
        with use_environment(stand.environment):
            for one in waiting:
                sign_difference("nordhem", one.id, by="Kim", note="the row is coming")
        assert (await certified(stand)).unsigned == []
        stand.change(**others)
        stand.edit(order, "touch")
        await settle(stand)
        assert "VAT_NOT_MAPPED" not in stand.parked().values()
        assert stand.parked()
        assert (await certified(stand)).unsigned != []


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path: Path) -> None:
    """Figures stay figures."""
    cells = ["=HYPERLINK(1)", "-1,200.50", "+46 90", "@x", "-", "Åsa", "-12"]
    write_table(pd.DataFrame({"cell": cells}), tmp_path / "a.csv")

    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines() == [
        "cell",
        "'=HYPERLINK(1)",
        '"-1,200.50"',
        "'+46 90",
        "'@x",
        "'-",
        "Åsa",
        "-12",
    ]
