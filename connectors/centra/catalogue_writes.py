"""Makes and changes products, variants, sizes and size charts of Centra.

Sources: Centra's product guide and reference pages; what they do not show stands in
`unverified.graphql` with its evidence, so none of it is sent without
`centra.verified_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.centra.catalogue_models import Product
from connectors.centra.graph import Graph
from connectors.centra.integration import AttributeValue
from connectors.errors import InDoubtError

__all__ = ["CatalogueWrites", "Made", "NewSize", "ProductFields", "VariantFields"]

_AT_MOST = 100


@dataclass(frozen=True)
class Made:
    """The id of what was made; with warnings, only a part of it was."""

    id: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductFields:
    """Fields of a product; None is left as it is. `country` is ISO 3166 alpha-2."""

    name: str | None = None
    status: str | None = None
    harmonized_code: str | None = None
    country: str | None = None

    def as_input(self) -> dict[str, Any]:
        """The fields that are given, as GraphQL takes them."""
        return _given(
            name=self.name,
            status=self.status,
            harmonizedCommodityCode=self.harmonized_code,
            countryOfOrigin={"code": self.country} if self.country else None,
        )


@dataclass(frozen=True)
class VariantFields:
    """Fields of a variant; None is left as it is, and attributes are only added to."""

    name: str | None = None
    status: str | None = None
    attributes: tuple[AttributeValue, ...] = ()

    def as_input(self) -> dict[str, Any]:
        """The fields that are given, as GraphQL takes them."""
        attributes = [
            {
                "attributeTypeName": one.type_name,
                "attributeElementKey": one.element,
                "attributeElementValue": one.value,
            }
            for one in self.attributes
        ]
        return _given(
            name=self.name,
            status=self.status,
            assignDynamicAttributes=attributes or None,
        )


@dataclass(frozen=True)
class NewSize:
    """A size to be made: one of the variant's chart, by id or by name."""

    name: str
    size_id: int | None
    size_number: str
    ean: str | None
    is_active: bool

    def as_input(self) -> dict[str, Any]:
        """The size as GraphQL takes it."""
        size = {"name": self.name} if self.size_id is None else {"id": self.size_id}
        return _given(
            size=size,
            sizeNumber=self.size_number,
            EAN=self.ean,
            isActive=self.is_active,
        )


class CatalogueWrites:
    """Mutations of the catalogue. Those that make something are not repeatable.

    Each raises RecordError where Centra refuses it, and InDoubtError where a thing may
    have been made and nobody knows. Changes answer Centra's warnings: what it left out.
    """

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def find_products_by_number(self, number: str) -> tuple[Product, ...]:
        """Products with exactly this number, as Centra has them now."""
        result = await self._graph.run(
            "products_by_number",
            {
                "where": {"productNumber": {"equals": number}},
                "limit": _AT_MOST,
                "page": 1,
            },
        )
        rows = self._graph.rows(result, "products")
        found = (Product.model_validate(row) for row in rows)
        # Filters are not trusted: an unknown one would answer with everything.
        return tuple(one for one in found if one.product_number == number)

    async def create_size_chart(
        self, name: str, sizes: Sequence[str], *, external_id: str
    ) -> Made:
        """Make a size chart with its sizes in order."""
        given = {
            "name": name,
            "sizes": [{"name": one} for one in sizes],
            "externalId": external_id,
        }
        return await self._create(
            "create_size_chart", {"input": given}, "createSizeChart", "sizeChart"
        )

    async def create_product(
        self, number: str, fields: ProductFields, *, external_id: str
    ) -> Made:
        """Make a product; it has no variants yet."""
        given = {
            **fields.as_input(),
            "productNumber": number,
            "externalId": external_id,
        }
        return await self._create(
            "create_product", {"input": given}, "createProduct", "product"
        )

    async def update_product(
        self, product_id: int, fields: ProductFields
    ) -> tuple[str, ...]:
        """Change what is given, and nothing else; nothing given is nothing sent."""
        return await self._update("update_product", product_id, fields.as_input())

    async def create_variant(
        self,
        product_id: int,
        number: str,
        fields: VariantFields,
        *,
        chart_id: int,
        sizes: Sequence[NewSize],
        external_id: str,
    ) -> Made:
        """Make a variant with its sizes."""
        given = {
            **fields.as_input(),
            "product": {"id": product_id},
            "variantNumber": number,
            "sizeChart": {"id": chart_id},
            "productSizes": [one.as_input() for one in sizes],
            "externalId": external_id,
        }
        return await self._create(
            "create_product_variant",
            {"input": given},
            "createProductVariant",
            "productVariant",
        )

    async def update_variant(
        self, variant_id: int, fields: VariantFields
    ) -> tuple[str, ...]:
        """Change what is given, and nothing else; nothing given is nothing sent."""
        return await self._update(
            "update_product_variant", variant_id, fields.as_input()
        )

    async def create_size(self, variant_id: int, size: NewSize) -> Made:
        """Add a size to a variant."""
        given = {"productVariant": {"id": variant_id}, **size.as_input()}
        return await self._create(
            "create_product_size", {"input": given}, "createProductSize", "productSize"
        )

    async def update_size(
        self, size_id: int, *, ean: str | None = None, is_active: bool | None = None
    ) -> tuple[str, ...]:
        """Change what is given, and nothing else; nothing given is nothing sent."""
        return await self._update(
            "update_product_size", size_id, _given(EAN=ean, isActive=is_active)
        )

    async def _create(
        self, query: str, variables: Mapping[str, Any], field: str, what: str
    ) -> Made:
        result = await self._graph.run(query, variables, repeatable=False, write=True)
        made = (result.data.get(field) or {}).get(what)
        if not made or not made.get("id"):
            message = f"Centra made a {what}, but does not say which"
            raise InDoubtError(message)
        return Made(int(made["id"]), result.warnings)

    async def _update(
        self, query: str, object_id: int, given: dict[str, Any]
    ) -> tuple[str, ...]:
        if not given:
            return ()
        variables = {"id": object_id, "input": given}
        result = await self._graph.run(query, variables, write=True)
        return result.warnings


def _given(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of any input
    return {name: value for name, value in fields.items() if value is not None}
