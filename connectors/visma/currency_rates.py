"""Visma.net's own table of exchange rates: read, and written before a document.

Sales orders and payments take their rate from it: the newest row of the rate type
that has begun. `Multiply` says that an amount times the rate is the amount in the
other currency, `Divide` that it is to be divided by it. Source: GET, POST and PUT of
/v2/currencyrate in the ERP specification; the list knows no paging.
"""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from connectors.errors import RecordError
from connectors.rates.quotes import Quote, unreadable
from connectors.transport import ApiClient
from connectors.visma.lists import get_list
from connectors.visma.paging import rows_of
from connectors.visma.wrapping import wrap
from connectors.wire import Incoming, Outgoing

__all__ = ["CurrencyRate", "CurrencyRates", "NewCurrencyRate"]

_PATH = "/v2/currencyrate"


class CurrencyRate(Incoming):
    """A row of the table; it counts from its day on."""

    id: int
    from_currency_id: str
    to_currency_id: str
    rate_type: str = ""
    rate: Decimal
    effective_date: str
    mult_div: str = "Multiply"

    @property
    def on(self) -> date:
        """The day from which it counts."""
        return date.fromisoformat(self.effective_date[:10])

    def quote(self) -> Quote:
        """The row as a quote, without a division: `Divide` is a rate the other way.

        Raises:
            RetryableError: It is neither multiplied nor divided by, or is not above zero.
        """
        if self.rate <= 0 or self.mult_div not in {"Multiply", "Divide"}:
            pair = f"{self.from_currency_id} to {self.to_currency_id}"
            row = f"the rate of {pair} of {self.on} is {self.mult_div} {self.rate}"
            raise unreadable("Visma.net's table", row)
        if self.mult_div == "Divide":
            currency, to = self.to_currency_id, self.from_currency_id
        else:
            currency, to = self.from_currency_id, self.to_currency_id
        return Quote("visma", self.on, currency, to, self.rate)


class NewCurrencyRate(Outgoing):
    """A row to add: what one unit of a currency is in another from a day on."""

    from_currency_id: str
    to_currency_id: str
    rate_type: str
    effective_date: str
    rate: Decimal = Field(gt=0)
    mult_div: Literal["Multiply"] = "Multiply"


class CurrencyRates:
    """GET and POST of /v2/currencyrate."""

    def __init__(self, erp: ApiClient) -> None:
        """Work through the ERP service."""
        self._erp = erp
        self._turn = asyncio.Lock()

    async def get(self, rate_type: str) -> tuple[CurrencyRate, ...]:
        """Return the rows of a rate type; the filter is checked, as an unknown one passes."""
        answer = await get_list(self._erp, _PATH, {"rateType": rate_type})
        rows = map(CurrencyRate.model_validate, rows_of(answer.body, self._erp.peer))
        return tuple(one for one in rows if one.rate_type == rate_type)

    async def ensure(self, row: NewCurrencyRate) -> CurrencyRate | None:
        """Add a row, unless one of the pair, type and day is there: that one is returned.

        It is never changed. One at a time: two documents of a day need the same row.

        Raises:
            RecordError: Visma.net refuses it.
            InDoubtError: It may or may not have been added.
        """
        async with self._turn:
            found = await self._find(row)
            if found is not None:
                return found
            try:
                await self._create(row)
            except RecordError:
                found = await self._find(row)  # another worker may have been faster
                if found is None:
                    raise
            return found

    async def _find(self, row: NewCurrencyRate) -> CurrencyRate | None:
        pair, on = {row.from_currency_id, row.to_currency_id}, row.effective_date[:10]
        for one in await self.get(row.rate_type):
            if {one.from_currency_id, one.to_currency_id} == pair and str(one.on) == on:
                return one
        return None

    async def _create(self, row: NewCurrencyRate) -> None:
        await self._erp.request(
            "POST",
            _PATH,
            repeatable=False,
            json=wrap(row.model_dump(by_alias=True)),
            operation="POST currencyrate",
        )
