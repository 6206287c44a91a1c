"""The index of Centra's sizes, on both databases."""

from __future__ import annotations

from dataclasses import replace

from ledger import CatalogueRow, ConnectionLedger, Ledger

SHIRT = CatalogueRow(
    product_id=1,
    variant_id=11,
    size_id=111,
    sku="SHIRT-RED-M",
    ean="7310000000017",
    size_name="M",
    size_active=True,
    variant_number="RED",
    variant_status="ACTIVE",
    product_number="SHIRT",
    product_name="Shirt",
    product_status="ACTIVE",
)
LARGE = replace(SHIRT, size_id=112, sku="SHIRT-RED-L", ean="", size_name="L")
BARE = replace(
    SHIRT, product_id=2, variant_id=0, size_id=0, sku="", ean="", product_number="BARE"
)


def test_sizes_are_found_by_every_key(books: ConnectionLedger) -> None:
    """SKU, EAN, product and size lead to a size; an empty EAN is no key."""
    with books.begin() as unit:
        unit.catalogue.put([SHIRT, LARGE, BARE])
    with books.read() as unit:
        assert unit.catalogue.of_skus(["SHIRT-RED-M", "NONE"]) == {
            "SHIRT-RED-M": [SHIRT]
        }
        assert unit.catalogue.of_eans(["7310000000017", ""]) == {
            "7310000000017": [SHIRT]
        }
        assert unit.catalogue.of_product(1) == [SHIRT, LARGE]
        assert unit.catalogue.of_numbers(["BARE"]) == {"BARE": [BARE]}
        assert unit.catalogue.of_sizes([112, 0]) == {112: LARGE}


def test_what_is_not_unique_is_told_in_full(books: ConnectionLedger) -> None:
    """Two sizes with one SKU and one EAN are both there."""
    twin = replace(SHIRT, product_id=3, variant_id=31, size_id=311)
    with books.begin() as unit:
        unit.catalogue.put([SHIRT, twin])
    with books.read() as unit:
        assert unit.catalogue.of_skus([SHIRT.sku]) == {SHIRT.sku: [SHIRT, twin]}
        assert unit.catalogue.of_eans([SHIRT.ean]) == {SHIRT.ean: [SHIRT, twin]}


def test_a_product_is_stored_in_place_of_what_was_known(
    books: ConnectionLedger,
) -> None:
    """A size that a product lost is forgotten; other products stay."""
    with books.begin() as unit:
        unit.catalogue.put([SHIRT, LARGE, BARE])
        unit.catalogue.put([replace(SHIRT, ean="999")])
    with books.read() as unit:
        assert unit.catalogue.of_product(1) == [replace(SHIRT, ean="999")]
        assert unit.catalogue.of_product(2) == [BARE]


def test_what_a_full_reading_did_not_find_is_forgotten(
    books: ConnectionLedger, clock
) -> None:
    """Only rows that were not seen since it began."""
    with books.begin() as unit:
        unit.catalogue.put([SHIRT, BARE])
    begun_at = clock.advance(minutes=1)
    with books.begin() as unit:
        unit.catalogue.put([SHIRT])
        assert unit.catalogue.unseen(begun_at) == [2]
        assert unit.catalogue.forget_unseen(begun_at) == 1
        assert unit.catalogue.unseen(begun_at) == []
        assert unit.catalogue.of_product(1) == [SHIRT]
        assert unit.catalogue.of_product(2) == []


def test_the_frame_has_sizes_alone_as_columns(ledger: Ledger) -> None:
    """A column a field, ordered by size; another connection's rows are not in it."""
    with ledger.of("nordic").begin() as unit:
        unit.catalogue.put([LARGE, SHIRT, BARE])
    with ledger.of("fjord").begin() as unit:
        unit.catalogue.put([replace(SHIRT, size_id=999)])
    with ledger.of("nordic").read() as unit:
        frame = unit.catalogue.frame()

    assert list(frame) == list(CatalogueRow.__dataclass_fields__)
    assert frame["size_id"] == [111, 112]
    assert frame["ean"] == ["7310000000017", ""]


def test_variants_without_a_size_are_asked_for_by_themselves(
    books: ConnectionLedger,
) -> None:
    """Neither those that have one, nor products without a variant."""
    loose = replace(SHIRT, variant_id=77, size_id=0)
    with books.begin() as unit:
        unit.catalogue.put([SHIRT, loose, BARE])
    with books.read() as unit:
        assert unit.catalogue.without_sizes() == [loose]


def test_an_empty_catalogue_has_its_columns(books: ConnectionLedger) -> None:
    """Nothing read yet: empty, and an empty frame of the same form."""
    with books.read() as unit:
        assert unit.catalogue.is_empty()
        assert set(unit.catalogue.frame()) == set(CatalogueRow.__dataclass_fields__)
        assert unit.catalogue.frame()["sku"] == []
