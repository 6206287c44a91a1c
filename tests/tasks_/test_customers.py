"""Orders find their customer, or get one made; consumers are never mailed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.tasks_.stand import (
    CREATED,
    CUSTOMER_CREATED,
    CUSTOMER_UPDATED,
    INDIVIDUAL,
    Stand,
)

DOMESTIC, NEW, NORWAY, GERMANY, DENMARK, FINLAND, BLOCKED = 1, 2, 3, 4, 5, 6, 10
"""Wholesale accounts of the shop, by what Visma.net knows of them."""


@pytest.mark.parametrize(
    ("account", "customer"),
    [
        pytest.param(DOMESTIC, "10013", id="organisation-number-written-otherwise"),
        pytest.param(NORWAY, "10014", id="organisation-number"),
        pytest.param(GERMANY, "10015", id="VAT-number"),
        pytest.param(DENMARK, "10016", id="e-mail"),
    ],
)
async def test_a_known_company_is_found(
    stand: Stand, account: int, customer: str
) -> None:
    """An account is matched by what both systems know, and no customer is made."""
    order = stand.place(account=account)

    await stand.run()

    assert stand.sales_order(order).customer == customer
    assert stand.writes == {CREATED: 1}


async def test_our_attribute_decides_first(stand: Stand) -> None:
    """A customer that carries our key wins over one with the organisation number."""
    number = stand.company.add_customer(
        name="Fjällräv Sport", attributes={"CENTRAID": "N-acc-1"}
    )
    order = stand.place(account=DOMESTIC)

    await stand.run()

    assert stand.sales_order(order).customer == number


async def test_a_new_company_is_made_once_for_all_its_orders(stand: Stand) -> None:
    """Two orders of an account that Visma.net does not know make one customer."""
    orders = [stand.place(account=NEW), stand.place(account=NEW)]

    summary = await stand.run()

    [number] = {stand.sales_order(order).customer for order in orders}
    made = stand.company.customers[number]
    assert summary.sentence == "2 new"
    assert stand.writes == {CUSTOMER_CREATED: 1, CREATED: 2}
    assert made.name == "Österlens Konfektion AB"
    assert made.corporate_id == "5561998877"
    assert made.attributes["CENTRAID"] == "N-acc-2"
    assert (made.customer_class, made.terms) == ("B2B", "30")

    later = stand.place(account=NEW)
    await stand.run()
    assert stand.sales_order(later).customer == number
    assert stand.writes == {CREATED: 1}


async def test_an_ambiguous_company_is_parked(stand: Stand) -> None:
    """Two customers with one organisation number: a person says which it is."""
    twin = stand.company.add_customer(name="Twin", corporate_id="5590123456")
    order = stand.place(account=DOMESTIC)

    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "AMBIGUOUS_CUSTOMER"
    assert parked.reason == (
        f"acc-1 fits several customers of Visma.net by corporate_id: 10013, {twin}."
    )
    assert parked.fix == (
        "Give the right one the attribute value N-acc-1 in Visma.net, then retry the "
        "record."
    )
    assert stand.writes == {}
    assert stand.sales_orders(order) == []


async def test_a_blocked_customer_parks_the_order_and_it_resumes(stand: Stand) -> None:
    """An order for a customer on credit hold waits with its amount, until released."""
    order = stand.place(account=BLOCKED)

    first = await stand.run()
    [parked] = stand.exceptions()
    assert first.counts.newly_parked == 1
    assert (parked.code, parked.currency) == ("CUSTOMER_BLOCKED", "SEK")
    assert parked.reason == (
        "Customer 10019 has the status CreditHold in Visma.net; "
        f"{parked.amount:,} SEK wait for it."
    )
    assert stand.writes == {}

    again = await stand.run()
    assert (again.counts.parked, again.counts.newly_parked) == (1, 0)
    assert stand.writes == {}

    stand.company.set_customer_status("10019", "Active")
    stand.wait(minutes=1)
    resumed = await stand.run()
    assert resumed.sentence == "1 new"
    assert stand.sales_order(order).totals.order_total == parked.amount
    assert stand.exceptions() == []


async def test_a_customer_blocked_later_parks_its_next_order(stand: Stand) -> None:
    """A customer who was linked long ago is looked at again before each order."""
    stand.place(account=DOMESTIC)
    await stand.run()
    stand.company.set_customer_status("10013", "OnHold")
    order = stand.place(account=DOMESTIC)

    await stand.run()

    assert stand.parked() == {str(order.number): "CUSTOMER_BLOCKED"}
    assert stand.writes == {}


async def test_two_customers_with_one_email_stay_two(stand: Stand) -> None:
    """A member who also buys as a guest is two customers in both systems."""
    stand.change(**INDIVIDUAL)
    email = "linnea@example.com"
    member = stand.place(customer={"email": email, "registered": True})
    guest = stand.place(customer={"email": email, "first_name": "Linn"})

    await stand.run()

    numbers = {stand.sales_order(order).customer for order in (member, guest)}
    assert len(numbers) == 2
    assert stand.writes == {CUSTOMER_CREATED: 2, CREATED: 2}
    assert {stand.company.customers[one].attributes["CENTRAID"] for one in numbers} == {
        "N-dtc-1",
        "N-dtc-2",
    }


async def test_a_consumer_is_never_printed_mailed_or_reminded(stand: Stand) -> None:
    """A consumer's own customer gets no paper, mail, e-invoice or reminder."""
    stand.change(**INDIVIDUAL)
    order = stand.place()

    await stand.run()

    made = stand.company.customers[stand.sales_order(order).customer]
    assert made.customer_class == "DTC"
    assert {name for name, is_on in made.flags.items() if is_on} == {
        "excludeDebtCollection"
    }


async def test_each_house_customer_answers_its_country(stand: Stand) -> None:
    """Consumers share the customer that is set for their country and currency."""
    orders = {code: stand.place(country=code) for code in ("SE", "NO", "FI", "JP")}

    await stand.run()

    found = {code: stand.sales_order(order).customer for code, order in orders.items()}
    assert found == {"SE": "10001", "NO": "10002", "FI": "10004", "JP": "10010"}


async def test_a_store_without_house_customer_for_a_country_parks(stand: Stand) -> None:
    """A country that no house customer is set for names the setting to add."""
    stand.change(
        stores={
            "*": {
                "dtc_customers": "collective",
                "collective": [{"country": "SE", "number": "10001"}],
            }
        }
    )
    stand.place(country="NO")

    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "COLLECTIVE_NOT_MAPPED"
    assert parked.fix.startswith("Add [[stores.")
    assert stand.writes == {}


async def test_the_customers_direction_makes_accounts(stand: Stand) -> None:
    """A full run of customers makes new accounts, links known ones, and no consumers."""
    stand.place(account=NEW)
    stand.place(account=DOMESTIC)
    stand.place(account=BLOCKED)
    stand.place()

    summary = await stand.run("customers", full=True)

    assert summary.counts.created == 1
    assert summary.counts.reasons == {"COLLECTIVE": 1}
    assert summary.counts.unchanged == 2
    assert stand.writes == {CUSTOMER_CREATED: 1}

    assert (await stand.run("orders")).counts.created == 3
    assert stand.writes == {CREATED: 3}


async def test_a_customer_is_updated_when_its_account_changes(stand: Stand) -> None:
    """A new address of an account that we made reaches Visma.net, once."""
    stand.place(account=NEW)
    await stand.run("customers", full=True)
    account = stand.shop.accounts[NEW]
    assert account.billing_address is not None
    account.billing_address.city = "Ystad"
    stand.place(account=NEW)

    summary = await stand.run("customers", full=True)

    assert summary.sentence == "1 changed"
    assert stand.writes == {CUSTOMER_UPDATED: 1}
    [made] = [
        one
        for one in stand.company.customers.values()
        if one.attributes.get("CENTRAID") == "N-acc-2"
    ]
    assert made.main_address.city == "Ystad"

    await stand.run("customers", full=True)
    assert stand.writes == {}


async def test_a_customer_that_was_there_is_not_changed(stand: Stand) -> None:
    """A customer that finance made is linked, and never written to."""
    stand.place(account=DOMESTIC)
    await stand.run("customers", full=True)
    account = stand.shop.accounts[DOMESTIC]
    assert account.billing_address is not None
    account.billing_address.city = "Åre"
    stand.place(account=DOMESTIC)

    await stand.run("customers", full=True)

    assert stand.writes == {}
    assert stand.company.customers["10013"].name == "Fjällräv och Lind Sport AB"


async def test_customers_are_pulled_by_key(stand: Stand) -> None:
    """One account is pulled by its key, and nothing else is read."""
    stand.place(account=NEW)
    stand.place(account=FINLAND)

    summary = await stand.run("customers", ids=["acc-2"])

    assert (summary.counts.read, summary.counts.created) == (1, 1)


async def test_an_order_waits_for_a_customer_that_is_parked(stand: Stand) -> None:
    """An order whose customer is refused is parked too, and resumes with it."""
    stand.change(**{"customers.class_wholesale": "NOPE"})
    order = stand.place(account=NEW)

    summary = await stand.run()

    assert stand.writes == {CUSTOMER_CREATED: 1}
    number = str(order.number)
    assert stand.parked() == {"acc-2": "VISMA_REFUSED", number: "CUSTOMER_NOT_READY"}
    assert summary.counts.newly_parked == 2

    await stand.run()  # what was refused is not sent again as it is
    assert stand.writes == {}

    stand.change()
    await stand.run()
    assert stand.exceptions() == []
    assert stand.sales_order(order).totals.order_total > Decimal(0)


async def test_a_customer_that_was_solved_in_visma_is_retried_with_its_order(
    stand: Stand,
) -> None:
    """The retry of a customer, or of the run that parked it, brings its order too."""
    stand.change(**{"customers.class_wholesale": "SHOP"})
    by_hand, by_run = stand.place(account=NEW), stand.place(account=FINLAND)
    await stand.run(run_key="red")
    assert len(stand.exceptions()) == 4
    setup = stand.company.setup
    classes = {**setup.classes, "SHOP": replace(setup.classes["B2B"], id="SHOP")}
    stand.company.setup = replace(setup, classes=classes)

    [refused] = [row for row in stand.exceptions() if row.source_id == "acc-2"]
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry([refused.id], by="Åsa")
    await stand.run()
    assert stand.state(by_hand) == "settled"
    assert stand.state(by_run) == "parked"

    await stand.run(run_key="red", attempt=2)
    assert stand.state(by_run) == "settled"
    assert stand.exceptions() == []


async def test_two_accounts_of_one_company_share_its_customer(stand: Stand) -> None:
    """The second account of a company waits until the first one's customer is made."""
    twin, first = stand.shop.accounts[BLOCKED], stand.shop.accounts[NEW]
    assert twin.billing_address is not None
    assert first.billing_address is not None
    twin.company_registration_number = "556199-8877"
    twin.billing_address.vat_number = first.billing_address.vat_number
    orders = [stand.place(account=NEW), stand.place(account=BLOCKED)]

    assert (await stand.run()).sentence == "1 new, 1 waiting"
    assert stand.writes == {CUSTOMER_CREATED: 1, CREATED: 1}

    assert (await stand.run()).sentence == "1 new"
    assert len({stand.sales_order(order).customer for order in orders}) == 1
    assert stand.writes == {CREATED: 1}


async def test_each_customer_is_counted_once(stand: Stand) -> None:
    """Who ordered often is one customer; what was read adds up with what became of it."""
    stand.change(**{"centra.page_size": 1, "limits.batch_size": 1})
    for number in range(3):
        order = stand.place(account=2)
        stand.edit(order, "change_address", address1=f"Street {number}")
        stand.place()

    first = (await stand.run("customers", full=True)).counts
    again = (await stand.run("customers", full=True)).counts

    assert (first.read, first.created, first.left_out) == (4, 1, 3)
    assert (again.read, again.unchanged) == (4, 4)
