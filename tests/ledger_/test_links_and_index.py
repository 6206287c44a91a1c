from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import ConnectionLedger, IndexRow, LinkConflictError
from ledger.database import open_engine

LINK = ("orders", "1", "created", "sales_order", "SO1", "h1", 1)


def _change(link: tuple, **values) -> tuple:
    names = ("direction", "source_id", "role", "kind", "target_id", "hash", "revision")
    return tuple((dict(zip(names, link, strict=True)) | values).values())


def test_the_same_link_takes_the_new_hash(books: ConnectionLedger) -> None:
    """Linking again is no conflict; created and adopted are one ownership."""
    with books.begin() as unit:
        unit.links.put(*LINK)
        unit.links.put(*_change(LINK, role="adopted", hash="h2", revision=2))
        link = unit.links.get("orders", "1")
        unit.links.touch("orders", "1", "h3", 3)
        touched = unit.links.get("orders", "1", role="adopted")
    assert link is not None
    assert touched is not None
    assert (link.role, link.body_hash, link.revision) == ("created", "h2", 2)
    assert (touched.body_hash, touched.revision) == ("h3", 3)


@pytest.mark.parametrize(
    "other",
    [{"target_id": "SO2"}, {"source_id": "2"}, {"source_id": "2", "role": "adopted"}],
    ids=["a second document", "a second source", "a second source adopts"],
)
def test_what_is_owned_is_unique_both_ways(
    books: ConnectionLedger, other: dict[str, str]
) -> None:
    """One document a source, one source a document."""
    with books.begin() as unit:
        unit.links.put(*LINK)
        with pytest.raises(LinkConflictError, match="already belongs"):
            unit.links.put(*_change(LINK, **other))


def test_the_database_itself_keeps_ownership_unique(
    url: str, books: ConnectionLedger
) -> None:
    """Also against a program that does not ask."""
    with books.begin() as unit:
        unit.links.put(*LINK)
    engine = open_engine(url)
    copy = sa.text(
        "INSERT INTO links (connection, direction, source_id, role, target_kind,"
        " target_id, body_hash, revision, linked_at) SELECT connection, direction, '2',"
        " 'adopted', target_kind, target_id, '', 1, linked_at FROM links"
    )
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as db:
        db.execute(copy)
    engine.dispose()


def test_a_document_moves_to_another_source(books: ConnectionLedger) -> None:
    """The one that it was made for is free, and no other document moves."""
    with books.begin() as unit:
        unit.links.put(*LINK)
        unit.links.put(*_change(LINK, source_id="2", target_id="SO2"))
        unit.links.move("sales_order", "SO1", "3")
        found = unit.links.many("orders", ["1", "2", "3"])
        unit.links.put(*_change(LINK, target_id="SO3"))
    assert {one: link.target_id for one, link in found.items()} == {
        "2": "SO2",
        "3": "SO1",
    }


def test_other_roles_are_many_to_many(books: ConnectionLedger) -> None:
    """A collective customer stands for many, and one buyer can match two."""
    with books.begin() as unit:
        for source_id in ("dtc-1", "dtc-2"):
            unit.links.put("customers", source_id, "collective", "customer", "9", "", 1)
        unit.links.put("customers", "dtc-1", "collective", "customer", "10", "", 1)
        sources = [link.source_id for link in unit.links.by_target("customer", "9")]
        many = unit.links.many("customers", ["dtc-1", "dtc-2", "x"], "collective")
        assert unit.links.get("customers", "dtc-1") is None
    assert sources == ["dtc-1", "dtc-2"]
    assert {key: link.target_id for key, link in many.items()} == {
        "dtc-1": "10",
        "dtc-2": "9",
    }


def test_many_links_are_read_in_one_go(books: ConnectionLedger) -> None:
    """More ids than one statement takes."""
    with books.begin() as unit:
        unit.links.put(*LINK)
        assert list(unit.links.many("orders", [str(n) for n in range(2_500)])) == ["1"]


def _keys(target_id: str, **keys: str) -> list[IndexRow]:
    return [IndexRow("customer", kind, key, target_id) for kind, key in keys.items()]


def test_the_index_is_found_by_any_key(books: ConnectionLedger) -> None:
    """Several objects under one key are all returned: the caller re-checks."""
    with books.begin() as unit:
        assert unit.index.is_empty("customer")
        unit.index.put("customer", _keys("7", vat="SE1") + _keys("8", vat="SE1"))
        unit.index.put("customer", [])
        assert not unit.index.is_empty("customer")
        found = unit.index.find("customer", "vat", ["SE1", "SE2"])
        assert unit.index.find("customer", "vat", []) == {}
    assert {key: [row.target_id for row in rows] for key, rows in found.items()} == {
        "SE1": ["7", "8"]
    }


def test_an_object_that_was_read_again_keeps_none_of_its_former_keys(
    books: ConnectionLedger,
) -> None:
    """A key that an object lost would lead to the wrong one."""
    with books.begin() as unit:
        unit.index.put("customer", _keys("7", email="a@x.se", attribute="N-dtc-7"))
        unit.index.put("customer", _keys("7", email="b@x.se"))
        assert unit.index.find("customer", "email", ["a@x.se"]) == {}
        assert unit.index.find("customer", "email", ["b@x.se"])
        assert unit.index.find("customer", "attribute", ["N-dtc-7"]) == {}
        assert [row.key_type for row in unit.index.of_target("customer", "7")] == [
            "email"
        ]
        unit.index.remove("customer", ["7"])
        assert unit.index.is_empty("customer")


def test_personal_keys_are_not_readable(url: str, books: ConnectionLedger) -> None:
    """An e-mail is stored as a keyed hash, and found whatever its case."""
    with books.begin() as unit:
        unit.index.put("customer", _keys("7", email="Åsa@Example.se"))
        found = unit.index.find(
            "customer", "email", ["åsa@example.SE", "ÅSA@EXAMPLE.SE"]
        )
    engine = open_engine(url)
    with engine.connect() as db:
        stored = db.execute(sa.text("SELECT key FROM target_index")).scalar_one()
    engine.dispose()

    assert set(found) == {"åsa@example.SE", "ÅSA@EXAMPLE.SE"}
    assert "example" not in stored.casefold()


def test_objects_are_kept_from_others_and_old_ones_are_found(
    books: ConnectionLedger, clock
) -> None:
    """Only what is there can be locked; what was stored again is not old."""
    with books.begin() as unit:
        unit.index.add("kind", [IndexRow("kind", "all", "all", one) for one in "abc"])
        unit.index.add("other", [IndexRow("other", "all", "all", "a")])
    moment = clock.advance(minutes=1)
    with books.begin() as unit:
        unit.index.add("kind", [IndexRow("kind", "all", "all", "b", {"n": "1"})])
        assert unit.index.lock("kind", ["b", "a", "z"]) == {"a", "b"}
        assert unit.index.unseen_since("kind", moment) == [
            IndexRow("kind", "all", "all", "a"),
            IndexRow("kind", "all", "all", "c"),
        ]
