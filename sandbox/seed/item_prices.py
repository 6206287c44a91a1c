"""The sales prices of Visma.net: base prices, consumers' and retailers', and a few traps."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sandbox.centra.store import CentraInstance
from sandbox.seed.shops import WHOLESALE_STORE, dtc_pricelist
from sandbox.visma.company import Company
from sandbox.visma.goods_records import Item

__all__ = ["add_price_traps", "add_prices"]

_AGE: Final = timedelta(days=400)
_WHOLESALE_CURRENCIES: Final = ("SEK", "NOK", "DKK", "EUR", "GBP")
_KIND: Final = "CustomerPriceClass"


def add_prices(
    company: Company,
    instance: CentraInstance,
    item: Item,
    retail: Mapping[str, int],
    wholesale: Mapping[str, int],
) -> None:
    """Add the rows of an item; `retail` has VAT in it, `wholesale` has not, in sub-units.

    Base prices are net, in base currency. The price class `WEB` has what consumers pay, in every
    currency that the shop sells in; `WHOLESALE` what retailers pay.
    """
    goods, since = company.goods, _today(company) - _AGE
    if item.default_price is not None:
        goods.add_price(
            "Base",
            item,
            company.setup.base_currency,
            item.default_price,
            effective_on=since,
        )
    for currency, amount in retail.items():
        if dtc_pricelist(instance, currency) is not None:
            price = _major(instance, currency, amount)
            goods.add_price(
                _KIND, item, currency, price, code="WEB", effective_on=since
            )
    if WHOLESALE_STORE not in instance.stores:
        return
    for currency in _WHOLESALE_CURRENCIES:
        if currency not in wholesale:
            continue
        price = _major(instance, currency, wholesale[currency])
        goods.add_price(
            _KIND, item, currency, price, code="WHOLESALE", effective_on=since
        )


def add_price_traps(company: Company) -> None:
    """Add rows in kronor that do not count today: of tomorrow, of yesterday, of large quantities.

    One style gets dearer in two weeks, one is cheaper by the ten, one was in a sale that is over,
    one has a price of its own for a customer, and one is in a sale that is on for another week.
    """
    goods, today = company.goods, _today(company)
    for item in list(company.items.values()):
        style, usual = item.attributes.get("STYLE"), item.recommended_price
        if usual is None:
            continue
        match style:
            case "NH1001":
                goods.add_price(
                    _KIND,
                    item,
                    "SEK",
                    usual + 200,
                    code="WEB",
                    effective_on=today + timedelta(days=14),
                )
            case "NH1203":
                goods.add_price(
                    _KIND,
                    item,
                    "SEK",
                    usual - 50,
                    code="WEB",
                    effective_on=today - _AGE,
                    break_quantity=Decimal(10),
                )
            case "NH1102":
                _sale(company, item, usual - 300, _days(today, -60, -30))
            case "NH1103":
                goods.add_price(
                    "Customer",
                    item,
                    "SEK",
                    usual / 2,
                    code="10001",
                    effective_on=today - _AGE,
                )
            case "NH1503":
                _sale(company, item, usual - 30, _days(today, -7, 7))
            case _:
                continue


def _sale(
    company: Company, item: Item, price: Decimal, days: tuple[date, date]
) -> None:
    company.goods.add_price(
        _KIND,
        item,
        "SEK",
        price,
        code="WEB",
        effective_on=days[0],
        expires_on=days[1],
        promotion=True,
    )


def _days(today: date, first: int, last: int) -> tuple[date, date]:
    return today + timedelta(days=first), today + timedelta(days=last)


def _today(company: Company) -> date:
    return company.local_date(company.clock.now())


def _major(instance: CentraInstance, currency: str, amount: int) -> Decimal:
    return Decimal(amount) / instance.currencies[currency].denominator
