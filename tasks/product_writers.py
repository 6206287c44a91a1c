"""Writes size charts, products, variants and sizes to Centra, each of them once.

What is made is noted at once, so that a refusal of a later step does not make it again;
after doubt it is looked for live: by external id, then by number, then by SKU or EAN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from connectors.centra.catalogue_models import Product, ProductSize, ProductVariant
from connectors.centra.catalogue_writes import (
    NewSize,
    ProductFields,
    VariantFields,
)
from connectors.centra.integration import AttributeValue, ConversionObject, ExternalId
from ledger import Claim, Unit
from mapping.product_wishes import (
    AttributeWish,
    ChartWish,
    ProductWish,
    SizeWish,
    VariantWish,
)
from tasks.catalogue_index import read_products
from tasks.direction import Ends, Sent, WaitingError
from tasks.made_goods import (
    linked_id,
    note_made,
    noted_id,
    only_one,
    refuse_warned,
    sent_as,
    take_over,
)
from tasks.without_total import WithoutTotal

__all__ = [
    "CENTRA_CHART",
    "CENTRA_PRODUCT",
    "CENTRA_SIZE",
    "CENTRA_VARIANT",
    "ChartWriter",
    "ProductWriter",
    "SizeWriter",
    "VariantWriter",
]

CENTRA_CHART = "centra_size_chart"
CENTRA_PRODUCT = "centra_product"
CENTRA_VARIANT = "centra_variant"
CENTRA_SIZE = "centra_size"


class _CatalogueWriter(WithoutTotal):
    """What all four have in common: nothing of them comes to a total."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing that another record makes."""
        return claim.body


class ChartWriter(_CatalogueWriter):
    """Makes size charts; by their name they are found again."""

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make the chart with its sizes, unless there is one of its name by now."""
        wish = ChartWish.model_validate_json(claim.body)
        there = await self.probe(claim, ends)
        if there is not None:
            return there
        made = await ends.centra.create_size_chart(
            wish.name, wish.sizes, external_id=wish.external_id
        )
        refuse_warned(claim, made.warnings)
        return Sent(CENTRA_CHART, str(made.id), {"how": "created"})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for a chart of this name."""
        wish = ChartWish.model_validate_json(claim.body)
        charts = await ends.centra.get_size_charts()
        found = [one.id for one in charts if one.name == wish.name]
        return only_one(claim, CENTRA_CHART, found)


class ProductWriter(_CatalogueWriter):
    """Makes and changes products."""

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make it, or change what differs; then its attributes.

        Raises:
            WaitingError: There is such a product by now: the next run links it.
        """
        wish = ProductWish.model_validate_json(claim.body)
        fields = ProductFields(
            wish.name, wish.status, wish.harmonized_code, wish.country_of_origin
        )
        known = wish.id or noted_id(ends, CENTRA_PRODUCT, claim.reference)
        if known is None:
            await _refuse_known(ends, wish.number)
            made = await ends.centra.create_product(
                wish.number, fields, external_id=wish.external_id
            )
            known, warnings = note_made(ends, claim, made), made.warnings
        else:
            warnings = await ends.centra.update_product(known, fields)
            await take_over(ends, claim, "Product", known, wish.external_id)
        warnings += await _assign(ends, known, wish.attributes)
        refuse_warned(claim, warnings)
        return sent_as(CENTRA_PRODUCT, known, made=wish.is_create)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for what was made; a change is simply made again."""
        wish = ProductWish.model_validate_json(claim.body)
        if not wish.is_create:
            return None
        named = await ends.centra.find_external_id("Product", wish.external_id)
        found = await ends.centra.find_products_by_number(wish.number)
        ids = [one.id for one in found if one.id == named] or [one.id for one in found]
        sent = only_one(claim, CENTRA_PRODUCT, ids)
        if sent is not None:
            await _name(ends, "Product", int(sent.id), wish.external_id, named)
            await _assign(ends, int(sent.id), wish.attributes)
        return sent


class VariantWriter(_CatalogueWriter):
    """Makes and changes variants; a new one brings its sizes along."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Put in its product and chart, which may have been made just now.

        Raises:
            WaitingError: One of them is not there yet.
        """
        wish = VariantWish.model_validate_json(claim.body)
        if not wish.is_create:
            return claim.body
        made = {
            "product_id": wish.product_id or linked_id(unit, wish.product),
            "chart_id": wish.chart_id or linked_id(unit, f"chart:{wish.chart}"),
        }
        return wish.model_copy(update=made).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make it with its sizes, or change what differs."""
        wish = VariantWish.model_validate_json(claim.body)
        fields = VariantFields(wish.name, wish.status, _values(wish.attributes))
        known = wish.id or noted_id(ends, CENTRA_VARIANT, claim.reference)
        if known is not None:
            warnings = await ends.centra.update_variant(known, fields)
            await take_over(ends, claim, "ProductVariant", known, wish.external_id)
            refuse_warned(claim, warnings)
            return sent_as(CENTRA_VARIANT, known, made=wish.is_create)
        made = await ends.centra.create_variant(
            wish.product_id or 0,
            wish.number,
            fields,
            chart_id=wish.chart_id or 0,
            sizes=[_new_size(one) for one in wish.sizes],
            external_id=wish.external_id,
        )
        note_made(ends, claim, made)
        refuse_warned(claim, made.warnings)
        return sent_as(CENTRA_VARIANT, made.id, made=True)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for what was made among the variants of its product."""
        wish = VariantWish.model_validate_json(claim.body)
        if not wish.is_create:
            return None
        product = await _product_of(ends, wish.product_id, wish.product)
        if product is None:
            return None
        named = await ends.centra.find_external_id("ProductVariant", wish.external_id)
        skus, eans = {one.item for one in wish.sizes}, {one.ean for one in wish.sizes}
        tests: tuple[Callable[[ProductVariant], bool], ...] = (
            lambda one: one.id == named,
            lambda one: one.variant_number == wish.number,
            lambda one: any(
                size.sku in skus or (size.ean and size.ean in eans)
                for size in one.product_sizes
            ),
        )
        for fits in tests:
            ids = [one.id for one in product.variants if fits(one)]
            sent = only_one(claim, CENTRA_VARIANT, ids)
            if sent is not None:
                own = int(sent.id)
                await _name(ends, "ProductVariant", own, wish.external_id, named)
                return sent
        return None


class SizeWriter(_CatalogueWriter):
    """Adds sizes to variants that are there, and changes sizes."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Put in its variant; raises like that of variants."""
        wish = SizeWish.model_validate_json(claim.body)
        if not wish.is_create or wish.variant_id:
            return claim.body
        made = {"variant_id": linked_id(unit, wish.variant)}
        return wish.model_copy(update=made).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Add it, or change what differs."""
        wish = SizeWish.model_validate_json(claim.body)
        if wish.id is not None:
            warnings = await ends.centra.update_size(
                wish.id, ean=wish.ean, is_active=wish.is_active
            )
            refuse_warned(claim, warnings)
            return sent_as(CENTRA_SIZE, wish.id, made=False)
        made = await ends.centra.create_size(wish.variant_id or 0, _new_size(wish))
        refuse_warned(claim, made.warnings)
        return sent_as(CENTRA_SIZE, made.id, made=True)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for it among the sizes of its variant: by SKU, EAN, then its name."""
        wish = SizeWish.model_validate_json(claim.body)
        if not wish.is_create:
            return None
        style = wish.variant.replace("variant:", "style:", 1).rpartition("/")[0]
        product = await _product_of(ends, None, style)
        if product is None:
            return None
        sizes = list(chain.from_iterable(one.product_sizes for one in product.variants))
        tests: tuple[Callable[[ProductSize], bool], ...] = (
            lambda one: one.sku == wish.item,
            lambda one: bool(wish.ean) and one.ean == wish.ean,
        )
        for fits in tests:
            sent = only_one(claim, CENTRA_SIZE, [one.id for one in sizes if fits(one)])
            if sent is not None:
                return sent
        return None


async def _refuse_known(ends: Ends, number: str) -> None:
    """Look live before a product is made: the catalogue is as old as its last reading.

    Raises:
        WaitingError: Centra has this number; the catalogue knows it from here on.
    """
    found = await ends.centra.find_products_by_number(number)
    if found:
        await read_products(ends, [one.id for one in found])
        raise WaitingError


async def _assign(
    ends: Ends, product_id: int, attributes: Sequence[AttributeWish]
) -> tuple[str, ...]:
    if not attributes:
        return ()
    return await ends.centra.assign_attributes(
        "Product", product_id, _values(attributes)
    )


async def _name(
    ends: Ends, kind: ConversionObject, own: int, name: str, known: int | None
) -> None:
    """Give what was found the external id that it was to have."""
    if known != own:
        await ends.centra.set_external_ids([ExternalId(kind, own, name)])


async def _product_of(ends: Ends, product_id: int | None, style: str) -> Product | None:
    """The product of a style as Centra has it now."""
    if product_id is None:
        with ends.books.read() as unit:
            link = unit.links.get("products", style)
        product_id = int(link.target_id) if link else None
    if product_id is None:
        return None
    async for page in ends.centra.iter_product_pages(ids=[product_id]):
        for one in page:
            return one
    return None


def _values(attributes: Sequence[AttributeWish]) -> tuple[AttributeValue, ...]:
    return tuple(AttributeValue(one.type, one.element, one.value) for one in attributes)


def _new_size(wish: SizeWish) -> NewSize:
    return NewSize(
        name=wish.size,
        size_id=wish.size_id,
        size_number=wish.size_number or "",
        ean=wish.ean,
        is_active=bool(wish.is_active),
    )
