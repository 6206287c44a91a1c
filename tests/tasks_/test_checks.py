"""`check` proves each setting against both systems, and names what to correct."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError
from tasks.check_rows import CheckReport
from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.tasks_.stand import Stand

FJORD = "22222222-2222-4222-8222-222222222222"


async def check(stand: Stand, **changes: Any) -> CheckReport:
    """Check the connection with changed settings."""
    stand.change(**changes)
    stand.world.calls.reset()
    with use_environment(stand.environment):
        return await check_connection("nordhem", days=90)


def wrong(report: CheckReport) -> dict[str, tuple[str, str]]:
    """What is wrong: what was found and what to do, by name."""
    return {row.what: (row.found, row.fix) for row in report.rows if row.state != "ok"}


async def test_the_demo_is_all_right(stand: Stand) -> None:
    """The demo's own settings fit both systems, and nothing is written.

    Of the goods just those are named that the sandbox has planted as trouble.
    """
    stand.place()
    stand.place(internal=True)

    report = await check(stand)

    assert report.ok
    assert set(wrong(report)) == {
        "COLOUR_MISSING",
        "EAN_TWICE",
        "sizes of Centra by SKU",
    }
    [orders] = [row for row in report.rows if row.what == "orders of 90 days"]
    assert orders.found == "1 can be carried over, 1 are left out by rule"
    assert stand.writes == {}


@pytest.mark.parametrize(
    ("changes", "what", "found", "fix"),
    [
        pytest.param(
            {"stores": {"Nordhem": {}}},
            "store Nordhem",
            "is not in Centra",
            "Correct the setting; known: Nordhem webshop, Nordhem wholesale.",
            id="store",
        ),
        pytest.param(
            {"currencies": ["SEK", "PLN"]},
            "currency PLN",
            "is not in Visma.net",
            "Correct the setting; known: CHF, DKK, EUR, GBP, JPY, NOK, SEK, USD.",
            id="currency",
        ),
        pytest.param(
            {"orders.shipping_item": "FRAKT"},
            "item FRAKT",
            "is not in Visma.net",
            None,
            id="item",
        ),
        pytest.param(
            {"customers.class_dtc": "WEB"},
            "customer class WEB",
            "is not in Visma.net",
            "Correct the setting; known: B2B, DTC.",
            id="customer-class",
        ),
        pytest.param(
            {"customers.attribute": "KEY"},
            "attribute KEY",
            "not on class DTC",
            "Create the attribute and add it to class DTC in Visma.net.",
            id="attribute",
        ),
        pytest.param(
            {"customers.terms": {"30 days": "99"}},
            "credit terms 99",
            "is not in Visma.net",
            "Correct the setting; known: 0, 10, 30, 60.",
            id="terms",
        ),
        pytest.param(
            {"payment_methods": {"Klarna": {"method": "KLA"}}},
            "payment method KLA",
            "is not in Visma.net",
            "Correct the setting; known: ADYEN, GIFTCARD, INVOICE, KLARNA, STRIPE.",
            id="payment-method",
        ),
        pytest.param(
            {"stores": {"*": {"order_type": "XX", "warehouse": "MAIN"}}},
            "order type XX",
            "is not in Visma.net",
            "Correct the setting; known: CM, CS, IN, QT, RC, SO.",
            id="order-type",
        ),
        pytest.param(
            {"stores": {"*": {"warehouse": "OSLO"}}},
            "warehouse OSLO",
            "is not in Visma.net",
            "Correct the setting; known: MAIN, RETAIL.",
            id="warehouse",
        ),
        pytest.param(
            {"stores": {"*": {"collective": [{"number": "4711"}]}}},
            "collective customer 4711",
            "is not in Visma.net",
            "Create it, or correct the setting.",
            id="collective",
        ),
    ],
)
async def test_each_name_is_looked_up(
    stand: Stand, changes: dict[str, Any], what: str, found: str, fix: str | None
) -> None:
    """A name that the other system does not have is told with those it has."""
    report = await check(stand, **changes)

    assert not report.ok
    assert wrong(report)[what][0] == found
    if fix:
        assert wrong(report)[what][1] == fix


@pytest.mark.parametrize("permission", ["Event:read", "Event:write"])
async def test_events_need_both_permissions(stand: Stand, permission: str) -> None:
    """A token that hears no events is told by the check, and nothing is confirmed."""
    every = stand.shop.tokens["centra-nordhem-token"]
    stand.shop.tokens["poor"] = replace(
        every, permissions=every.permissions - {permission}
    )
    stand.environment.secrets["nordhem"].centra_token = SecretStr("poor")

    report = await check(stand)

    assert not report.ok
    found, fix = wrong(report)["Centra events"]
    assert f"lacks the permission {permission}" in found
    assert fix == "Give the Centra token Event:read and Event:write."


async def test_events_are_left_as_they_are(stand: Stand) -> None:
    """The check proves the right to confirm events by confirming none."""
    await stand.run()
    stand.place()
    waiting = stand.shop.events.count()
    assert waiting

    assert (await check(stand)).ok
    assert stand.shop.events.count() == waiting


async def test_the_sales_order_service_is_looked_at(stand: Stand) -> None:
    """The service of sales orders has an address of its own, and may be the wrong one."""
    report = await check(stand, **{"visma.salesorder_url": "http://127.0.0.1/orders"})

    found, fix = wrong(report)["Visma.net sales orders"]
    assert "has no /api/v3/SalesOrders, which every company has" in found
    assert fix == (
        "Correct visma.salesorder_url, or add the SalesOrder API to the application."
    )


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("erp_url", "has no /v1/branch, which every company has: correct"),
        ("connect_url", "has no POST connect/token: correct visma.connect_url"),
    ],
)
async def test_a_wrong_address_is_a_wrong_setting(
    stand: Stand, setting: str, sentence: str
) -> None:
    """An address that leads elsewhere is named, with what to do about it."""
    with pytest.raises(ConfigError, match=sentence) as caught:
        await check(stand, **{f"visma.{setting}": "http://127.0.0.1/elsewhere"})

    assert f"visma.{setting}" in str(caught.value)


async def test_a_company_with_another_base_currency_is_another_company(
    stand: Stand,
) -> None:
    """A tenant id that leads to a sister company shows in its books' currency."""
    report = await check(stand, **{"visma.tenant_id": FJORD})

    assert wrong(report)["base currency SEK"] == (
        "the company keeps its books in NOK",
        "Correct base_currency; or visma.tenant_id leads to another company.",
    )


async def test_a_branch_is_looked_up(stand: Stand) -> None:
    """A branch that the company does not have is told."""
    assert "branch 99" in wrong(await check(stand, **{"visma.branch": "99"}))


async def test_a_blocked_collective_customer_is_told(stand: Stand) -> None:
    """A house customer that is on hold would stop every order of its country."""
    stand.company.set_customer_status("10001", "OnHold")

    report = await check(stand)

    assert wrong(report)["collective customer 10001"] == (
        "is OnHold",
        "Set it to Active in Visma.net.",
    )


async def test_a_collective_customer_that_is_mailed_is_a_warning(stand: Stand) -> None:
    """Consumers must not get mail from the ERP; it is said, and stops nothing."""
    stand.company.customers["10001"].flags["sendInvoicesByEmail"] = True

    report = await check(stand)

    assert report.ok
    assert wrong(report)["collective customer 10001"] == (
        "its documents are e-mailed",
        "Turn that off on the customer: consumers are never mailed from the ERP.",
    )


async def test_orders_that_would_be_parked_are_grouped(stand: Stand) -> None:
    """What the last orders lack is counted by what to do, with one example."""
    first = stand.place(lines=[{"sku": "NH1104NAVM", "tax_percent": 24}])
    stand.place(lines=[{"sku": "NH1104NAVM", "tax_percent": 24}])
    stand.place(lines=[{"sku": "NH1099BLKM"}])

    found = wrong(await check(stand))

    assert found["VAT_NOT_MAPPED"][0] == (
        f"2 would be parked: Order {first.number} has 24 % VAT for b2c customers in "
        "SE, which the settings do not map."
    )
    assert found["ITEM_UNKNOWN"][1] == (
        "Create the items in Visma.net, or map them under [orders.items]."
    )


async def test_a_check_cannot_start_with_a_wrong_company(stand: Stand) -> None:
    """Without the right company nothing can be proved."""
    with pytest.raises(ConfigError, match="COMPANY tenant id"):
        await check(stand, **{"visma.tenant_id": stand.company.customer_tenant_id})
