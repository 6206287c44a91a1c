"""The mutations of stock.

What the notes leave open is settled the strict way: rows of `setStock` are checked first, and one
that is below zero, named twice over or not to be found refuses the whole call, with an error for each.
An instance may be told to warn of sizes that cannot be found and to set the others.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.centra.goods import ProductSize, ProductVariant, Size
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.inputs import date_of, find_warehouse, one_id
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.stock import Warehouse
from sandbox.centra.stock_changes import note_change, set_physical

__all__: list[str] = []

Arguments = Mapping[str, Any]
Path = tuple[str, ...]


@resolves("Mutation", "setStock")
def _set(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    warehouse = find_warehouse(request, given["warehouse"])
    if warehouse is None:
        return payload.failed("Warehouse does not exist", "input", "warehouse")
    rows = _Rows(request, payload)
    rows.read(given, "sizeStockLevels", "quantity")
    if payload.user_errors:
        return payload
    change, clamped = set_physical(
        request.instance,
        warehouse,
        rows.wanted,
        given["description"],
        date_of(request, None),
    )
    if request.instance.shelves.below_allocated == "clamp_and_warn":
        for size in clamped:
            payload.warned(
                f"Stock of {size.sku} cannot be lower than what is allocated", "input"
            )
    payload.stock_changes = [] if change is None else [change]
    return payload


@resolves("Mutation", "changeStock")
def _change(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    ends: dict[str, Warehouse] = {}
    for name in ("outFromWarehouse", "intoWarehouse"):
        if given.get(name) is not None:
            warehouse = find_warehouse(request, given[name])
            if warehouse is None:
                return payload.failed("Warehouse does not exist", "input", name)
            ends[name] = warehouse
    if not ends:
        return payload.failed("A warehouse is required", "input")
    rows = _Rows(request, payload, adds_up=True)
    rows.read(given, "sizeChanges", "deliveredQuantity")
    source = ends.get("outFromWarehouse")
    if source is not None:
        for size, units in rows.wanted.items():
            level = request.instance.shelves.find_level(source, size)
            if level is None or level.physical < units:
                there = level.physical if level else 0
                message = f"{source.name} has {there} of {size.sku}, {units} cannot be taken out"
                payload.failed(message, "input", "outFromWarehouse")
    if payload.user_errors:
        return payload
    description = given.get("description") or ""
    now = date_of(request, None)
    for name, warehouse in ends.items():
        sign = -1 if name == "outFromWarehouse" else 1
        moved = {size: sign * units for size, units in rows.wanted.items()}
        payload.stock_change = note_change(
            request.instance, warehouse, moved, description, now
        )
    return payload


class _Rows:
    """What an input says of sizes, checked row by row; what is wrong is noted in the payload."""

    def __init__(
        self, request: Request, payload: Payload, *, adds_up: bool = False
    ) -> None:
        self._request = request
        self._payload = payload
        self._adds_up = adds_up
        self.wanted: dict[ProductSize, int] = {}
        """Of a size that comes twice the last row counts, or all together where they add up."""

    def read(self, given: Mapping[str, Any], inner: str, quantity: str) -> None:
        """Read both forms: sizes on their own, and sizes by variant."""
        if not given.get("productSizes") and not given.get("productVariants"):
            self._payload.failed("Product variants or sizes are required", "input")
        for place, row in enumerate(given.get("productSizes") or ()):
            path = ("input", "productSizes", str(place))
            found = _find_sizes(self._request, row["productSize"])
            self._take(found, row.get(quantity), (*path, "productSize"), path)
        for place, row in enumerate(given.get("productVariants") or ()):
            path = ("input", "productVariants", str(place))
            number = one_id(
                self._request, "ProductVariant", row.get("productVariant") or {}
            )
            variant = self._request.instance.catalogue.variants.get(number or 0)
            if variant is None:
                self._missing("Product variant does not exist", path)
                continue
            for position, entry in enumerate(row.get(inner) or ()):
                within = (*path, inner, str(position))
                sizes = _sizes_of(self._request, variant, entry.get("size") or {})
                self._take(sizes, entry.get(quantity), (*within, "size"), within)

    def _take(
        self, found: list[ProductSize], units: int | None, named: Path, row: Path
    ) -> None:
        if units is None or units < (1 if self._adds_up else 0):
            least = "> 0" if self._adds_up else ">= 0"
            self._payload.failed(f"Stock value must be {least}", *row)
        elif not found:
            self._missing("Product size does not exist", named)
        elif len(found) > 1:
            self._payload.failed(
                f"{len(found)} product sizes have this identifier", *named
            )
        elif self._adds_up:
            self.wanted[found[0]] = self.wanted.get(found[0], 0) + units
        else:
            self.wanted[found[0]] = units

    def _missing(self, message: str, path: Path) -> None:
        if self._request.instance.shelves.unknown_size == "warning":
            self._payload.warned(message, *path)
        else:
            self._payload.failed(message, *path)


def _only(given: Mapping[str, Any]) -> tuple[str, Any]:
    chosen = [(name, value) for name, value in given.items() if value is not None]
    if len(chosen) != 1:
        raise refuse("Exactly one input field should be provided.")
    return chosen[0]


def _find_sizes(request: Request, given: Mapping[str, Any]) -> list[ProductSize]:
    """Return all sizes that an input may mean; a barcode may be on several."""
    name, value = _only(given)
    catalogue = request.instance.catalogue
    if name == "id":
        size = catalogue.product_sizes.get(value)
        return [] if size is None else [size]
    names = ("SKU", "EAN", "UPC") if name == "any" else (name,)
    found = [size for key in names for size in catalogue.by_key(key, value)]
    return list(dict.fromkeys(found))


def _sizes_of(
    request: Request, variant: ProductVariant, given: Mapping[str, Any]
) -> list[ProductSize]:
    """Return the sizes of a variant that an input may mean, by the size of its chart."""
    name, value = _only(given)
    if name == "externalId":
        integration = request.token.integration
        known = request.instance.conversions.internal(integration, "Size", value)
        if known is not None:
            name, value = "id", known
    reads: dict[str, Callable[[Size], object]] = {
        "id": lambda size: size.id,
        "name": lambda size: size.name,
        "externalId": lambda size: size.automatic_external_id,
    }
    return [
        entry
        for entry in variant.product_sizes
        if entry.size is not None and reads[name](entry.size) == value
    ]
