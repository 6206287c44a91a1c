"""Customers are found by what identifies them, and never by a lookalike."""

import pytest

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.customers import (
    account_to_customer,
    customer_need,
    customer_to_customer,
)
from mapping.identity import (
    CustomerNeed,
    KnownCustomer,
    ensure_not_blocked,
    match_customer,
    normal_number,
)
from mapping.money import Money
from tests.mapping_.builders import (
    a_connection,
    a_country,
    a_wholesale_order,
    an_address,
    an_order,
)

CONNECTION = a_connection()


def to_country(code: str, **changes) -> centra.Order:
    """Return a DTC order to a country."""
    address = an_address(country=a_country(code))
    return an_order(shipping_address=address, billing_address=address, **changes)


# --- what is needed


def test_a_dtc_customer_is_keyed_by_id_and_never_mailed() -> None:
    """Its documents are not printed, mailed, sent as e-invoice, reminded, collected."""
    need = customer_need(an_order(), CONNECTION)

    assert (need.key, need.number, need.attribute_value) == ("dtc-12", None, "N-dtc-12")
    write = need.write
    assert write is not None
    assert write.name == "Åsa Öberg"
    assert write.attributes == {"CENTRAID": "N-dtc-12"}
    assert (write.customer_class_id, write.vat_zone_id) == ("DTC", "SE")
    assert write.print_invoices is False
    assert write.send_invoices_by_email is False
    assert write.accept_auto_invoices is False
    assert write.exclude_debt_collection is True
    assert write.print_dunning_letters is False
    assert write.send_dunning_letters_via_e_mail is False
    assert write.credit_terms_id is None


def test_guest_and_member_with_one_email_are_two_customers() -> None:
    """Centra has two customers per e-mail; they are not merged here."""
    guest = customer_need(an_order(customer={"id": 13, "email": "a@b.se"}), CONNECTION)
    member = customer_need(an_order(customer={"id": 12, "email": "a@b.se"}), CONNECTION)

    assert {guest.key, member.key} == {"dtc-13", "dtc-12"}
    assert guest.email == member.email == "a@b.se"


def test_a_class_may_follow_the_country() -> None:
    """VAT is steered by customer class in many companies."""
    need = customer_need(to_country("FI"), CONNECTION)

    assert need.write is not None
    assert need.write.customer_class_id == "DTCFI"


def test_an_account_brings_its_numbers_terms_and_the_buyers_mail() -> None:
    """Wholesale customers carry what an invoice to a company needs."""
    need = customer_need(a_wholesale_order(), CONNECTION)

    assert (need.key, need.attribute_value) == ("acc-3", "N-acc-3")
    assert (need.corporate_id, need.vat_id) == ("556677-8899", "SE556677889901")
    assert need.email == "inkop@fjallboden.example"
    write = need.write
    assert write is not None
    assert (write.customer_class_id, write.credit_terms_id) == ("B2B", "30")
    assert write.invoice_address == write.main_address
    assert write.print_invoices is None
    assert write.name == "Fjällboden AB"


def test_unmapped_terms_are_parked() -> None:
    """Terms that nobody mapped would change the due date."""
    account = {"id": 3, "payment_terms": {"id": 9, "description": "90 days"}}

    with pytest.raises(RecordError) as caught:
        customer_need(a_wholesale_order(account=account), CONNECTION)

    assert caught.value.code == "TERMS_NOT_MAPPED"
    assert '[customers.terms] "90 days"' in caught.value.fix


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"company_name": "Fjäll AB"}, "Fjäll AB"),
        ({"first_name": None, "last_name": None}, "Bo Ek"),
        ({"first_name": " ÅSA ", "last_name": "  ÖBERG"}, "ÅSA ÖBERG"),
    ],
)
def test_the_name_is_that_of_company_or_person(names, expected) -> None:
    """Company, then person, without stray blanks."""
    who = {"id": 12, "email": "a@b.se", "first_name": "Bo", "last_name": "Ek"}
    need = customer_need(
        an_order(customer=who, billing_address=an_address(**names)), CONNECTION
    )
    assert need.name == expected


@pytest.mark.parametrize("first", [None, "asa@b.se"])
def test_an_email_is_never_a_name(first: str | None) -> None:
    """Without a name the customer is called by its id."""
    nobody = an_address(first_name=first, last_name=None)
    order = an_order(customer={"id": 12, "email": "a@b.se"}, billing_address=nobody)

    assert customer_need(order, CONNECTION).name == "Centra customer 12"


def test_a_long_name_is_cut_with_a_note() -> None:
    """Visma.net keeps 60 characters of a customer's name."""
    order = an_order(billing_address=an_address(company_name="Ö" * 61))
    need = customer_need(order, CONNECTION)

    assert need.name == "Ö" * 60
    assert need.notes == ("Customer name cut from 61 to 60 characters.",)


def test_a_customer_without_a_street_still_has_a_first_line() -> None:
    """Visma.net makes no customer without a first address line."""
    for city, line in (("Umeå", "Umeå"), (None, "-")):
        order = an_order(billing_address=an_address(address1=None, city=city))
        write = customer_need(order, CONNECTION).write
        assert write is not None
        assert write.main_address is not None
        assert write.main_address.address_line1 == line


def test_matching_by_email_can_be_turned_off() -> None:
    """Without the setting the need carries no e-mail to match by."""
    connection = a_connection(customers={"match_by_email": False})

    assert customer_need(an_order(), connection).email is None


def test_customers_and_accounts_are_mapped_without_an_order() -> None:
    """The customers direction has no order at hand."""
    who = centra.Customer(id=5, billing_address=an_address(), email="c@d.se")
    need = customer_to_customer(who, CONNECTION)
    assert need.write is not None
    assert (need.key, need.email, need.write.currency_id) == ("dtc-5", "c@d.se", None)
    assert need.write.vat_zone_id == "SE"

    shop = centra.Account(id=6, billing_address=an_address(country=a_country("DE")))
    need = account_to_customer(shop, CONNECTION)
    assert need.write is not None
    assert (need.key, need.write.vat_zone_id) == ("acc-6", "EUB2B")
    assert need.write.name == "Åsa Öberg"

    with pytest.raises(RecordError) as caught:
        account_to_customer(centra.Account(id=6), CONNECTION)
    assert caught.value.code == "COUNTRY_MISSING"


@pytest.mark.parametrize(
    ("order", "number"),
    [
        (to_country("SE", store={"id": 1, "name": "Webkunde"}), "10001"),
        (
            to_country("FI", store={"id": 1, "name": "Webkunde"}, currency="EUR"),
            "10004",
        ),
        (to_country("FI", store={"id": 1, "name": "Webkunde"}), "10011"),
        (to_country("US", store={"id": 1, "name": "Webkunde"}), "10011"),
    ],
)
def test_the_most_specific_collective_customer_is_taken(order, number) -> None:
    """Country before EU before everywhere, currency where it is named."""
    need = customer_need(order, CONNECTION)

    assert (need.number, need.key, need.write) == (number, "", None)


def test_a_missing_collective_customer_is_parked() -> None:
    """No row fits: the fix names the row to add."""
    rows = [{"number": "1", "country": "NO"}, {"number": "2", "store": "Other"}]
    store = {"dtc_customers": "collective", "collective": rows}

    with pytest.raises(RecordError) as caught:
        customer_need(an_order(), a_connection(stores={"Retail": store}))

    assert caught.value.code == "COLLECTIVE_NOT_MAPPED"
    assert 'country = "SE" currency = "SEK"' in caught.value.fix


@pytest.mark.parametrize(
    ("order", "permission"),
    [
        (an_order(customer=None), "Customer:read"),
        (a_wholesale_order(account=None), "Account:read"),
    ],
)
def test_an_order_without_its_customer_is_parked(order, permission) -> None:
    """Usually the token lacks a permission."""
    with pytest.raises(RecordError) as caught:
        customer_need(order, CONNECTION)

    assert caught.value.code == "CUSTOMER_MISSING"
    assert permission in caught.value.fix


# --- who it is in Visma.net

NEED = CustomerNeed(
    key="acc-3",
    attribute_value="N-acc-3",
    corporate_id="556677-8899",
    vat_id="SE556677889901",
    email="inkop@fjallboden.example",
)
PERSON = CustomerNeed(key="dtc-12", attribute_value="N-dtc-12", email="Asa@b.se ")


def known(number: str, **changes) -> KnownCustomer:
    """Return a customer of Visma.net."""
    return KnownCustomer(number=number, **changes)


@pytest.mark.parametrize(
    ("candidates", "number", "how"),
    [
        (
            [
                known("1", corporate_id="5566778899"),
                known("2", attribute="N-acc-3"),
            ],
            "2",
            "attribute",
        ),
        ([known("1", corporate_id="556677 8899")], "1", "corporate_id"),
        ([known("1", vat_id="SE 5566778899-01")], "1", "vat_id"),
        ([known("1", email="INKOP@fjallboden.example")], "1", "email"),
    ],
)
def test_attribute_then_numbers_then_email(candidates, number, how) -> None:
    """The strongest key decides; each is compared exactly after normalising."""
    found = match_customer(NEED, candidates)

    assert found is not None
    assert (found.number, found.how) == (number, how)


@pytest.mark.parametrize(
    "candidate",
    [
        known("1", attribute="N-acc-33"),
        known("1", attribute="M-acc-3"),
        known("1", corporate_id="556677-88"),
        known("1", email="inkop@fjallboden.example", corporate_id="559012-9999"),
        known("1", email="inkop@fjallboden.example", vat_id="SE999999999901"),
        known("1", email="inkop@fjallboden.example", attribute="N-acc-4"),
        known("1", email="xinkop@fjallboden.example"),
    ],
)
def test_a_lookalike_is_no_match(candidate: KnownCustomer) -> None:
    """Contains is not equals, and what contradicts is someone else."""
    assert match_customer(NEED, [candidate]) is None


def test_a_person_is_not_the_company_of_its_mailbox() -> None:
    """A DTC buyer with a company's e-mail is not that company."""
    assert match_customer(PERSON, [known("1", email="asa@b.se")]) is not None
    company = known("1", email="asa@b.se", corporate_id="556677-8899")
    assert match_customer(PERSON, [company]) is None
    assert match_customer(CustomerNeed(key="dtc-1"), [known("1")]) is None


def test_two_equally_good_candidates_are_parked() -> None:
    """The numbers are named, and what would settle it."""
    twins = [known("20", email="asa@b.se"), known("10", email="ASA@B.SE")]

    with pytest.raises(RecordError) as caught:
        match_customer(PERSON, [*twins, twins[0]], record_id="1001")

    assert caught.value.code == "AMBIGUOUS_CUSTOMER"
    assert "10, 20" in caught.value.message
    assert "N-dtc-12" in caught.value.fix


@pytest.mark.parametrize("status", ["OnHold", "CreditHold", "Inactive", "Credit hold"])
def test_a_blocked_customer_parks_the_amount_at_stake(status: str) -> None:
    """Sales sees how much waits for the release."""
    with pytest.raises(RecordError) as caught:
        match_customer(
            NEED,
            [known("7", attribute="N-acc-3", status=status)],
            at_stake=Money.of("2500.00", "SEK"),
            record_id="1001",
        )

    assert caught.value.code == "CUSTOMER_BLOCKED"
    assert caught.value.message == (
        f"Customer 7 has the status {status} in Visma.net; 2,500.00 SEK wait for it."
    )
    assert caught.value.record_id == "1001"


def test_other_statuses_do_not_block() -> None:
    """One-time and active customers can be sold to."""
    for status in ("Active", "OneTime"):
        ensure_not_blocked(known("7", status=status))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("556677-8899", "5566778899"),
        ("NO 912 345 678 MVA", "NO912345678"),
        (" se556677889901 ", "SE556677889901"),
        (None, ""),
    ],
)
def test_numbers_are_compared_without_dressing(text, expected) -> None:
    """Blanks, dashes, case and MVA do not count."""
    assert normal_number(text) == expected
