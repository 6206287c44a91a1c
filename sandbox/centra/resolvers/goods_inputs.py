"""What the inputs of goods state, checked: nothing is written here."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.centra.conversions import why_not_external_id
from sandbox.centra.goods import Size, SizeChart
from sandbox.centra.money import Amount, Frame, whole
from sandbox.centra.registry import Request
from sandbox.centra.resolvers.attributes import may_assign, wanted_attributes
from sandbox.centra.resolvers.inputs import one_id, pick
from sandbox.centra.resolvers.payloads import Payload

__all__ = [
    "attributes_of",
    "chart_of",
    "check_external_id",
    "find_size",
    "product_fields",
    "size_fields",
    "variant_fields",
]

Given = Mapping[str, Any]

_PRODUCT_TEXTS = {
    "productNumber": "product_number",
    "harmonizedCommodityCode": "harmonized_commodity_code",
    "harmonizedCommodityCodeDescription": "harmonized_commodity_code_description",
    "internalComment": "internal_comment",
}
_SIZE_FIELDS = {
    "EAN": "ean",
    "UPC": "upc",
    "sizeNumber": "size_number",
    "comment": "comment",
    "preorder": "preorder",
    "isActive": "is_active",
}
_NEVER_NULL = {"product_number": "", "variant_number": "", "size_number": ""}


def product_fields(request: Request, payload: Payload, given: Given) -> dict[str, Any]:
    """Return the attributes of a product that an input states."""
    catalogue = request.instance.catalogue
    fields = _named(payload, given)
    fields |= _texts(given, _PRODUCT_TEXTS)
    for name, rows in (
        ("brand", catalogue.brands),
        ("collection", catalogue.collections),
        ("folder", catalogue.folders),
    ):
        if name in given:
            kind, wanted = name.capitalize(), given[name]
            fields[name] = pick(request, payload, kind, rows, wanted, "input", name)
    if "countryOfOrigin" in given:
        fields["country_of_origin"] = _country(
            request, payload, given["countryOfOrigin"]
        )
    return fields


def _country(request: Request, payload: Payload, wanted: Given | None) -> Any:  # noqa: ANN401
    if wanted is None:
        return None
    code = wanted.get("code")
    countries = request.instance.countries
    if code is not None and wanted.get("id") is None:
        found = countries.get(code)
    else:
        key = one_id(request, "Country", wanted)
        found = next((c for c in countries.values() if c.id == key), None)
    if found is None:
        payload.failed("Country does not exist", "input", "countryOfOrigin")
    return found


def variant_fields(request: Request, payload: Payload, given: Given) -> dict[str, Any]:
    """Return the attributes of a variant that an input states, its size chart aside."""
    fields = _named(payload, given)
    fields |= _texts(
        given, {"variantNumber": "variant_number", "internalName": "internal_name"}
    )
    if "unitCost" in given:
        fields["unit_cost"] = _cost(request, payload, given["unitCost"])
    return fields


def _cost(request: Request, payload: Payload, given: Given | None) -> Amount | None:
    if given is None:
        return None
    currency = request.instance.currencies.get(given["currencyIsoCode"])
    if currency is None:
        payload.failed("Currency does not exist", "input", "unitCost")
        return None
    minor = whole(Decimal(str(given["value"])) * currency.denominator)
    if minor < 0:
        payload.failed("Unit cost must not be negative", "input", "unitCost")
    return Amount(minor, Frame(currency, currency.current_base_rate, request.now))


def size_fields(given: Given) -> dict[str, Any]:
    """Return the attributes of a product size that an input states, its size aside."""
    fields = _texts(given, _SIZE_FIELDS)
    for flag in ("preorder", "is_active"):
        if fields.get(flag) is None:
            fields.pop(flag, None)
    return fields


def _named(payload: Payload, given: Given) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "name" in given:
        fields["name"] = given["name"]
        if not (given["name"] or "").strip():
            payload.failed("Name is required", "input", "name")
    if "status" in given:
        fields["status"] = given["status"]
        if given["status"] is None:
            payload.failed("Status is required", "input", "status")
    return fields


def _texts(given: Given, names: Mapping[str, str]) -> dict[str, Any]:
    fields = {names[name]: value for name, value in given.items() if name in names}
    for name, empty in _NEVER_NULL.items():
        if name in fields and fields[name] is None:
            fields[name] = empty
    return fields


def check_external_id(payload: Payload, object_type: str, given: Given) -> None:
    """Complain about an external id that cannot be one."""
    external_id = given.get("externalId")
    problem = external_id is not None and why_not_external_id(object_type, external_id)
    if problem:
        payload.failed(problem, "input", "externalId")


def attributes_of(
    request: Request, payload: Payload, object_type: str, given: Given, field: str
) -> list[Any]:
    """Return the attributes that an input assigns.

    Raises:
        GraphQLError: the token may not write them.
    """
    names = ("assignDynamicAttributes", "assignMappedAttributes")
    dynamic, mapped = (given.get(name) or () for name in names)
    if dynamic or mapped:
        may_assign(request, object_type, field)
    return wanted_attributes(
        request, payload, object_type, dynamic, mapped, names=names
    )


def chart_of(request: Request, payload: Payload, given: Given) -> SizeChart | None:
    """Return the size chart that an input names."""
    charts = request.instance.catalogue.size_charts
    wanted = given.get("sizeChart")
    found: SizeChart | None = pick(
        request, payload, "SizeChart", charts, wanted, "input", "sizeChart"
    )
    return found


def find_size(
    request: Request, payload: Payload, chart: SizeChart, wanted: Given, *path: str
) -> Size | None:
    """Return the size of a chart that an input names by id, name or external id."""
    catalogue = request.instance.catalogue
    name = wanted.get("name")
    if name is not None and wanted.get("id") is None and not wanted.get("externalId"):
        found = next((size for size in chart.sizes if size.name == name), None)
    else:
        key = one_id(request, "Size", wanted)
        found = catalogue.sizes.get(key) if key is not None else None
        if found is None and wanted.get("externalId"):
            found = catalogue.size_of_automatic_id(wanted["externalId"])
    if found is None or found.chart is not chart:
        payload.failed(f"Size does not belong to size chart {chart.name}", *path)
        return None
    return found
