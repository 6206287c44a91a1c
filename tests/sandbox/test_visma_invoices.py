"""Customer invoices: creating, VAT, refusals, changing, releasing, reversing, lists."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_documents import (
    INVOICES,
    NOTES,
    a_credit_note,
    a_document_line,
    account,
    an_invoice,
    balance,
    credited,
    invoiced,
    posted,
    refused,
    released,
    shown,
    wrapped,
)
from tests.sandbox.visma_stand import Stand, a_stand

POST = "/erp/v2/customerinvoice"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def test_life_of_an_invoice(stand: Stand) -> None:
    """A new invoice is Balanced, a released one Open and in the general ledger."""
    number = await invoiced(stand, release=False)
    draft = await shown(stand, f"{INVOICES}/{number}")
    assert (draft["status"], draft["amount"], draft["balance"]) == (
        "Balanced",
        125,
        125,
    )
    assert balance(stand) == 0

    assert await released(stand, f"{INVOICES}/{number}") == "Done"

    open_ = await shown(stand, f"{INVOICES}/{number}")
    assert (open_["status"], open_["documentDate"], open_["financialPeriod"]) == (
        "Open",
        "2026-03-09T00:00:00",
        "202603",
    )
    assert balance(stand) == 125
    assert (account(stand, "3001"), account(stand, "2610")) == (-100, -25)


async def test_vat_is_rounded_once_per_id(stand: Stand) -> None:
    """Three lines of a third of a krona VAT each make one krona, by id of zone and category."""
    lines = [
        a_document_line(unitPriceInCurrency="1.30"),
        a_document_line(unitPriceInCurrency="1.30"),
        a_document_line(unitPriceInCurrency="1.30", vatCodeId="STD"),
        a_document_line(unitPriceInCurrency=10, vatCodeId="LOWG"),
        a_document_line(unitPriceInCurrency=7, vatCodeId="EXEMPT"),
    ]
    for line in lines:
        line["unitPriceInCurrency"] = {
            "value": float(line["unitPriceInCurrency"]["value"])
        }
    number = await invoiced(stand, *lines)
    read = await shown(stand, f"{INVOICES}/{number}")
    assert [
        (tax["taxId"], tax["taxableAmount"], tax["vatAmount"])
        for tax in read["taxDetails"]
    ] == [("E0", 7, 0), ("SE25", 3.9, 0.98), ("SE6G", 9.43, 0.57)]
    assert (read["amount"], read["vatTotal"]) == (21.88, 1.55)
    assert (read["vatTaxableTotal"], read["vatExemptTotal"]) == (13.33, 7)
    assert read["roundingDiff"] == 0


async def test_amounts_and_their_currencies_on_reads(stand: Stand) -> None:
    """Plain is the document's currency and InCurrency the company's, at the given rate."""
    line = a_document_line(unitPriceInCurrency=100, vatCodeId="ZERO")
    number = await invoiced(
        stand, line, customerNumber="10009", currencyId="USD", exchangeRate=10.5
    )
    read = await shown(stand, f"{INVOICES}/{number}")
    assert (read["amount"], read["amountInCurrency"]) == (100, 1050)
    [shown_line] = read["invoiceLines"]
    assert (shown_line["unitPrice"], shown_line["unitPriceInCurrency"]) == (100, 1050)
    assert read["exchangeRate"] == 10.5
    journal = stand.company.books.journal
    assert journal.customers_in_base["10009"] == 1050


async def test_prices_and_discounts(stand: Stand) -> None:
    """A discount counts only with manualDiscount; a manual amount replaces the price."""
    number = await invoiced(
        stand,
        a_document_line(
            quantity=2, discountAmountInCurrency=20, manualDiscount=True, vatCodeId="RC"
        ),
        a_document_line(quantity=2, discountAmountInCurrency=20, vatCodeId="RC"),
        a_document_line(
            quantity=3, manualAmountInCurrency=50, accountNumber="3002", vatCodeId="RC"
        ),
        a_document_line(
            quantity=2, discountPercent=50, manualDiscount=True, vatCodeId="RC"
        ),
    )
    read = await shown(stand, f"{INVOICES}/{number}")
    assert [line["amount"] for line in read["invoiceLines"]] == [180, 200, 50, 100]
    assert account(stand, "3002") == -50


async def test_lines_without_an_item(stand: Stand) -> None:
    """A line of an account has a quantity of one, and its subaccount is kept."""
    line = {
        "operation": "Insert",
        **wrapped(
            accountNumber="3004", unitPriceInCurrency=80, description="x", vatCodeId="E"
        ),
        "subaccount": [{"segmentId": 1, "segmentValue": "10"}],
    }
    line["vatCodeId"] = {"value": "EXEMPT"}
    number = await invoiced(stand, line)
    [read] = (await shown(stand, f"{INVOICES}/{number}"))["invoiceLines"]
    assert (read["amount"], read["account"]["number"]) == (80, "3004")
    assert read["subaccount"]["segments"] == [{"segmentId": 1, "segmentValue": "10"}]


async def test_vat_given_by_hand(stand: Stand) -> None:
    """TaxDetailLines replace what was computed; an id that is not there is refused."""
    taxes = [wrapped(taxId="SE25", vatAmount=25.01)]
    number = await invoiced(stand, taxDetailLines=taxes)
    read = await shown(stand, f"{INVOICES}/{number}")
    assert (read["amount"], read["vatTotal"]) == (125.01, 25.01)
    taxes = [wrapped(taxId="NO25", vatAmount=25)]
    status, text = await refused(stand, "POST", POST, an_invoice(taxDetailLines=taxes))
    assert (status, "Tax 'NO25'" in text) == (400, True)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"customerNumber": "99999"}, "CustomerID '99999' cannot be found"),
        ({"customerNumber": None}, "CustomerID"),
        ({"currencyId": "XXX"}, "Currency 'XXX'"),
        ({"creditTermsId": "99"}, "Terms '99'"),
        ({"customerVatZoneId": "XX"}, "TaxZoneID 'XX'"),
        ({"branchNumber": "9"}, "Branch '9'"),
        ({"project": "P1"}, "Project 'P1'"),
        ({"documentDate": "2026-02-28T00:00:00"}, "'02-2026' is closed"),
        ({"financialPeriod": "202602"}, "'02-2026' is closed"),
        ({"postPeriod": "022026"}, "'02-2026' is closed"),
        ({"documentDate": "1999-01-01"}, "no financial period"),
        ({"exchangeRate": 0}, "exchange rate"),
        ({"referenceNumber": "A1"}, "number series"),
        ({"externalReference": "x" * 41}, "greatest length is 40"),
        ({"invoiceText": "x" * 51}, "greatest length is 50"),
    ],
)
async def test_refused_headers(
    stand: Stand, changes: dict[str, Any], text: str
) -> None:
    """Each broken rule is said in the ERP's words, and nothing is created."""
    stand.company.close_period("202602")
    status, said = await refused(stand, "POST", POST, an_invoice(**changes))
    assert status in {400, 500}
    assert text in said
    assert "VismaId" in said
    assert not stand.company.invoices


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"inventoryNumber": "JACKET-M"}, "Only a non-stock item can be selected"),
        ({"inventoryNumber": "NOTHING"}, "InventoryID 'NOTHING'"),
        ({"inventoryNumber": None}, "'Account'"),
        ({"vatCodeId": "0"}, "TaxCategoryID '0' cannot be found in the system."),
        ({"accountNumber": "9999"}, "Account '9999'"),
        ({"branchNumber": "9"}, "Branch '9'"),
        ({"unitPriceInCurrency": -100}, "cannot be negative"),
        (
            {"discountAmountInCurrency": 101, "manualDiscount": True},
            "greater than the extended price",
        ),
        ({"quantity": "1"}, "could not be converted"),
    ],
)
async def test_refused_lines(stand: Stand, changes: dict[str, Any], text: str) -> None:
    """Stock items and unknown codes are refused, and nothing is created."""
    body = an_invoice(a_document_line(**changes))
    status, said = await refused(stand, "POST", POST, body)
    assert status in {400, 500}
    assert text in said
    assert not stand.company.invoices


async def test_a_line_needs_its_operation(stand: Stand) -> None:
    """Without operation a line is refused, on a new document too."""
    line = a_document_line()
    del line["operation"]
    assert "'operation'" in (await refused(stand, "POST", POST, an_invoice(line)))[1]


async def test_bare_fields_are_refused(stand: Stand) -> None:
    """A scalar that stands bare cannot be read."""
    body = an_invoice() | {"customerNumber": "10001"}
    status, said = await refused(stand, "POST", POST, body)
    assert (status, "Error converting value" in said) == (400, True)


@pytest.mark.parametrize("status", ["OnHold", "CreditHold", "Inactive"])
async def test_blocked_customers(stand: Stand, status: str) -> None:
    """A blocked customer gets no invoice."""
    stand.company.set_customer_status("10001", status)
    assert status in (await refused(stand, "POST", POST, an_invoice()))[1]


async def test_currency_override(stand: Stand) -> None:
    """A wholesale customer is invoiced in its own currency only."""
    number = stand.company.add_customer(name="Shop", currency="EUR", vat_zone="EUB2B")
    body = an_invoice(customerNumber=number)
    assert "override" in (await refused(stand, "POST", POST, body))[1]


async def test_own_number_is_taken_once(stand: Stand) -> None:
    """A number of one's own makes the second POST a refusal; without it there are two."""
    own = {"referenceNumber": "C-1", "overrideNumberSeries": True}
    assert await invoiced(stand, release=False, **own) == "C-1"
    assert (
        "Another process has added"
        in (await refused(stand, "POST", POST, an_invoice(**own)))[1]
    )
    assert await invoiced(stand, release=False) != await invoiced(stand, release=False)


async def test_drafts_are_changed_and_deleted(stand: Stand) -> None:
    """A PUT changes what it names; a released invoice is neither changed nor deleted."""
    number = await invoiced(stand, release=False, hold=True)
    path = f"{INVOICES}/{number}"
    assert (await shown(stand, path))["status"] == "Hold"
    etag = (await stand.get(path)).headers["etag"]
    lines = [
        a_document_line(operation="Update", lineNumber=1, unitPriceInCurrency=200),
        a_document_line(vatCodeId="LOW"),
    ]
    body = wrapped(hold=False, invoiceLines=lines)
    changed = await stand.call("PUT", path, headers={"If-Match": etag}, json=body)
    assert changed.status_code == 204, changed.text
    read = await shown(stand, path)
    assert (read["status"], read["amount"]) == ("Balanced", 356)
    assert read["externalReference"] == "ct-S1"
    stale = await stand.call("PUT", path, headers={"If-Match": etag}, json=body)
    assert stale.status_code == 412

    lines = [a_document_line(), a_document_line(inventoryNumber="JACKET-M")]
    assert (await refused(stand, "PUT", path, wrapped(invoiceLines=lines)))[0] == 400
    assert (await shown(stand, path))["amount"] == 356

    await released(stand, path)
    for method in ("PUT", "DELETE"):
        assert "'Open'" in (await refused(stand, method, path, wrapped(hold=True)))[1]
    other = await invoiced(stand, release=False)
    assert (await stand.call("DELETE", f"{INVOICES}/{other}")).status_code == 204
    assert (await stand.get(f"{INVOICES}/{other}")).status_code == 404


async def test_release_fails_inside_its_200(stand: Stand) -> None:
    """On hold, or in a period that was closed meanwhile, the result is Failed."""
    held = await invoiced(stand, release=False, hold=True)
    assert await released(stand, f"{INVOICES}/{held}") == "Failed"
    late = await invoiced(stand, release=False)
    stand.company.close_period("202603")
    assert await released(stand, f"{INVOICES}/{late}") == "Failed"
    assert (await shown(stand, f"{INVOICES}/{late}"))["status"] == "Balanced"
    stand.company.close_period("202603", closed=False)
    assert await released(stand, f"{INVOICES}/{late}") == "Done"
    path = f"{INVOICES}/{late}/action/release"
    assert "released already" in (await refused(stand, "POST", path))[1]
    assert balance(stand) == 125


async def test_queued_release(stand: Stand) -> None:
    """A queued release is done when the clock gets there, once."""
    number = await invoiced(stand, release=False)
    stand.world.faults.add("action_queued", "visma.POST *action/release", seconds=60)
    assert await released(stand, f"{INVOICES}/{number}") == "Queued"
    assert (await shown(stand, f"{INVOICES}/{number}"))["status"] == "Balanced"
    stand.world.clock.advance(61)
    assert (await shown(stand, f"{INVOICES}/{number}"))["status"] == "Open"
    assert balance(stand) == 125


async def test_deleted_before_its_queued_release(stand: Stand) -> None:
    """A draft that is deleted while its release is queued is never booked."""
    number = await invoiced(stand, release=False)
    stand.world.faults.add("action_queued", "visma.POST *action/release", seconds=60)
    await released(stand, f"{INVOICES}/{number}")
    assert (await stand.call("DELETE", f"{INVOICES}/{number}")).status_code == 204
    stand.world.clock.advance(61)
    assert (await stand.get(INVOICES)).json() == []
    assert balance(stand) == 0


async def test_reversal(stand: Stand) -> None:
    """Reversing answers 202 and leaves the draft of a credit note over the whole invoice."""
    number = await invoiced(stand)
    answer = await stand.call("POST", f"{INVOICES}/{number}/action/reverse", json={})
    assert answer.status_code == 202
    [note] = (await stand.get(NOTES)).json()
    assert (note["status"], note["amount"]) == ("Balanced", 125)
    path = f"{INVOICES}/{number}/action/reverseandapplytonote"
    assert (await stand.call("POST", path, json={})).status_code == 200
    read = await shown(stand, f"{INVOICES}/{number}")
    assert (read["status"], read["balance"], balance(stand)) == ("Closed", 0, 0)
    assert read["applications"][0]["docType"] == "CreditNote"


async def test_filters_of_the_list(stand: Stand) -> None:
    """Each filter of the documentation works, and an unknown one filters nothing."""
    first = await invoiced(stand, customerRefNumber="N-1", paymentReference="P1")
    stand.world.clock.advance(600)
    second = await invoiced(
        stand,
        release=False,
        externalReference="ct-S2",
        customerNumber="10002",
        currencyId="NOK",
        documentDate="2026-03-10",
    )

    async def listed(**params: str) -> list[str]:
        rows = (await stand.get(INVOICES, **params)).json()
        return [row["referenceNumber"] for row in rows]

    for params, found in (
        ({"externalReference": "ct-S2"}, [second]),
        ({"customerRefNumber": "N-1"}, [first]),
        ({"paymentReference": "P1"}, [first]),
        ({"customer": "10002"}, [second]),
        ({"status": "Balanced"}, [second]),
        ({"released": "1"}, [first]),
        ({"released": "0"}, [second]),
        ({"financialPeriod": "202602"}, []),
        ({"documentDate": "2026-03-10", "documentDateCondition": "<"}, [first]),
        ({"documentDate": "2026-03-10"}, [first, second]),
        (
            {
                "lastModifiedDateTime": "2026-03-10 10:35:00",
                "lastModifiedDateTimeCondition": ">",
            },
            [second],
        ),
        ({"paymentRef": "P1"}, [first, second]),
    ):
        assert await listed(**params) == found, params


async def test_lists_expand_what_is_asked_for(stand: Stand) -> None:
    """Tax details, applications and addresses show in lists only with their parameter."""
    await invoiced(stand)
    [row] = (await stand.get(INVOICES)).json()
    assert not {"taxDetails", "applications", "invoiceAddress"} & set(row)
    [row] = (await stand.get(INVOICES, expandTaxDetails=True)).json()
    assert row["taxDetails"][0]["vatId"]["number"] == "SE25"
    [row] = (
        await stand.get(INVOICES, expandApplications=True, expandInvoiceAddress=True)
    ).json()
    assert row["applications"] == []
    assert row["invoiceContact"]["businessName"] == "Webkunde SE SEK"


async def test_lost_answers_and_late_lists(stand: Stand) -> None:
    """After the commit the invoice is there; a late one shows in lists only later."""
    stand.world.faults.add("after_commit", "visma.POST /v2/customerinvoice")
    assert (await stand.call("POST", POST, json=an_invoice())).status_code == 500
    assert len((await stand.get(INVOICES, externalReference="ct-S1")).json()) == 1
    stand.world.faults.add(
        "late_visibility", "visma.POST /v2/customerinvoice", seconds=300
    )
    await posted(stand, POST, an_invoice(externalReference="late"))
    assert (await stand.get(INVOICES, externalReference="late")).json() == []
    stand.world.clock.advance(301)
    assert len((await stand.get(INVOICES, externalReference="late")).json()) == 1


async def test_credit_notes_are_applied(stand: Stand) -> None:
    """A released credit note takes its gross amount off the invoice that it names."""
    invoice = await invoiced(stand, a_document_line(quantity=2))
    applied = [
        {
            "operation": "Insert",
            **wrapped(documentType="Invoice", refNbr=invoice, amountPaid=125),
        }
    ]
    note = await credited(stand, applicationLines=applied)
    read = await shown(stand, f"{NOTES}/{note}")
    assert (read["status"], read["balance"], read["documentType"]) == (
        "Closed",
        0,
        "CreditNote",
    )
    read = await shown(stand, f"{INVOICES}/{invoice}")
    assert (read["status"], read["balance"], balance(stand)) == ("Open", 125, 125)
    assert account(stand, "2610") == -25


async def test_credit_note_beyond_the_invoice(stand: Stand) -> None:
    """More than the balance, a closed invoice, another customer's or a draft is refused."""
    invoice = await invoiced(stand)
    draft = await invoiced(stand, release=False)
    other = await invoiced(stand, customerNumber="10011")
    path = "/erp/v2/customerCreditNote"

    def applied(number: str, amount: float) -> dict[str, Any]:
        line = wrapped(documentType="Invoice", refNbr=number, amountPaid=amount)
        return {"applicationLines": [{"operation": "Insert", **line}]}

    two = a_document_line(quantity=2)
    for number, amount, text in (
        (invoice, 125.01, "exceed its balance 125"),
        (draft, 125, "is not open"),
        (other, 125, "cannot be found"),
    ):
        body = a_credit_note(two, **applied(number, amount))
        assert text in (await refused(stand, "POST", path, body))[1]
    body = a_credit_note(**applied(invoice, 125))
    first, second = await posted(stand, path, body), await posted(stand, path, body)
    assert await released(stand, f"{NOTES}/{first}") == "Done"
    assert await released(stand, f"{NOTES}/{second}") == "Failed"
    body = a_credit_note(**applied(invoice, 1))
    assert "status Closed" in (await refused(stand, "POST", path, body))[1]
    assert balance(stand) == Decimal(0)


async def test_credit_note_drafts(stand: Stand) -> None:
    """A credit note that is not released is changed, put on hold and deleted."""
    number = await credited(stand, release=False)
    path = f"{NOTES}/{number}"
    body = wrapped(hold=True, externalReference="ct-R2")
    assert (await stand.call("PUT", path, json=body)).status_code == 204
    [row] = (await stand.get(NOTES, externalReference="ct-R2")).json()
    assert (row["status"], row["lines"][0]["amount"]) == ("Hold", 100)
    assert await released(stand, path) == "Failed"
    assert (await stand.call("DELETE", path)).status_code == 204
    assert not stand.company.credit_notes


async def test_locked_documents(stand: Stand) -> None:
    """What a user has open is neither changed, released nor deleted."""
    number = await invoiced(stand, release=False)
    path = f"{INVOICES}/{number}"
    stand.company.books.locked.add(("invoice", number))
    for method, where in (
        ("PUT", path),
        ("DELETE", path),
        ("POST", f"{path}/action/release"),
    ):
        status, text = await refused(stand, method, where, wrapped(hold=True))
        assert (status, "Another process has updated" in text) == (500, True)
    assert (await shown(stand, path))["status"] == "Balanced"


async def test_a_shifted_document_stays_in_its_period(stand: Stand) -> None:
    """A change of something else does not move it back into the closed period of its date."""
    stand.company.close_period("202602")
    number = await invoiced(
        stand,
        release=False,
        documentDate="2026-02-27",
        postPeriod="032026",
        hold=True,
    )
    path = f"{INVOICES}/{number}"

    changed = await stand.call("PUT", path, json=wrapped(hold=False))

    assert changed.status_code == 204
    draft = await shown(stand, path)
    assert (draft["documentDate"][:10], draft["financialPeriod"]) == (
        "2026-02-27",
        "202603",
    )
    day = wrapped(documentDate="2026-02-26")
    assert "closed" in (await refused(stand, "PUT", path, day))[1]
