"""Each document of a record told back: amounts, rules, settings, rate, run, who approved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from connectors.errors import RecordError
from ledger import UNDO, ErasedError, IntentRow, Unit
from mapping.fulfilment import Dispatch
from mapping.journals import journal_lines
from mapping.origin_sources import origins_of
from mapping.origins import with_item_accounts
from mapping.payout_models import PayoutDraft
from mapping.rounding import rounding_for
from mapping.stock_adjustments import AdjustmentDraft
from settings.connection import Connection
from tasks.booked_rates import known_table, rate_of
from tasks.ledger_documents import lines_of, row_of
from tasks.told_invoices import MadeByVisma
from tasks.told_origins import plain_text, told_origins

__all__ = ["Telling", "standing_of"]

_ROLES = ("created", "adopted", "undone", "undoes")


class Telling:
    """Tells documents back, with the settings of now and of every version before."""

    def __init__(self, unit: Unit, settings: Connection) -> None:
        self._unit = unit
        self._settings = settings
        self._bodies = {one.version: one.body for one in unit.history.settings()}
        self._made = MadeByVisma(
            unit, settings, lambda run_id: self._settings_of(run_id)[0]
        )

    def made(self, kind: str, number: str) -> dict[str, Any]:
        """What Visma.net made of sales orders: its shipments, and each amount told back."""
        return {
            "shipments": self._made.shipments(kind, number),
            "amounts": self._made_amounts(kind, number),
        }

    def documents(self, direction: str, source_id: str) -> Iterator[dict[str, Any]]:
        """The documents of a record, the oldest first; each as it was written last."""
        intents = self._unit.intents.of_source(direction, source_id)
        for link in self._unit.links.of_source(direction, source_id):
            if link.role not in _ROLES:
                continue
            own = [
                one
                for one in intents
                if (one.target_kind, one.target_id)
                == (link.target_kind, link.target_id)
                and one.state == "confirmed"
                and (one.kind == UNDO) == (link.role == "undoes")
            ]
            told: dict[str, Any] = {
                "direction": direction,
                "record": source_id,
                "kind": link.target_kind,
                "number": link.target_id,
                "role": link.role,
                "stands": standing_of(self._unit, link.target_kind, link.target_id),
            }
            if own:
                told |= self._written(own[-1], own[:-1])
            yield told

    def _written(self, last: IntentRow, before: Sequence[IntentRow]) -> dict[str, Any]:
        return {
            "operation": last.operation,
            "reference": last.reference,
            "amount": plain_text(last.amount),
            "vat": plain_text(last.vat),
            "currency": last.currency,
            "date": last.summary.get("date", "")[:10] or None,
            "before": [
                {
                    "operation": one.operation,
                    "amount": plain_text(one.amount),
                    "run": one.run_id,
                }
                for one in before
            ],
            "amounts": self._amounts(last),
            "settings": self._version(last.run_id),
            "rate": self._rate(last),
            "run": self._run(last),
        }

    # -- amounts

    def _made_amounts(self, kind: str, number: str) -> dict[str, Any]:
        told = self._made.origins(kind, number)
        if told is None:
            return {}
        if isinstance(told, str):
            return {"note": told}
        stands = standing_of(self._unit, kind, number) or {}
        figures = (plain_text(told.total), plain_text(told.vat))
        agrees = figures == (stands.get("total"), stands.get("vat"))
        return told_origins(told) | {"agrees": agrees}

    def _amounts(self, intent: IntentRow) -> dict[str, Any]:
        """What Centra said and which rules; or in one sentence why that is not known."""
        try:
            read, sent = self._unit.intents.evidence(intent.intent_id)
        except ErasedError:
            return {"note": "erased: the person's data was deleted on request"}
        own = self._own_amounts(intent, sent)
        if own is not None:
            return own
        if read is None:
            return {"note": "nothing was kept of what the source said"}
        return self._worked_out(intent, read)

    def _own_amounts(self, intent: IntentRow, sent: bytes) -> dict[str, Any] | None:
        """Of what has no lines that Centra states; None of everything else."""
        match intent.kind:
            case kind if kind == UNDO:
                what = intent.summary.get("undoes", "a document")
                return {"note": f"it takes back {what}, line by line"}
            case "inventory_adjustment":
                return {"lines": list(_moved(sent))}
            case "journal":
                return {"journal": journal_lines(PayoutDraft.model_validate_json(sent))}
            case "visma_shipment" if intent.target_kind == intent.kind:
                dispatch = Dispatch.model_validate_json(sent)
                rounding = rounding_for(intent.currency or "", self._settings)
                return _left(dispatch, rounding.amount(dispatch.total))
            case "visma_shipment":  # nothing of it is in stock: it is invoiced alone
                made = intent.target_kind or "", intent.target_id or ""
                return self._made_amounts(*made)
            case _:
                return None

    def _worked_out(self, intent: IntentRow, read: bytes) -> dict[str, Any]:
        """The amounts once more from what was read, under the settings of then."""
        settings, note = self._settings_of(intent.run_id)
        try:
            origins = origins_of(intent.kind, intent.source_id, read, settings)
        except (RecordError, StopIteration) as error:
            return {"note": f"it cannot be worked out again: {error}"}
        if origins is None:
            return {}
        told = told_origins(with_item_accounts(origins, self._item_accounts(intent)))
        agrees = origins.total == intent.amount and origins.vat == (intent.vat or 0)
        told["agrees"] = agrees
        if note:
            told["note"] = note
        elif not agrees:
            told["note"] = (
                f"worked out again it comes to {origins.total:,f} with {origins.vat:,f} "
                "VAT: the program was changed since"
            )
        return told

    def _item_accounts(self, intent: IntentRow) -> dict[str, set[str]]:
        """The accounts on which Visma.net has the lines of each item of a document."""
        kind, number = intent.target_kind or "", intent.target_id or ""
        found: dict[str, set[str]] = {}
        for line in lines_of(row_of(self._unit, kind, number)):
            if line.inventory_number and line.account:
                found.setdefault(line.inventory_number, set()).add(line.account)
        return found

    # -- settings

    def _settings_of(self, run_id: int) -> tuple[Connection, str]:
        """The settings that a run worked under; those of now, and a note, if not kept."""
        version = self._unit.runs.get(run_id).settings_version
        if version == self._settings.version:
            return self._settings, ""
        try:
            return Connection.model_validate_json(self._bodies[version]), ""
        except (KeyError, ValidationError):
            note = f"settings {version} are not kept: rules are those of now"
            return self._settings, note

    def _version(self, run_id: int) -> dict[str, Any]:
        version = self._unit.runs.get(run_id).settings_version
        is_current = version == self._settings.version
        told: dict[str, Any] = {"version": version, "is_current": is_current}
        if not is_current and version in self._bodies:
            before = json.loads(self._bodies[version])
            now = json.loads(self._settings.model_dump_json())
            told["changed_since"] = sorted(_changed(before, now))
        return told

    # -- rate, run

    def _rate(self, intent: IntentRow) -> dict[str, Any] | None:
        """The rate that a document in a foreign currency got, and what was booked."""
        row = self._unit.rates.of_source(intent.direction, intent.source_id)
        if row is None:
            return None
        stamp, booked = row.stamp, row.booked
        rate = rate_of([row], known_table(self._unit, self._settings))
        return {
            "currency": stamp.currency,
            "to": stamp.base_currency,
            "rate": None if rate is None else plain_text(rate.rate),
            "as_booked": rate is not None and rate.is_worked_out,
            "source": stamp.source,
            "date": None if stamp.rate_on is None else stamp.rate_on.isoformat(),
            "how": stamp.how,
            "booked": None if booked is None else plain_text(booked.amount),
            "booked_rate": None if booked is None else plain_text(booked.rate),
        }

    def _run(self, intent: IntentRow) -> dict[str, Any]:
        run = self._unit.runs.get(intent.run_id)
        plan = self._unit.plans.approval_of(intent.intent_id)
        by_hand = intent.summary.get("by") if intent.kind == UNDO else None
        return {
            "id": run.id,
            "direction": run.direction,
            "at": run.started_at.isoformat(timespec="seconds"),
            "started_from": _started_from(run.run_key),
            "mode": run.mode,
            "mapping": self._mapping(intent),
            "by": by_hand,
            "approved_by": None if plan is None else plan.approved_by,
            "plan": None if plan is None else plan.hash,
        }

    def _mapping(self, intent: IntentRow) -> str | None:
        lines = self._unit.audit.trail(intent.source_id)
        own = [
            one.mapping_version
            for one in lines
            if one.direction == intent.direction
            and one.detail.get("operation") == intent.operation
            and one.mapping_version
        ]
        return own[-1] if own else None


def standing_of(unit: Unit, kind: str, number: str) -> dict[str, Any] | None:
    """What a document comes to in Visma.net, as the index saw it last."""
    details = [row.detail for row in unit.index.of_target(kind, number)]
    detail = next((one for one in details if "total" in one), None)
    if detail is None:
        return None
    return {
        "status": detail.get("status", ""),
        "total": detail["total"],
        "vat": detail.get("tax", ""),
        "currency": detail.get("currency", ""),
        "date": detail.get("date", ""),
        "open": detail.get("balance") or detail.get("available") or None,
        "settles": [one for one in detail.get("settles", "").splitlines() if one],
    }


def _moved(sent: bytes) -> Iterator[dict[str, Any]]:
    """The lines of an adjustment: units of an item that a warehouse has more or less."""
    draft = AdjustmentDraft.model_validate_json(sent)
    for line in draft.adjustment.adjustment_lines or ():
        yield {
            "what": f"{line.inventory_number} in {line.warehouse_id}",
            "quantity": plain_text(line.quantity),
            "account": line.reason_code or "",
        }


def _left(dispatch: Dispatch, total: Decimal) -> dict[str, Any]:
    """The goods that left; what they came to is told of the invoice."""
    field = f"shipments[{dispatch.label.removeprefix('shipment ')}].grandTotal"
    return {
        "sum_of": [{"field": field, "value": plain_text(total)}],
        "total": plain_text(total),
        "lines": [
            {"what": line.item or line.key, "quantity": str(line.quantity)}
            for line in dispatch.lines
        ],
    }


def _started_from(run_key: str) -> str:
    """Who or what started a run, as its key tells."""
    kind, _, rest = run_key.partition("-")
    if kind == "terminal":
        return "the command line"
    if kind == UNDO:
        return "centra-visma undo"
    return f"Prefect, flow run {run_key}" if rest else f"run {run_key}"


def _changed(before: Any, now: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON
    """The keys that differ between two versions of the settings."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in sorted({*before, *now}):
            inner = f"{path}.{key}" if path else str(key)
            yield from _changed(before.get(key), now.get(key), inner)
    elif before != now:
        yield path
