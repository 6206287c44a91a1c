"""A document of the customer ledger is proved per VAT rate before it is released."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import RecordError
from connectors.visma.ledger_models import InvoiceRow, ReleaseResult
from connectors.visma.ledger_writes import NewInvoice
from tasks.direction import WaitingError
from tasks.ledger_proof import Figures, LedgerBook

D = Decimal
WANTED = Figures(D("237.00"), D("37.00"), "SEK", {"25": D("25.00"), "12": D("12.00")})


def vat(**by_rate: str) -> list[dict[str, Any]]:
    """Return VAT details, `_` before each rate."""
    return [
        {"vatId": rate, "vatRate": D(rate.removeprefix("_")), "vatAmount": D(amount)}
        for rate, amount in by_rate.items()
    ]


RIGHT = vat(_25="25.00", _12="12.00")


class Books:
    """Visma.net with one invoice; keeps what was done to it."""

    def __init__(
        self,
        *,
        single: list[dict[str, Any]],
        listed: list[dict[str, Any]] | None = None,
        total: str = "237.00",
        results: tuple[str, ...] = ("Done",),
    ) -> None:
        """Show VAT details on single reads, or in lists only."""
        self.single, self.listed, self.total = single, listed or single, total
        self.status, self.results = "Hold", list(results)
        self.done: list[str] = []

    def row(self, details: list[dict[str, Any]]) -> InvoiceRow:
        """The invoice as it stands."""
        return InvoiceRow.model_validate(
            {
                "referenceNumber": "200001",
                "status": self.status,
                "hold": self.status == "Hold",
                "externalReference": "N-S1",
                "amount": D(self.total),
                "vatTotal": D("37.00"),
                "currencyId": "SEK",
                "taxDetails": details,
            }
        ).model_copy(update={"etag": "v"})

    async def get(self, number: str) -> InvoiceRow:
        """Read it alone."""
        assert number == "200001"
        return self.row(self.single)

    async def find(self, reference: str) -> list[InvoiceRow]:
        """Read it in a list."""
        self.done.append("listed")
        assert reference == "N-S1"
        return [self.row(self.listed)]

    async def change(self, number: str, write: NewInvoice, etag: str) -> None:
        """Set or lift the hold."""
        assert (number, etag) == ("200001", "v")
        self.status = "Hold" if write.hold else "Balanced"
        self.done.append(self.status)

    async def release(self, number: str, etag: str) -> ReleaseResult:
        """Release it, or not."""
        assert (number, etag) == ("200001", "v")
        result = self.results.pop(0)
        self.done.append(result)
        if result == "Done":
            self.status = "Open"
        return ReleaseResult(action_result=result, error_info="said so")

    def book(self) -> LedgerBook[NewInvoice]:
        """The book over this."""
        return LedgerBook(
            "invoice", self.get, self.find, self.change, self.release, NewInvoice
        )


async def test_what_is_right_is_released_once() -> None:
    """The hold is lifted, the document released, and one in the books left alone."""
    books = Books(single=RIGHT)
    proved = await books.book().prove("200001", WANTED, "shipment 1")
    await books.book().release("200001", "shipment 1", proved)
    await books.book().release("200001", "shipment 1")

    assert books.done == ["Balanced", "Done"]
    assert books.status == "Open"


async def test_vat_per_rate_is_read_from_the_list_where_only_that_shows_it() -> None:
    """A document that comes without VAT details is not taken as right by its sum."""
    wrong = vat(_25="37.00")
    books = Books(single=[], listed=wrong)
    with pytest.raises(RecordError) as caught:
        await books.book().prove("200001", WANTED, "shipment 1")

    assert caught.value.code == "TOTAL_DIFFERS"
    assert "its VAT at 12 % is 0 SEK, not 12.00" in caught.value.message
    assert books.done == ["listed"]
    assert books.status == "Hold"


async def test_what_differs_is_held() -> None:
    """A document that people could release is put on hold, and told with both sums."""
    books = Books(single=RIGHT, total="237.01")
    books.status = "Balanced"
    with pytest.raises(RecordError) as caught:
        await books.book().prove("200001", WANTED, "shipment 1")

    assert "comes to 237.01 SEK, not 237.00" in caught.value.message
    assert books.done == ["Hold"]


async def test_a_failed_release_says_why() -> None:
    """A failure that comes with a good status parks, with what Visma.net said."""
    books = Books(single=RIGHT, results=("Failed",))
    with pytest.raises(RecordError) as caught:
        await books.book().release("200001", "shipment 1")

    assert caught.value.code == "ACTION_FAILED"
    assert "said so" in caught.value.message


async def test_a_queued_release_is_waited_for() -> None:
    """What is not released yet is no success."""
    books = Books(single=RIGHT, results=("Queued",))
    with pytest.raises(WaitingError):
        await books.book().release("200001", "shipment 1")

    assert books.done == ["Balanced", "Queued"]
