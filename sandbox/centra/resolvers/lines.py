"""The lines of an order, as they are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.centra.goods import Named, Product, ProductSize, ProductVariant
from sandbox.centra.money import Amount, whole
from sandbox.centra.registry import Request, resolves
from sandbox.centra.sales import Order, OrderLine

__all__ = ["LineOf", "is_silent", "unit_amount"]

Arguments = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class LineOf:
    """A line with the order that says how it is taxed."""

    order: Order
    line: OrderLine

    @property
    def typename(self) -> str:
        """The GraphQL type."""
        return self.line.typename


@resolves("Order", "lines")
def _lines(order: Order, _request: Request, arguments: Arguments) -> list[LineOf]:
    everything = bool(arguments.get("includeFullyCancelled"))
    return [
        LineOf(order, line)
        for line in order.lines
        if everything or line.quantity or not line.cancelled_quantity
    ]


_COPIED = {
    "id": "id",
    "productNumber": "product_number",
    "size": "size",
    "productName": "product_name",
    "productVariantName": "product_variant_name",
    "comment": "comment",
    "quantity": "quantity",
    "cancelledQuantity": "cancelled_quantity",
    "returnedQuantity": "returned_quantity",
    "shippedQuantity": "shipped_quantity",
    "deliveryWindow": "delivery_window",
}


def _copied(attribute: str) -> Any:  # noqa: ANN401
    def resolve(source: LineOf, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
        return getattr(source.line, attribute)

    return resolve


for _field, _attribute in _COPIED.items():
    resolves("OrderLine", _field)(_copied(_attribute))


@resolves("OrderLine", "productExternalUrl", "folderName", "frontendItemId")
def _nothing(_source: LineOf, _request: Request, _arguments: Arguments) -> None:
    return None


def _size(source: LineOf) -> ProductSize | None:
    """Return what was sold, as long as it was not deleted."""
    size = source.line.product_size
    return None if size is None or size.variant.is_deleted else size


def _product(source: LineOf) -> Product | None:
    size = _size(source)
    return size.variant.product if size else None


@resolves("OrderLine", "productSize")
def _line_size(
    source: LineOf, _request: Request, _arguments: Arguments
) -> ProductSize | None:
    return _size(source)


@resolves("OrderLine", "product")
def _line_product(
    source: LineOf, _request: Request, _arguments: Arguments
) -> Product | None:
    return _product(source)


@resolves("OrderLine", "productVariant")
def _line_variant(
    source: LineOf, _request: Request, _arguments: Arguments
) -> ProductVariant | None:
    size = _size(source)
    return size.variant if size else None


def _of_product(read: Callable[[Product], Any]) -> Any:  # noqa: ANN401
    def resolve(source: LineOf, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
        product = _product(source)
        return read(product) if product else None

    return resolve


def _title(named: Named | None) -> str | None:
    return named.name if named else None


resolves("OrderLine", "productBrand")(
    _of_product(lambda product: _title(product.brand))
)
resolves("OrderLine", "brand")(_of_product(lambda product: product.brand))
resolves("OrderLine", "category")(_of_product(lambda product: product.category))
resolves("OrderLine", "collection")(_of_product(lambda product: product.collection))


@resolves("BundleItemOrderLine", "bundleLine")
def _bundle_line(
    source: LineOf, _request: Request, _arguments: Arguments
) -> LineOf | None:
    bundle = source.line.bundle_line
    return LineOf(source.order, bundle) if bundle else None


@resolves("OrderLine", "taxPercent")
def _line_tax_percent(
    source: LineOf, _request: Request, _arguments: Arguments
) -> float:
    rule = source.line.rule
    return rule.rate if rule and source.order.tax_mode != "none" else 0.0


@resolves("OrderLine", "discountPercent")
def _line_discount(source: LineOf, _request: Request, _arguments: Arguments) -> float:
    line = source.line
    if not line.unit_original_price:
        return 0.0
    return round(float(100 - 100 * line.unit_price / line.unit_original_price), 2)


@resolves("OrderLine", "hasAnyDiscount")
def _has_discount(source: LineOf, _request: Request, _arguments: Arguments) -> bool:
    return source.line.unit_price < source.line.unit_original_price


def is_silent(line: OrderLine, request: Request) -> bool:
    """Tell whether a line shows no value, for its bundle has it."""
    return (
        line.kind == "BundleItem" and request.instance.bundle_pricing == "bundle_only"
    )


@resolves("OrderLine", "lineValue")
def _line_value(source: LineOf, request: Request, arguments: Arguments) -> Amount:
    order, line = source.order, source.line
    value = 0 if is_silent(line, request) else line.value
    taxed = order.with_tax if arguments["includingTax"] else order.without_tax
    return Amount(taxed(value, line.rule), order.frame)


def unit_amount(
    source: LineOf,
    price: int | Decimal,
    request: Request,
    *,
    including_tax: bool,
) -> Amount:
    """Return a price of one unit of a line, with or without tax."""
    order, line = source.order, source.line
    if is_silent(line, request):
        price = 0
    if including_tax != (order.tax_mode == "added"):
        return Amount(price, order.frame)
    taxed = order.with_tax if including_tax else order.without_tax
    return Amount(taxed(whole(Decimal(price)), line.rule), order.frame)


def _unit(read: Callable[[OrderLine], int | Decimal]) -> Any:  # noqa: ANN401
    def resolve(source: LineOf, request: Request, arguments: Arguments) -> Amount:
        including_tax = arguments["includingTax"]
        price = read(source.line)
        return unit_amount(source, price, request, including_tax=including_tax)

    return resolve


resolves("OrderLine", "unitPrice")(_unit(lambda line: line.unit_price))
resolves("OrderLine", "unitOriginalPrice")(_unit(lambda line: line.unit_original_price))
