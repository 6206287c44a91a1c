"""Reads the errors of Visma.net, in all the forms that its services give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from connectors.answers import CHANGED_MEANWHILE, LOCKED, NOT_FOUND, Answer, Call, Peer
from connectors.errors import ConfigError, ConnectorError, RecordError
from connectors.redaction import redact

__all__ = ["Refusal", "judge", "refusal_of"]


@dataclass(frozen=True)
class Refusal:
    """What an error body says: a sentence, the vendor's code, the field it is about."""

    message: str
    code: str | None = None
    field: str | None = None


# Codes of the SalesOrders API (x-visma-erp-error-codes) that have a fix of their own.
_CODES: dict[str, tuple[str, str]] = {
    "1310": ("FREIGHT_FIXED", "Let the ship-via code allow a manual freight cost."),
    "1400": ("CUSTOMER_UNKNOWN", "Check the customer number in Visma.net."),
    "1401": ("TERMS_MISSING", "Give the customer or its class credit terms."),
    "1402": ("PAYMENT_METHOD_UNKNOWN", "Correct payment_methods in the settings."),
    "1403": ("PAYMENT_METHOD_UNKNOWN", "Activate the payment method in Visma.net."),
    "1404": ("PAYMENT_METHOD_UNKNOWN", "Allow the payment method for sales orders."),
    "1405": ("PAYMENT_REFERENCE", "The order type demands a payment reference."),
    "1406": ("PAYMENT_REFERENCE", "The order type allows no payment reference."),
    "1407": (
        "CUSTOMER_BLOCKED",
        "Release the customer in Visma.net; the order resumes.",
    ),
    "1408": (
        "CURRENCY_NOT_ALLOWED",
        "Allow currency override on the customer (or its class) in Visma.net.",
    ),
    "1409": ("PAYMENT_METHOD_UNKNOWN", "The order type demands a payment method."),
    "1600": ("PERIOD_CLOSED", "Create the financial period in Visma.net."),
    "1601": ("PERIOD_CLOSED", "Open the period, or let closed_periods shift the date."),
    "1602": ("PERIOD_CLOSED", "Activate the financial period in Visma.net."),
    "1802": ("WAREHOUSE_UNKNOWN", "Correct the store's warehouse in the settings."),
    "1803": ("ITEM_UNKNOWN", "More than one item fits: set it in orders.items."),
    "1804": (
        "ITEM_UNKNOWN",
        "Create the item in Visma.net, or set it in orders.items.",
    ),
    "1805": ("VAT_CATEGORY_UNKNOWN", "Correct the category of the VAT rule."),
    "1806": ("ACCOUNT_UNKNOWN", "Correct the sales account of the posting rule."),
    "1808": ("UNIT_UNKNOWN", "Give the item a sales unit in Visma.net."),
    "1810": ("LINE_DONE", "The line is completed: correct it by hand in Visma.net."),
    "1823": ("LINE_DONE", "The line is shipped: correct it by hand in Visma.net."),
    "1825": ("LINE_DONE", "Lines are shipped: correct it by hand in Visma.net."),
    "1900": ("NUMBER_SERIES", "Give the order type a number series in Visma.net."),
}

# The ERP has no codes; what it means is read from its texts.
_TEXTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"another process has (?:updated|added|changed)", re.IGNORECASE),
        LOCKED,
        "Close the document in Visma.net if it is open; it is tried again.",
    ),
    (
        re.compile(
            r"TaxCategoryID .* cannot be found|VAT category.*not found", re.IGNORECASE
        ),
        "VAT_CATEGORY_UNKNOWN",
        "Correct the category of the VAT rule.",
    ),
    (
        re.compile(r"Only a non-stock item", re.IGNORECASE),
        "STOCK_ITEM_ON_INVOICE",
        "Use a non-stock item, or post the store's orders as sales orders.",
    ),
    (
        re.compile(r"period.*(?:closed|inactive)", re.IGNORECASE),
        "PERIOD_CLOSED",
        "Open the period, or let closed_periods shift the date.",
    ),
    (
        re.compile(
            r"not exceed its balance|not open for an application", re.IGNORECASE
        ),
        "CREDIT_OVER_BALANCE",
        "Nothing: the balance is read again in the next run.",
    ),
    (
        re.compile(
            r"customer.*(?:credit hold|inactive|on hold|status does not)", re.IGNORECASE
        ),
        "CUSTOMER_BLOCKED",
        "Release the customer in Visma.net; the record resumes.",
    ),
)
_NO_LICENCE = re.compile(r"No licen[sc]e for this company|\b12027\b", re.IGNORECASE)
# Validation failures of the ERP come as 500 too; only such texts say that nothing was done.
_VALIDATION = re.compile(
    r"Error (?:creating|updating|processing|deleting)"
    r"|(?:cannot|could not) be (?:found|empty)"
    r"|is not valid|raised (?:at least )?one (?:or more )?error"
    r"|another process has|Only a non-stock item|must be unique|already exists",
    re.IGNORECASE,
)
_NO_VALIDATION = re.compile(r"time[d]?[ -]?out|deadlock|connection", re.IGNORECASE)
_CODE = re.compile(r"^(\d{4})-(\w+)$")
_CHANGED_FIX = "Nothing: it is read again and the change is repeated."
_REFUSED_FIX = (
    "Correct what the message names in Visma.net or the settings, then retry."
)


def judge(answer: Answer, call: Call, peer: Peer) -> ConnectorError | None:
    """Turn a failed answer of Visma.net into its error; None leaves it to the status."""
    refusal = refusal_of(answer)
    request_id = answer.request_id
    if _NO_LICENCE.search(refusal.message):
        message = (
            f"{peer} has no licence for this company ({refusal.message}): write the "
            "COMPANY tenant id into visma.tenant_id, not that of the customer"
        )
        return ConfigError(message, request_id=request_id)
    where = f"{peer.name} ({call.operation})"
    if answer.status in {HTTPStatus.PRECONDITION_FAILED, 428}:
        return RecordError(
            f"{where}: the document was changed in the meantime",
            code=CHANGED_MEANWHILE,
            fix=_CHANGED_FIX,
            request_id=request_id,
        )
    if not _is_refusal(answer, refusal):
        return None
    code, fix = _coded(refusal, answer.status)
    about = f" ({refusal.field})" if refusal.field else ""
    return RecordError(
        f"{where} refuses it: {refusal.message}{about}",
        code=code,
        fix=fix,
        request_id=request_id,
    )


def refusal_of(answer: Answer) -> Refusal:
    """Read an error body of any known form; plain text is a form too."""
    body = answer.body
    if not isinstance(body, Mapping):
        text = answer.text
        return Refusal("" if "<html" in text[:300].lower() else redact(text))
    for detail in _details(body):
        parameters = detail.get("parameters")
        field = parameters.get("property") if isinstance(parameters, Mapping) else None
        text = str(detail.get("message") or body.get("title") or "no reason given")
        return Refusal(
            redact(text),
            str(detail.get("code") or "") or None,
            str(field) if field else None,
        )
    errors = body.get("errors")
    if isinstance(errors, Mapping) and errors:
        name, texts = next(iter(errors.items()))
        said = texts[0] if isinstance(texts, list) and texts else texts
        return Refusal(redact(str(said)), field=str(name))
    return Refusal(redact(_first_text(body)), field=None)


def _first_text(body: Mapping[str, Any]) -> str:
    """Return the sentence of an ERP, legacy gateway, ASP.NET or RFC 7807 body."""
    parts = [
        str(body[name])
        for name in (
            "ExceptionFaultCode",
            "ExceptionMessage",
            "message",
            "exceptionMessage",
            "detail",
            "title",
        )
        if body.get(name)
    ]
    return " ".join(dict.fromkeys(parts))


def _details(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    details = body.get("details")
    if isinstance(details, list):
        yield from (one for one in details if isinstance(one, Mapping))


def _is_refusal(answer: Answer, refusal: Refusal) -> bool:
    """Tell a refusal, after which nothing was done, from a failure."""
    match answer.status:
        case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
            return True
        case HTTPStatus.CONFLICT | HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return bool(refusal.message)
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            text = refusal.message
            return bool(_VALIDATION.search(text)) and not _NO_VALIDATION.search(text)
        case _:
            return False


def _coded(refusal: Refusal, status: int) -> tuple[str, str]:
    found = _CODE.match(refusal.code or "")
    if found:
        number = found.group(1)
        return _CODES.get(number, (f"VISMA_{number}", _REFUSED_FIX))
    for pattern, code, fix in _TEXTS:
        if pattern.search(refusal.message):
            return code, fix
    match status:
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return NOT_FOUND, "Check whether it was deleted or renumbered in Visma.net."
        case HTTPStatus.CONFLICT:
            return LOCKED, "Close the document in Visma.net if it is open."
        case _:
            return "VISMA_REFUSED", _REFUSED_FIX
