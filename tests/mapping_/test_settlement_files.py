"""Each layout of a settlement file becomes the same lines, and what is odd is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import RecordError
from mapping.payout_models import Payout, keyed_lines, payouts_of
from mapping.payouts import payout_to_journal
from mapping.quoted_rates import RateTable
from mapping.rates import Rates
from mapping.settlement_files import read_settlement_file
from mapping.settlement_lines import SettlementFile
from settings.connection import Connection
from settings.posting import SettlementRules
from tests.tasks_.settling import ACCOUNTS, SETTLED
from tests.tasks_.stand import a_connection

D = Decimal
ZONE = ZoneInfo("Europe/Stockholm")
EURO = {"currency": "EUR", "to": "SEK", "rate": "11.50", "since": "2026-01-01"}
RATES = Rates(RateTable(centra_base="SEK"))

OWN = """payout_id,payout_date,currency,kind,reference,order,amount,date,description
P-7,2026-03-12,SEK,capture,PSP-1,10121,1250.00,2026-03-09,
P-7,2026-03-12,SEK,capture,PSP-2,10122,400.00,2026-03-10,
P-7,2026-03-12,SEK,refund,PSP-1-R1,10121,-250.00,2026-03-11,
P-7,2026-03-12,SEK,fee,PSP-1,10121,-25.00,2026-03-09,
P-7,2026-03-12,SEK,fee,,,-8.50,,monthly fee
P-7,2026-03-12,SEK,chargeback,PSP-0,10090,-99.00,2026-03-10,
P-7,2026-03-12,SEK,correction,,,-100.00,,reserve
P-7,2026-03-12,SEK,payout,,,1167.50,,
"""
KLARNA = """payment_reference;payout_date;settlement_currency;merchant_id;total_tax_amount;total_settlement_amount
XISA93DJ;2026-03-12T23:30:00Z;SEK;K123456;2.00;{total}

type;detailed_type;amount;capture_date;order_id;capture_id;refund_id;merchant_reference1;posting_currency
SALE;PURCHASE;1250.00;2026-03-09T10:00:00Z;KO-1;KC-1;;10121;SEK
FEE;PURCHASE_FEE_PERCENTAGE;{sign}25.00;2026-03-09T10:00:00Z;KO-1;KC-1;;10121;SEK
RETURN;PURCHASE_RETURN;{sign}250.00;2026-03-11T10:00:00Z;KO-1;;KR-1;10121;SEK
REVERSAL;REVERSAL;{sign}99.00;2026-03-10T10:00:00Z;KO-0;;;10090;SEK
HOLDBACK;ROLLING_RESERVE;{sign}100.00;2026-03-12T10:00:00Z;;;;;SEK
"""
ADYEN = """Company Account,Merchant Account,Psp Reference,Merchant Reference,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number
Co,Shop,PSP1,10121,2026-03-09 23:59:00,CET,Settled,CAP1,EUR,,5.00,1,EUR,,4.88,,0.04,0.01,0.07,4
Co,Shop,PSP2,10122,2026-03-10 11:26:49,CET,Chargeback,DIS2,EUR,349.99,,1,EUR,357.49,,7.5,,,,4
Co,Shop,PSP3,10123,2026-03-10 12:00:00,CET,Settled,CAP3,EUR,,1000.00,1,EUR,,990.00,10.00,,,,4
Co,Shop,PSP3,10123,2026-03-11 12:00:00,CET,Refunded,REF3,EUR,100.00,,1,EUR,100.00,,,,,,4
Co,Shop,,,2026-03-11 12:00:00,CET,Fee,Transaction Fees,EUR,,,,EUR,2.39,,,,,,4
Co,Shop,,,2026-03-12 02:00:00,CET,MerchantPayout,TX 4,EUR,,,,EUR,535.00,,,,,,4
"""


def rules(layout: str = "own", **more: str) -> SettlementRules:
    """How files of a method are booked."""
    return SettlementRules.model_validate({**ACCOUNTS, "format": layout, **more})


def read(text: str, layout: str = "own", **more: str) -> SettlementFile:
    """Read a file of the method Klarna."""
    return read_settlement_file(
        text.encode(), rules(layout, **more), method="Klarna", zone=ZONE
    )


def klarna(total: str = "774.00", sign: str = "") -> str:
    """Klarna's report, with or without minus signs."""
    return KLARNA.format(total=total, sign=sign)


def payout(text: str, layout: str = "own", method: str = "Klarna") -> Payout:
    """The only payout of a file."""
    [one] = payouts_of(read(text, layout), method)
    return one


def connection(layout: str = "own", **changes: object) -> Connection:
    """The demo's connection, settled by files of a layout."""
    return a_connection(
        **{
            **SETTLED,
            "rates.sources": ["manual"],
            "rates.table": [EURO],
            "payment_methods.Klarna.settlement": {**ACCOUNTS, "format": layout},
            **changes,
        }
    )


def booked(one: Payout, settings: Connection) -> dict[str, Decimal]:
    """What the journal of a payout debits and credits, by account."""
    draft = payout_to_journal(one, connection=settings, rates=RATES)
    sums: dict[str, Decimal] = {}
    for part in draft.parts:
        sums[part.account] = sums.get(part.account, D(0)) + part.amount
    return sums


def refused(text: str, layout: str = "own", **more: str) -> RecordError:
    """Why a file is refused."""
    with pytest.raises(RecordError) as error:
        read(text, layout, **more)
    return error.value


def test_the_own_layout_adds_up_to_its_payout() -> None:
    """Each kind goes to its account; the clearing account gets captures less refunds."""
    one = payout(OWN)

    assert (one.id, one.currency, one.day) == ("P-7", "SEK", date(2026, 3, 12))
    assert booked(one, connection()) == {
        "1930": D("1167.50"),
        "6570": D("33.50"),
        "1689": D("99.00"),
        "1688": D("100.00"),
        "1580": D("-1400.00"),
    }
    draft = payout_to_journal(one, connection=connection(), rates=RATES)
    assert sum(part.amount for part in draft.parts) == 0
    assert [
        (part.text, part.amount) for part in draft.parts if part.part == "clearing"
    ] == [
        ("PSP-1", D("-1250.00")),
        ("PSP-2", D("-400.00")),
        ("PSP-1-R1", D("250.00")),
    ]


@pytest.mark.parametrize("sign", ["", "-"])
def test_klarnas_report_is_read_with_and_without_its_minus(sign: str) -> None:
    """Its pages do not say which it has; the sum is the same. VAT on fees is a fee."""
    one = payout(klarna(sign=sign), "klarna")

    assert (one.id, one.day) == ("XISA93DJ", date(2026, 3, 13))
    assert booked(one, connection("klarna")) == {
        "1930": D("774.00"),
        "6570": D("27.00"),
        "1689": D("99.00"),
        "1688": D("100.00"),
        "1580": D("-1000.00"),
    }
    [refund] = [line for line in one.lines if line.kind == "refund"]
    assert (refund.references, refund.order) == (("KR-1", "KO-1"), "10121")


def test_adyens_report_is_read_before_its_fees() -> None:
    """Net and fees are the gross; days are those of the account's own zone."""
    one = payout(ADYEN, "adyen")

    assert (one.id, one.currency, one.paid) == ("Shop/4", "EUR", D("535.00"))
    assert [
        (line.kind.value, line.amount, line.reference)
        for line in one.lines
        if line.kind != "payout"
    ] == [
        ("capture", D("5.00"), "PSP1"),
        ("fee", D("-0.12"), "PSP1"),
        ("chargeback", D("-349.99"), "PSP2"),
        ("fee", D("-7.5"), "PSP2"),
        ("capture", D("1000.00"), "PSP3"),
        ("fee", D("-10.00"), "PSP3"),
        ("refund", D("-100.00"), "REF3"),
        ("fee", D("-2.39"), ""),
    ]
    assert one.lines[0].day == date(2026, 3, 9)
    assert booked(one, connection("adyen")) == {
        "1930EUR": D("535.00"),
        "6570": D("20.01"),
        "1689": D("349.99"),
        "1580EUR": D("-905.00"),
    }


def test_a_payout_that_does_not_add_up_is_refused_in_figures() -> None:
    """The sum that fails is shown, with what is missing."""
    one = payout(klarna(total="784.00"), "klarna")

    with pytest.raises(RecordError) as error:
        payout_to_journal(one, connection=connection("klarna"), rates=RATES)

    assert error.value.code == "SETTLEMENT_SUMS_DIFFER"
    assert error.value.message == (
        "payout XISA93DJ SEK: its lines come to 774.00 SEK (capture 1,250.00, refund "
        "-250.00, fee -27.00, chargeback -99.00, correction -100.00), but it says "
        "784.00; 10.00 is missing"
    )


def test_a_payout_without_its_row_is_refused() -> None:
    """What reached the bank must be told; it is never worked out."""
    one = payout(OWN.replace("P-7,2026-03-12,SEK,payout,,,1167.50,,\n", ""))

    with pytest.raises(RecordError, match="it says no payout") as error:
        payout_to_journal(one, connection=connection(), rates=RATES)

    assert error.value.code == "SETTLEMENT_SUMS_DIFFER"


@pytest.mark.parametrize(
    ("text", "layout", "code", "said"),
    [
        (
            OWN.replace(",correction,", ",gift,"),
            "own",
            "SETTLEMENT_KIND_UNKNOWN",
            "row 8 is of the kind 'gift'",
        ),
        (
            klarna().replace("HOLDBACK", "LOAN"),
            "klarna",
            "SETTLEMENT_KIND_UNKNOWN",
            "row 9 is of the type 'LOAN'",
        ),
        (
            klarna().replace("10090;SEK", "10090;EUR"),
            "klarna",
            "SETTLEMENT_CURRENCY",
            "row 8 is in EUR, its payout in SEK",
        ),
        (
            ADYEN.replace(",Fee,", ",PaidOut,"),
            "adyen",
            "SETTLEMENT_KIND_UNKNOWN",
            "row 6 is of the type 'PaidOut'",
        ),
    ],
)
def test_a_line_that_nobody_knows_parks_its_payout(
    text: str, layout: str, code: str, said: str
) -> None:
    """Without it the rest would prove nothing; its row is named."""
    with pytest.raises(RecordError, match=said) as error:
        payout_to_journal(
            payout(text, layout), connection=connection(layout), rates=RATES
        )

    assert error.value.code == code


def test_an_account_that_is_not_set_parks_the_payout() -> None:
    """The setting to add is named."""
    accounts = {**ACCOUNTS, "chargebacks": None}
    settings = connection(**{"payment_methods.Klarna.settlement": accounts})

    with pytest.raises(RecordError) as error:
        payout_to_journal(payout(OWN), connection=settings, rates=RATES)

    assert error.value.code == "SETTLEMENT_ACCOUNT_MISSING"
    assert error.value.fix == ('Set payment_methods."Klarna".settlement.chargebacks.')


def test_a_currency_without_a_clearing_account_is_refused() -> None:
    """It is never converted."""
    one = payout(OWN.replace(",SEK,", ",CHF,"))

    with pytest.raises(RecordError) as error:
        payout_to_journal(one, connection=connection(), rates=RATES)

    assert error.value.code == "SETTLEMENT_CURRENCY"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "none of the headers"),
        ("\0\0", "no text"),
        ("  \n", "empty"),
    ],
)
def test_what_is_no_settlement_file_is_refused(text: str, said: str) -> None:
    """Nothing of it is taken."""
    error = refused(text)

    assert said in error.message
    assert error.code == "SETTLEMENT_FORMAT"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1250.00", "1250,00", "row 2 has 10 cells, and the header 9"),
        ("1250.00", "1 250.00", "row 2, column 'amount': '1 250.00' is no amount"),
        ("1250.00", "1250.005", "'1250.005' is finer than SEK is"),
        ("2026-03-09", "9/3/2026", "row 2, column 'date': '9/3/2026' is no date"),
        (",SEK,capture", ",kr,capture", "'kr' is no currency code"),
        ("P-7,2026-03-12,SEK,refund", ",2026-03-12,SEK,refund", "it is empty"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_the_file(
    old: str, new: str, said: str
) -> None:
    """The sum of the others would prove nothing; row and column are named."""
    with pytest.raises(RecordError, match=said) as error:
        read(OWN.replace(old, new, 1))

    assert error.value.code in {"SETTLEMENT_LINE_WRONG", "SETTLEMENT_FORMAT"}


def test_gross_and_net_of_adyen_must_agree() -> None:
    """A row that does not agree with itself refuses the file."""
    error = refused(ADYEN.replace(",5.00,1,EUR,,4.88", ",5.00,1,EUR,,4.98"), "adyen")

    assert error.code == "SETTLEMENT_LINE_WRONG"
    assert "net and fees come to 5.10 EUR, gross is 5.00" in error.message


def test_a_file_of_another_layout_or_merchant_is_refused() -> None:
    """A file of Adyen is not booked as one of Klarna, nor another shop's as ours."""
    assert refused(ADYEN, "klarna").code == "SETTLEMENT_METHOD"
    assert refused(klarna(), "klarna", merchant="K999").code == "SETTLEMENT_METHOD"
    named = OWN.replace("description\n", "method\n").replace(
        "2026-03-09,\n", "2026-03-09,Adyen\n", 1
    )
    assert "names the method Adyen" in refused(named).message


def test_two_currencies_of_one_payout_are_two_payouts() -> None:
    """Each is booked on its own accounts, and adds up for itself."""
    both = OWN + "\n".join(OWN.replace(",SEK,", ",EUR,").splitlines()[1:]) + "\n"

    first, second = payouts_of(read(both), "Klarna")

    assert (first.source_id, second.source_id) == ("Klarna/SEK/P-7", "Klarna/EUR/P-7")
    assert booked(second, connection())["1930EUR"] == D("1167.50")
    assert booked(second, connection())["1580EUR"] == D("-1400.00")
    draft = payout_to_journal(second, connection=connection(), rates=RATES)
    assert draft.rate is not None
    assert (draft.rate.rate, draft.rate.source) == (D("11.50"), "manual")


def test_a_line_is_the_same_in_whichever_file_it_stands() -> None:
    """Its key says what it says, not where; two alike in one payout are told apart."""
    twice = OWN.replace(
        "P-7,2026-03-12,SEK,capture,PSP-2,10122,400.00,2026-03-10,\n",
        "P-7,2026-03-12,SEK,capture,PSP-2,10122,400.00,2026-03-10,\n" * 2,
    )
    moved = OWN.replace("P-7,", "P-8,")

    keys = [key for key, _ in keyed_lines(payout(OWN))]
    more = [key for key, _ in keyed_lines(payout(twice))]

    assert [key for key, _ in keyed_lines(payout(moved))] == keys
    assert len(keys) == len(set(keys)) == 4
    assert len(more) == len(set(more)) == 5
    assert set(keys) < set(more)
