"""How a sales order line is built, priced and checked."""

from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.goods_records import Item
from sandbox.visma.order_returns import check_returned
from sandbox.visma.problems import invalid
from sandbox.visma.records import OrderLine, SalesOrder
from sandbox.visma.vat import Amount, digits_of, line_amount, rounded, totals_of

__all__ = ["add_line", "change_line", "recompute"]

_KEPT = (
    "reasonCode",
    "note",
    "externalLink",
    "shippingRule",
    "unitCost",
    "undershipThreshold",
    "overshipThreshold",
    "shipDate",
    "requestDate",
    "subaccount",
    "branchId",
    "invoiceNumber",
    "invoiceType",
    "invoiceLineNumber",
    "warehouseLocationId",
    "inventoryAlternateId",
    "customFields",
)
_ZERO = Decimal(0)


def add_line(
    company: Company, order: SalesOrder, given: dict[str, Any], where: str
) -> OrderLine:
    """Append a line to an order.

    Raises:
        Problem: the line breaks a rule of the service.
    """
    item = company.find_item(given["inventoryId"])
    if item is None or item.status in {"Inactive", "NoSales", "MarkedForDeletion"}:
        raise invalid("1804-InventoryIdNotFound", f"{where}.inventoryId")
    kind = company.setup.order_types[order.type]
    warehouse = order.shipping.get("preferredWarehouseId") or next(
        iter(company.setup.warehouses), None
    )
    line = OrderLine(
        line_id=order.next_line,
        sort_order=len(order.lines) + 1,
        inventory_id=item.number,
        description=item.description,
        unit=item.unit,
        quantity=_ZERO,
        unit_price=_ZERO,
        has_manual_price=False,
        discount_amount=_ZERO,
        discount_percent=_ZERO,
        has_manual_discount=False,
        discount_code=None,
        tax_category=item.vat_category,
        warehouse=str(warehouse) if item.stock and warehouse else None,
        operation=kind.operation,
        sales_account=item.account,
        extended=_ZERO,
        amount=_ZERO,
    )
    if kind.needs_reason and not given.get("reasonCode"):
        raise invalid("1801-MissingReasonCode", f"{where}.reasonCode")
    _apply(company, order, line, item, given, where)
    order.next_line += 1
    order.lines.append(line)
    return line


def change_line(
    company: Company,
    order: SalesOrder,
    line: OrderLine,
    given: dict[str, Any],
    where: str,
) -> None:
    """Change the given fields of a line.

    Raises:
        Problem: the line is completed, or the change breaks a rule of the service.
    """
    if line.completed:
        raise invalid("1810-LineAlreadyCompleted", f"{where}.lineId")
    item = company.find_item(line.inventory_id)
    if item is None:
        raise invalid("1804-InventoryIdNotFound", f"{where}.inventoryId")
    _apply(company, order, line, item, given, where)
    line.completed = bool(given.get("completed") or False)


def _apply(
    company: Company,
    order: SalesOrder,
    line: OrderLine,
    item: Item,
    given: dict[str, Any],
    where: str,
) -> None:
    _check(company, order, item, given, where)
    check_returned(company, order, line, item, given, where)
    for name, member in (
        ("description", "description"),
        ("unitOfMeasure", "unit"),
        ("taxCategoryId", "tax_category"),
        ("salesAccountId", "sales_account"),
        ("operation", "operation"),
        ("discountCode", "discount_code"),
    ):
        if given.get(name) is not None:
            setattr(line, member, given[name])
    if given.get("warehouseId") and item.stock:
        line.warehouse = given["warehouseId"]
    if given.get("quantity") is not None:
        if line.is_moving and Decimal(given["quantity"]) < line.on_shipments:
            raise invalid("0003-InvalidValue", f"{where}.quantity")
        line.quantity = Decimal(given["quantity"])
    if given.get("sortOrder") is not None:
        line.sort_order = given["sortOrder"]
    line.extra |= {name: given[name] for name in _KEPT if given.get(name) is not None}
    _price(company, order, line, item, given, where)


def _price(
    company: Company,
    order: SalesOrder,
    line: OrderLine,
    item: Item,
    given: dict[str, Any],
    where: str,
) -> None:
    """Take the given price and discount only where they are declared manual."""
    if given.get("hasManualPrice") is not None:
        line.has_manual_price = given["hasManualPrice"]
    if not line.has_manual_price:
        line.unit_price = _list_price(company, item, order.currency)
    elif given.get("unitPrice") is not None:
        line.unit_price = rounded(
            Decimal(given["unitPrice"]), company.setup.price_digits
        )
    digits = digits_of(order.currency)
    line.extended = rounded(line.quantity * line.unit_price, digits)
    if given.get("hasManualDiscount") is not None:
        line.has_manual_discount = given["hasManualDiscount"]
    if not line.has_manual_discount:
        line.discount_amount, line.discount_percent = _ZERO, _ZERO
    elif given.get("discountAmount") is not None:
        line.discount_amount = rounded(Decimal(given["discountAmount"]), digits)
        line.discount_percent = (
            rounded(line.discount_amount * 100 / line.extended, 6)
            if line.extended
            else _ZERO
        )
        if abs(line.discount_amount) > abs(line.extended):
            raise invalid(
                "1101-DiscountAmountMoreThanExtPrice", f"{where}.discountAmount"
            )
    elif given.get("discountPercent") is not None:
        line.discount_percent = Decimal(given["discountPercent"])
        line.discount_amount = rounded(
            line.extended * line.discount_percent / 100, digits
        )
    if abs(line.discount_amount) > abs(line.extended):
        raise invalid("1101-DiscountAmountMoreThanExtPrice", f"{where}.discountAmount")
    line.amount = line_amount(
        line.quantity, line.unit_price, line.discount_amount, digits
    )


def _list_price(company: Company, item: Item, currency: str) -> Decimal:
    if item.default_price is None:
        return _ZERO
    today = company.local_date(company.clock.now())
    price = item.default_price / company.rate_on(currency, today)
    return rounded(price, company.setup.price_digits)


def _check(
    company: Company, order: SalesOrder, item: Item, given: dict[str, Any], where: str
) -> None:
    setup = company.setup
    kind = setup.order_types[order.type]
    for name, table, code in (
        ("warehouseId", setup.warehouses, "1802-InvalidWarehouseId"),
        ("taxCategoryId", setup.categories, "1805-InvalidTaxCategoryId"),
        ("salesAccountId", setup.accounts, "1806-InvalidSalesAccountId"),
        ("reasonCode", setup.reasons, "1807-InvalidReasonCode"),
        ("unitOfMeasure", {item.unit}, "1808-InvalidUnitOfMeasure"),
        ("discountCode", (), "1105-InvalidDiscountCode"),
        ("operation", {kind.operation}, "1800-InvalidLineOperation"),
        ("salesPersonId", (), "1902-SalesPersonNotFound"),
    ):
        value = given.get(name)
        if value and value not in table:
            raise invalid(code, f"{where}.{name}")
    quantity = given.get("quantity")
    if quantity is not None and quantity < 0 and item.kind != "ChargeItem":
        raise invalid("1809-InvalidQuantityForType", f"{where}.quantity")


def recompute(company: Company, order: SalesOrder) -> None:
    """Compute the totals of an order afresh, and put its lines into their sort order."""
    digits = digits_of(order.currency)
    amounts = [Amount(line.amount, line.tax_category) for line in order.lines]
    premium = order.freight.get("premiumAmount")
    if isinstance(premium, Decimal | int):
        category = order.freight.get("taxCategoryId")
        amounts.append(
            Amount(
                rounded(Decimal(premium), digits), str(category) if category else None
            )
        )
    order.totals = totals_of(
        amounts, zone=order.vat_zone, codes=company.vat_by_category, digits=digits
    )
    order.lines.sort(key=lambda line: (line.sort_order, line.line_id))
