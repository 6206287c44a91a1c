"""What the tests of the ledger start from: entries, drafts, intents at some state."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ledger import Claim, ConnectionLedger, Draft, SourceEntry

ORDERS = "orders"


def entry(source_id: str = "1", **changes: Any) -> SourceEntry:
    """An order as it was read."""
    values: dict[str, Any] = {
        "source_id": source_id,
        "label": f"#{source_id}",
        "fingerprint": "f1",
        "body": f"body of {source_id}".encode(),
        "person": f"dtc-{source_id}",
        "amount": Decimal("125.00"),
        "currency": "SEK",
    }
    return SourceEntry(**(values | changes))


def draft(source_id: str = "1", **changes: Any) -> Draft:
    """What the mapping made of it."""
    values: dict[str, Any] = {
        "kind": "sales_order",
        "body": f"draft of {source_id}".encode(),
        "body_hash": f"h-{source_id}",
        "reference": f"N-{source_id}",
        "amount": Decimal("125.00"),
        "vat": Decimal("25.00"),
        "currency": "SEK",
        "needs": (("customers", f"dtc-{source_id}"),),
        "summary": {"lines": "2"},
        "mapping_version": "m1",
    }
    return Draft(**(values | changes))


def start_run(books: ConnectionLedger, key: str = "k1", settings: str = "s1") -> int:
    """A run, or its next attempt."""
    with books.begin() as unit:
        return unit.runs.start(ORDERS, key, "apply", settings)


def take(
    books: ConnectionLedger, run_id: int, entries: Sequence[SourceEntry], **kwargs: Any
) -> int:
    """A batch with these entries."""
    with books.begin() as unit:
        batch = unit.records.open_batch(ORDERS, run_id)
        unit.records.take_page(batch, entries, **kwargs)
    return batch


def plan(
    books: ConnectionLedger,
    source_ids: Sequence[str] = ("1",),
    *,
    run_key: str = "k1",
    operation: str = "create",
    **changes: Any,
) -> tuple[int, int]:
    """Take, draft and plan: (run, batch)."""
    run_id = start_run(books, run_key)
    batch = take(books, run_id, [entry(each, **changes) for each in source_ids])
    with books.begin() as unit:
        for each in source_ids:
            row = unit.records.get(ORDERS, each)
            assert row is not None
            assert unit.records.put_draft(ORDERS, each, row.revision, draft(each))
            unit.intents.plan(
                ORDERS,
                each,
                operation,
                draft(each),
                revision=row.revision,
                run_id=run_id,
                batch_id=batch,
            )
    return run_id, batch


def claim(books: ConnectionLedger, limit: int = 10, **kwargs: Any) -> list[Claim]:
    """Claims of a lease of 300 seconds."""
    with books.begin() as unit:
        return unit.intents.claim(ORDERS, limit=limit, lease_seconds=300, **kwargs)


def send(books: ConnectionLedger) -> Claim:
    """The claim of a single intent whose request is on its way."""
    (one,) = claim(books)
    with books.begin() as unit:
        return unit.intents.mark_sending(one)


def confirm(books: ConnectionLedger, one: Claim, target_id: str = "SO1") -> bool:
    """Confirm a claim as the document of its source."""
    with books.begin() as unit:
        return unit.intents.confirm(one, target_kind="sales_order", target_id=target_id)


def state(books: ConnectionLedger, source_id: str = "1") -> str:
    """The state of the first intent of a source."""
    with books.read() as unit:
        return unit.intents.of_source(ORDERS, source_id)[0].state


def record_state(books: ConnectionLedger, source_id: str = "1") -> str:
    """The state of a record."""
    with books.read() as unit:
        row = unit.records.get(ORDERS, source_id)
    assert row is not None
    return row.state


def hold(books: ConnectionLedger, why: str = "looks wrong") -> list[int]:
    """Hold back all that is planned; answers the ids."""
    with books.begin() as unit:
        rows = unit.intents.pending(ORDERS)
        assert all(unit.intents.hold_back(row, why) for row in rows)
    return [row.intent_id for row in rows]
