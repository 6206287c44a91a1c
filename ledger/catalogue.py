"""What Centra's catalogue holds: every size, with its variant and product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, delete, exists, func, select

from ledger.schema import catalogue
from ledger.work import Section, chunks
from mapping.barcodes import same_code, same_ean

__all__ = ["Catalogue", "CatalogueRow"]

_KEYS: dict[str, tuple[Column[Any], Callable[[str], str]]] = {
    "sku": (catalogue.c.sku_key, same_code),
    "ean": (catalogue.c.ean_key, same_ean),
    "product_number": (catalogue.c.product_number_key, same_code),
}
"""What a size is looked up by, and how that is compared."""

_OWN = {"connection", "seen_at", *(column.name for column, _ in _KEYS.values())}
_FIELDS = tuple(column for column in catalogue.c if column.name not in _OWN)


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A size of Centra.

    A product without variants, or a variant without sizes, has a row too:
    `variant_id` and `size_id` are 0 where there is none. `sku` is that of Centra; `ean` is empty where there is none. `size_name` is that
    of the chart, else the size's own number. `size_active` is None where the store
    does not show it.
    """

    product_id: int
    variant_id: int
    size_id: int
    sku: str
    ean: str
    size_name: str
    size_active: bool | None
    variant_number: str
    variant_status: str
    product_number: str
    product_name: str
    product_status: str


class Catalogue(Section):
    """The index of Centra's sizes.

    Nothing is unique but ids: two sizes may share a SKU or an EAN, and both are told.
    """

    def put(self, rows: Sequence[CatalogueRow]) -> None:
        """Store products as they were just read, in place of all rows of theirs."""
        self.remove({row.product_id for row in rows})
        known = {"connection": self._connection, "seen_at": self._work.now()}
        values = {
            (row.product_id, row.variant_id, row.size_id): {
                **{column.name: getattr(row, column.name) for column in _FIELDS},
                **{
                    column.name: key(getattr(row, name))
                    for name, (column, key) in _KEYS.items()
                },
                **known,
            }
            for row in rows
        }
        if values:
            statement = self._work.upsert(catalogue)
            renewed = {
                column.name: statement.excluded[column.name]
                for column in catalogue.c
                if not column.primary_key
            }
            self._db.execute(
                statement.on_conflict_do_update(
                    index_elements=[one.name for one in catalogue.primary_key],
                    set_=renewed,
                ),
                list(values.values()),
            )

    def remove(self, product_ids: Collection[int]) -> None:
        """Forget products."""
        for ids in chunks(sorted(set(product_ids))):
            self._db.execute(
                delete(catalogue).where(
                    catalogue.c.connection == self._connection,
                    catalogue.c.product_id.in_(ids),
                )
            )

    def count(self) -> int:
        """How many products are known."""
        query = select(func.count(catalogue.c.product_id.distinct())).where(
            catalogue.c.connection == self._connection
        )
        return int(self._db.execute(query).scalar_one())

    def unseen(self, since: datetime) -> list[int]:
        """Products that a reading of everything, begun then, did not find until now."""
        query = select(catalogue.c.product_id.distinct()).where(
            catalogue.c.connection == self._connection, catalogue.c.seen_at < since
        )
        return sorted(self._db.execute(query).scalars())

    def forget_unseen(self, since: datetime) -> int:
        """Forget what a reading of everything, begun then, did not find; how many."""
        gone = self._db.execute(
            delete(catalogue).where(
                catalogue.c.connection == self._connection,
                catalogue.c.seen_at < since,
            )
        )
        return gone.rowcount

    def of_skus(self, skus: Collection[str]) -> dict[str, list[CatalogueRow]]:
        """Sizes by SKU in any case; a SKU that nothing has is left out."""
        return self._spelled("sku", skus)

    def of_eans(self, eans: Collection[str]) -> dict[str, list[CatalogueRow]]:
        """Sizes by EAN however it is spelled; one that nothing has is left out."""
        return self._spelled("ean", set(eans) - {""})

    def of_product(self, product_id: int) -> list[CatalogueRow]:
        """All rows of a product."""
        return self._by(catalogue.c.product_id, [product_id]).get(product_id, [])

    def of_numbers(self, numbers: Collection[str]) -> dict[str, list[CatalogueRow]]:
        """Rows by product number in any case; one that nothing has is left out."""
        return self._spelled("product_number", numbers)

    def of_sizes(self, ids: Collection[int]) -> dict[int, CatalogueRow]:
        """Sizes by id; an id that nothing has is left out."""
        found = self._by(catalogue.c.size_id, set(ids) - {0})
        return {size_id: rows[0] for size_id, rows in found.items()}

    def frame(self) -> dict[str, list[Any]]:
        """All sizes as columns, ready for a table: names are those of CatalogueRow."""
        rows = self._db.execute(
            select(*_FIELDS)
            .where(catalogue.c.connection == self._connection, catalogue.c.size_id != 0)
            .order_by(catalogue.c.size_id)
        ).all()
        columns = [list(column) for column in zip(*rows, strict=True)]
        names = [column.name for column in _FIELDS]
        if not columns:
            return {name: [] for name in names}
        return dict(zip(names, columns, strict=True))

    def without_sizes(self) -> list[CatalogueRow]:
        """The variants that have no size: no table of sizes has them."""
        is_one = catalogue.c.variant_id != 0, catalogue.c.size_id == 0
        rows = self._db.execute(
            select(*_FIELDS)
            .where(catalogue.c.connection == self._connection, *is_one)
            .order_by(catalogue.c.variant_id)
        )
        return [CatalogueRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's own name

    def is_empty(self) -> bool:
        """Whether the catalogue was never read, or holds nothing."""
        one = exists().where(catalogue.c.connection == self._connection)
        return not self._db.execute(select(one)).scalar_one()

    def _spelled(
        self, name: str, asked: Collection[str]
    ) -> dict[str, list[CatalogueRow]]:
        """Rows by what was asked for, compared as the key of that column is."""
        column, key = _KEYS[name]
        keys = {one: key(one) for one in asked}
        rows = self._by(column, set(keys.values()), lambda row: key(getattr(row, name)))
        return {one: rows[each] for one, each in keys.items() if each in rows}

    def _by(
        self,
        column: Column[Any],
        keys: Collection[Any],
        key_of: Callable[[CatalogueRow], Any] | None = None,
    ) -> dict[Any, list[CatalogueRow]]:
        found: defaultdict[Any, list[CatalogueRow]] = defaultdict(list)
        for some in chunks(sorted(set(keys))):
            rows = self._db.execute(
                select(*_FIELDS)
                .where(catalogue.c.connection == self._connection, column.in_(some))
                .order_by(
                    catalogue.c.product_id,
                    catalogue.c.variant_id,
                    catalogue.c.size_id,
                )
            )
            for row in rows:
                one = CatalogueRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name
                found[key_of(one) if key_of else getattr(one, column.name)].append(one)
        return dict(found)
