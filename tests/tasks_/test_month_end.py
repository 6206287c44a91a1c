"""The pack of a month where something is missing, made by hand, or not over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mapping.month import Month
from mapping.month_tables import Pack
from sandbox.visma.hand_documents import act_on_payment, make_document, make_journal
from tasks.environment import use_environment
from tasks.month_end import make_pack, month_named
from tests.month.play import ZONE
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand

D = Decimal
ACCOUNTS = {"month_end": {"receivables": ["1510"], "vat": ["2610"]}}
COLLECTIVE = [
    {"country": "SE", "currency": "SEK", "number": "10001"},
    {"country": "DK", "currency": "DKK", "number": "10003"},
    {"country": "FI", "currency": "EUR", "number": "10004"},
    {"number": "10011"},
]


def rules(post_as: str = "invoice") -> dict[str, Any]:
    """A store that posts one way, and the accounts of the company."""
    return posting(post_as, collective=COLLECTIVE) | ACCOUNTS


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts invoices, on 10 March."""
    with a_stand(tmp_path, **rules()) as opened:
        yield opened


async def packed(stand: Stand, month: str = "2026-03") -> Pack:
    """Make the pack of a month now."""
    with use_environment(stand.environment):
        return await make_pack("nordhem", Month.parse(month))


def at(stand: Stand, text: str) -> None:
    """Let it be a moment in Stockholm."""
    stand.world.clock.set(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def said(pack: Pack, table: str) -> str:
    """What is said of a table."""
    return " ".join(one.sentence for one in pack.findings if one.table == table)


# -- which month


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-04", "2026-04 has not begun"),
        ("2025-11", "2025-11 is before start_on 2025-12-01"),
        ("2026-13", "'2026-13' is no month: write it like 2026-03"),
        ("march", "'march' is no month: write it like 2026-03"),
    ],
)
def test_a_month_that_cannot_be_is_refused(stand: Stand, text: str, why: str) -> None:
    """In one sentence; nothing is read, and nothing is written into the ledger."""
    with (
        use_environment(stand.environment),
        pytest.raises(ValueError, match=why.replace("(", r"\(")),
    ):
        month_named("nordhem", text)

    assert not stand.wire.exchanges
    with stand.environment.books("nordhem").read() as unit:
        assert unit.certificates.last() is None


def test_without_a_month_it_is_the_last_one(stand: Stand) -> None:
    """On 10 March it is February; in the last hour of March in UTC it is March."""
    with use_environment(stand.environment):
        assert str(month_named("nordhem", None)) == "2026-02"
        at(stand, "2026-04-01 00:30")
        assert str(month_named("nordhem", None)) == "2026-03"


async def test_a_month_that_is_not_over_is_provisional(stand: Stand) -> None:
    """It is made, and says so; nothing else is wrong with it."""
    pack = await packed(stand)

    assert (pack.is_provisional, pack.findings, pack.is_clean) == (True, (), False)


async def test_an_empty_month_is_clean(stand: Stand) -> None:
    """Nothing was sold: every table of figures is empty, and nothing must be looked at."""
    at(stand, "2026-04-01 08:00")
    pack = await packed(stand)

    assert pack.is_clean
    assert [one.key for one in pack.tables if one.rows] == [
        "overview",
        "receivables",
        "approvals",  # the directions went live in March
    ]


# -- the OSS return


async def test_a_currency_without_a_rate_of_the_ecb(stand: Stand) -> None:
    """Its sales are listed without euro, and the sentence names month and currency."""
    sold(stand, country="DK", lines=[{"sku": "NH1104NAVM", "unit_price": 125}])
    sold(stand, country="FI", lines=[{"sku": "NH1104NAVM", "unit_price": "125.50"}])
    await settle(stand)
    for day in range(12):
        on = date(2026, 3, 31) + timedelta(days=day)
        stand.world.market.set("ecb", on, "DKK", None)
    at(stand, "2026-04-08 08:00")

    pack = await packed(stand)

    danish, finnish = pack.table("oss").records
    assert (danish["net"], danish["VAT"]) == (D("100.00"), D("25.00"))
    assert (danish["1 EUR is"], danish["net in EUR"], danish["VAT in EUR"]) == (
        None,
        None,
        None,
    )
    assert finnish["VAT in EUR"] == D("25.50")
    told = [row for row in pack.table("overview").rows if row[2] == D("25.50")]
    assert [row[0] for row in told] == [
        "OSS return: VAT, WITHOUT DKK, which have no rate yet"
    ]
    assert "no rate of DKK for the end of 2026-03, 2026-03-31" in said(pack, "oss")
    assert not pack.is_clean


async def test_a_rate_that_is_not_published_yet(stand: Stand) -> None:
    """On the last day before 16:00 there is none; the day before counts for nothing."""
    sold(stand, country="DK")
    await settle(stand)
    at(stand, "2026-03-31 12:00")
    early = await packed(stand)
    at(stand, "2026-04-01 08:00")
    later = await packed(stand)

    assert "no rate of DKK" in said(early, "oss")
    assert later.table("oss").records[0]["of"] == date(2026, 3, 31)
    assert said(later, "oss") == ""


async def test_a_feed_that_is_down(stand: Stand) -> None:
    """The pack is made; what is not in euro is named with the reason."""
    sold(stand, country="DK")
    await settle(stand)
    at(stand, "2026-04-01 08:00")
    stand.fault("before_commit", "ecb.*", times=9)

    pack = await packed(stand)

    assert "no rate of DKK" in said(pack, "oss")
    assert "The ECB could not be read" in said(pack, "oss")


@pytest.mark.parametrize("post_as", ["invoice", "sales_order"])
async def test_a_credit_of_an_earlier_month_is_a_correction(
    tmp_path: Path, post_as: str
) -> None:
    """In both ways of posting, however long ago the sale was; one of this month is none."""
    never_late: dict[str, Any] = {"certificate.clearing_days": 365}
    with a_stand(tmp_path, **rules(post_as), **never_late) as stand:
        at(stand, "2025-12-10 10:00")
        order = sold(
            stand,
            country="FI",
            lines=[{"sku": "NH1104NAVM", "quantity": 2, "unit_price": "125.50"}],
        )
        await settle(stand)
        at(stand, "2026-03-10 10:00")
        stand.edit(order, "return", lines={"NH1104NAVM": 1})
        both = {"sku": "NH1104NAVM", "quantity": 2, "unit_price": "251"}
        other = sold(stand, country="FI", lines=[both])
        await settle(stand)
        stand.edit(other, "return", lines={"NH1104NAVM": 1})
        await settle(stand)
        at(stand, "2026-04-01 08:00")

        pack = await packed(stand)

        [row] = pack.table("oss").records
        assert (row["net"], row["VAT"]) == (D("200.00"), D("51.00"))
        assert (row["corrections net"], row["corrections VAT"]) == (
            D("-100.00"),
            D("-25.50"),
        )
        [correction] = pack.table("oss_corrections").records
        assert (
            correction["sold in"],
            correction["quarter"],
            correction["same quarter"],
        ) == ("2025-12", "2025-Q4", "no")
        assert pack.findings == ()


# -- what does not tie


async def test_an_entry_by_hand_does_not_tie(stand: Stand) -> None:
    """Somebody booked 40 of VAT by journal: the VAT tie-out is off by it, the others tie."""
    sold(stand)
    await settle(stand)
    lines = [
        {"account": "3001", "debit": "40"},
        {"account": "2610", "credit": "40"},
    ]
    make_journal(stand.company, {"currency": "SEK", "lines": lines})
    at(stand, "2026-04-01 08:00")

    pack = await packed(stand)

    by_id = {row["VAT id"]: row for row in pack.table("vat").records}
    assert by_id["without a VAT id"]["difference"] == D(40)
    assert by_id["SE25G"]["difference"] == 0
    assert said(pack, "vat") == (
        "VAT: documents and accounts differ by 40.00 SEK; look for entries that were "
        "made by hand on these accounts."
    )
    assert {one.table for one in pack.findings} == {"vat"}


async def test_an_entry_by_hand_on_a_clearing_account(stand: Stand) -> None:
    """Somebody moved 300 from it to the bank: found in the month and in the balance."""
    sold(stand)
    await settle(stand)
    lines = [
        {"account": "1930", "debit": "300"},
        {"account": "1580", "credit": "300"},
    ]
    make_journal(stand.company, {"currency": "SEK", "lines": lines})
    at(stand, "2026-04-01 08:00")

    pack = await packed(stand)

    assert pack.table("clearing").total("difference") == D(-300)
    assert "differ by 300.00 SEK" in said(pack, "clearing")
    [balance] = pack.table("clearing_balances").records
    assert (balance["balance"], balance["in the books"], balance["difference"]) == (
        D("799.00"),
        D("499.00"),
        D("-300.00"),
    )
    assert "has -300.00 SEK" in said(pack, "clearing_balances")


async def test_accounts_that_are_not_set_are_not_compared(tmp_path: Path) -> None:
    """It is said, and nothing is called equal that nobody has looked at."""
    with a_stand(tmp_path, **posting("invoice"), month_end={}) as stand:
        sold(stand)
        await settle(stand)
        at(stand, "2026-04-01 08:00")
        pack = await packed(stand)

        assert "set month_end.receivables" in said(pack, "receivables")
        assert "set month_end.vat" in said(pack, "vat")
        [row] = pack.table("vat").records
        assert (row["documents"], row["accounts"], row["difference"]) == (
            D("159.80"),
            None,
            None,
        )


async def test_a_payment_that_is_voided_in_a_later_month(stand: Stand) -> None:
    """It counts in its own month, and turned round in the other: both months tie."""
    sold(stand)
    await settle(stand)
    at(stand, "2026-04-02 08:00")
    march = await packed(stand)
    [number] = stand.company.books.payments
    act_on_payment(stand.company, number, {"action": "void"})
    after = await packed(stand)
    april = await packed(stand, "2026-04")

    for pack in (march, after):
        assert pack.table("clearing").total("account in SEK") == D("799.00")
    assert april.table("clearing").total("account in SEK") == D("-799.00")
    for pack in (march, after, april):
        assert pack.table("clearing").total("difference") == 0
        assert said(pack, "receivables") == said(pack, "clearing") == ""


async def test_a_zone_that_the_settings_do_not_name(stand: Stand) -> None:
    """An invoice by hand to France's zone at 20 %: its scheme is unknown, and it is said."""
    own = {"countries": ["SE"], "rate": 25, "category": "STDG", "zone": "SE"}
    stand.change(vat=[{**own, "prices": "gross"}])
    line = {"account": "3001", "price": "100", "vat_category": "STD"}
    make_document(
        stand.company,
        "Invoice",
        {"customer": "10001", "vat_zone": "OSS-FR", "lines": [line]},
    )
    at(stand, "2026-04-01 08:00")

    pack = await packed(stand)

    [row] = pack.table("sales").records
    assert (row["scheme"], row["rate %"], row["net"]) == ("unknown", 20, D("100.00"))
    assert "the VAT zone and rate of 1 document (200001)" in said(pack, "sales")


async def test_an_invoice_that_tells_its_vat_alone(stand: Stand) -> None:
    """Of another connector, without lines and VAT ids: net and VAT as it tells them."""
    stand.company.add_invoice(
        customer="10001",
        gross=D("2557.30"),
        vat=D("511.46"),
        currency="SEK",
        on=date(2026, 3, 10),
    )
    at(stand, "2026-04-01 08:00")

    pack = await packed(stand)

    [row] = pack.table("sales").records
    assert (row["scheme"], row["rate %"]) == ("unknown", D(25))
    assert (row["net"], row["VAT"]) == (D("2045.84"), D("511.46"))
    assert said(pack, "vat") == ""
    assert "1 document (200001)" in said(pack, "sales")


async def test_a_company_without_a_vat_number(stand: Stand) -> None:
    """It bought at reverse charge; the sentence names its customer."""
    line = {"account": "3001", "price": "100", "vat_category": "RC"}
    make_document(
        stand.company,
        "Invoice",
        {"customer": "10001", "vat_zone": "EUB2B", "lines": [line]},
    )
    at(stand, "2026-04-01 08:00")

    pack = await packed(stand)

    [row] = pack.table("reverse_charge").records
    assert (row["VAT number"], row["customer"], row["net"]) == ("", "10001", D(100))
    assert "10001" in said(pack, "reverse_charge")


async def test_a_broken_audit_chain_is_said(stand: Stand) -> None:
    """Who approved what cannot be believed then."""
    at(stand, "2026-04-01 08:00")
    from sqlalchemy import text  # noqa: PLC0415 - hands on the database

    with stand.environment.ledger._transactions.write() as db:
        if db.dialect.name == "postgresql":
            db.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in db.execute(text(query)).all():
                db.execute(text(f"DROP TRIGGER {name}"))
        db.execute(text("UPDATE audit SET actor = 'Nobody' WHERE seq = 3"))

    assert "Line 3 of the audit chain" in said(await packed(stand), "approvals")
