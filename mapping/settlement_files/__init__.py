"""Settlement files of payment providers: one module a layout."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from zoneinfo import ZoneInfo

from connectors.errors import RecordError
from mapping.settlement_files import adyen, klarna, own
from mapping.settlement_files.table import text_of
from mapping.settlement_lines import SettlementFile
from settings.posting import SettlementRules

__all__ = ["read_settlement_file"]

_LAYOUTS: Mapping[str, ModuleType] = {"own": own, "klarna": klarna, "adyen": adyen}


def read_settlement_file(
    raw: bytes, rules: SettlementRules, *, method: str, zone: ZoneInfo
) -> SettlementFile:
    """Read a file of a method; times of the provider become days of the company.

    Raises:
        RecordError: It is no text, of another layout, of another merchant account or
            method, or a line cannot be read: the sum of the rest would prove nothing.
    """
    text = text_of(raw)
    layout = next((name for name, one in _LAYOUTS.items() if one.fits(text)), None)
    if layout is None:
        raise RecordError(
            "this is no settlement file that is known: none of the headers is there",
            code="SETTLEMENT_FORMAT",
            fix="Export it as CSV from the provider, or write it in the own layout "
            "(docs/settlement.md).",
        )
    if layout != rules.format:
        raise RecordError(
            f"this is a file in the layout '{layout}', and those of '{method}' are "
            f"'{rules.format}'",
            code="SETTLEMENT_METHOD",
            fix=f"Name the method that it is of with --method, or set "
            f'payment_methods."{method}".settlement.format.',
        )
    read: SettlementFile = _LAYOUTS[layout].read(text, zone)
    _check_owner(read, rules, method)
    return read


def _check_owner(read: SettlementFile, rules: SettlementRules, method: str) -> None:
    others = {one for one in read.methods if one.casefold() != method.casefold()}
    foreign = (
        read.merchants - {rules.merchant} if rules.merchant is not None else frozenset()
    )
    if others:
        what = f"it names the method {', '.join(sorted(others))}, not '{method}'"
    elif foreign:
        what = (
            f"it is of merchant account {', '.join(sorted(foreign))}, not of "
            f"{rules.merchant}"
        )
    else:
        return
    raise RecordError(
        f"this file is another one's: {what}",
        code="SETTLEMENT_METHOD",
        fix="Name the method that it is of with --method, or correct "
        f'payment_methods."{method}".settlement.merchant.',
    )
