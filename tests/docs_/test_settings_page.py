"""settings.md names every setting, with its default, and none that does not exist."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, HttpUrl
from pydantic.fields import FieldInfo

from ledger.keys import KEY_VARIABLE
from settings.adjustments import StockAdjustmentRules
from settings.after_sales import (
    CreditNoteRules,
    CreditStatusRules,
    FulfilmentRules,
    InvoiceRules,
    ReturnRules,
)
from settings.alerts import AlertRules
from settings.application import Application, Secrets
from settings.base import Frozen
from settings.certificate import CertificateRules
from settings.connection import CentraEnd, Connection, Limits, VismaEnd
from settings.links import LinkRules
from settings.loader import SettingsError, parse_connection
from settings.month_end import MonthEndRules
from settings.posting import (
    Collective,
    CustomerRules,
    LeaveOutRules,
    OrderRules,
    PaymentMethod,
    PostingRule,
    RoundingRule,
    SettlementRules,
    StoreRules,
    VatRule,
)
from settings.prices import PricelistRule, PriceRules
from settings.products import FieldOwners, ProductAttribute, ProductRules
from settings.rates import ManualRate, RateRules
from settings.retention import RetentionRules
from settings.stock import StockRules
from tests.docs_.pages import ROOT, blocks, cells, page, section, spans

_PAGE = page("settings.md")
_HEADINGS: dict[type[BaseModel], str] = {
    Connection: "The connection",
    CentraEnd: "`[centra]`",
    VismaEnd: "`[visma]`",
    Limits: "`[limits]`",
    StoreRules: "Stores",
    Collective: "Collective customers",
    VatRule: "VAT",
    PaymentMethod: "`[payment_methods]`",
    SettlementRules: "Settlement files",
    CustomerRules: "`[customers]`",
    OrderRules: "`[orders]`",
    LeaveOutRules: "`[leave_out]`",
    PostingRule: "`[[posting]]`",
    RoundingRule: "`[rounding]`",
    RateRules: "`[rates]`",
    ManualRate: "Rates by hand",
    FulfilmentRules: "`[fulfilment]`",
    InvoiceRules: "`[invoices]`",
    ReturnRules: "`[returns]`",
    CreditNoteRules: "`[credit_notes]`",
    CreditStatusRules: "`[credit_status]`",
    ProductRules: "`[products]`",
    ProductAttribute: "Attributes of products",
    FieldOwners: "Owners of fields",
    CertificateRules: "`[certificate]`",
    MonthEndRules: "`[month_end]`",
    LinkRules: "`[links]`",
    StockAdjustmentRules: "`[stock_adjustments]`",
    PriceRules: "`[prices]`",
    PricelistRule: "Pricelists",
    StockRules: "`[stock]`",
    RetentionRules: "`[retention]`",
    AlertRules: "`[alerts]`",
}
_MODELS = [pytest.param(model, id=model.__name__) for model in _HEADINGS]


def _rows(model: type[BaseModel]) -> dict[str, list[str]]:
    text = section(_PAGE, _HEADINGS[model]).split("\n### ")[0]
    rows = (row for row in cells(text) if row[0].startswith("`"))
    return {name: row for row in rows for name in spans(row[0])}


def _shown(field: FieldInfo) -> str:
    """A default as the file would have it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "none" if value is None else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case HttpUrl():
            return f'"{str(value).rstrip("/")}"'
        case int() | Decimal():
            return f"{value}"
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case {}:
            return "{}"
        case _:
            message = f"a default that nobody has shown yet: {value!r}"
            raise AssertionError(message)


def test_every_model_has_a_table() -> None:
    """No part of the file is forgotten."""
    assert set(Frozen.__subclasses__()) == set(_HEADINGS)


@pytest.mark.parametrize("model", _MODELS)
def test_every_setting_is_named(model: type[BaseModel]) -> None:
    """A table names the keys of its model, and no others."""
    assert set(_rows(model)) == set(model.model_fields)


@pytest.mark.parametrize("model", _MODELS)
def test_every_default_is_the_real_one(model: type[BaseModel]) -> None:
    """What a page says of a default is what the model does without the key."""
    rows = _rows(model)
    told = {"name": "file name"}
    for name, field in model.model_fields.items():
        shown = rows[name][2]
        if shown != "below":
            expected = told.get(name) if model is Connection else None
            assert shown == (expected or _shown(field)), name


@pytest.mark.parametrize("text", blocks(_PAGE, "toml"))
def test_every_example_can_be_read(text: str) -> None:
    """An example that is copied must not be refused as TOML."""
    assert tomllib.loads(text)


def test_every_variable_is_named() -> None:
    """What the environment decides stands in one table."""
    named = set(spans(section(_PAGE, "Environment variables")))
    own = {f"CENTRA_VISMA_{name.upper()}" for name in Application.model_fields}
    secrets = {f"CENTRA_VISMA_<NAME>_{name.upper()}" for name in Secrets.model_fields}

    assert own | secrets | {KEY_VARIABLE} <= named


def test_the_sentence_on_wrong_settings_is_the_real_one() -> None:
    """The page's example is what a file with these three mistakes is answered."""
    text = (
        (ROOT / "console/templates/nordhem.toml")
        .read_text(encoding="utf-8")
        .replace("@SANDBOX@", "http://127.0.0.1")
    )
    lines = [line for line in text.splitlines() if not line.startswith("start_on")]
    rate = next(at for at, line in enumerate(lines) if line.startswith("rate = "))
    wrong = "\n".join(
        ['start_onn = "2026-01-01"', *lines[:rate], 'rate = "abc"', *lines[rate + 1 :]]
    )

    with pytest.raises(SettingsError) as caught:
        parse_connection(Path("connections/mystore.toml"), wrong)

    shown = next(
        block for block in blocks(page("settings.md"), "") if "start_onn" in block
    )
    assert shown.strip() == str(caught.value)
