"""What Centra was told and has: the version fence, and what is not known, on both databases."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest

from ledger import (
    CatalogueRow,
    ConnectionLedger,
    Ledger,
    Level,
    Looked,
    Observed,
    Shelf,
    Started,
)
from tests.ledger_.conftest import START, Clock

SHIRT, SOCKS = Shelf(3, 31), Shelf(3, 32)
LATE = timedelta(minutes=10)


def in_catalogue(size: int) -> CatalogueRow:
    """A size of Centra; 0 is a product that has none."""
    return CatalogueRow(
        1, 11, size, f"S{size}", "", "M", None, "R", "ACTIVE", "P", "P", "ACTIVE"
    )


@pytest.fixture(autouse=True)
def catalogue(books: ConnectionLedger) -> None:
    """Both sizes are in Centra."""
    with books.begin() as unit:
        unit.catalogue.put([in_catalogue(one.size_id) for one in (SHIRT, SOCKS)])


def observe(books: ConnectionLedger, **quantities: int | None) -> int:
    """Read figures now, by item; answers the number of the observation."""
    shelves = {"shirt": SHIRT, "socks": SOCKS}
    with books.begin() as unit:
        number = unit.levels.next_observation()
        rows = [
            Observed(shelves[item], item, quantity)
            for item, quantity in quantities.items()
        ]
        unit.levels.observe(rows, observation=number, read_at=START)
    return number


def start(books: ConnectionLedger, *shelves: Shelf) -> list[Started]:
    """Begin to send the newest figures."""
    with books.begin() as unit:
        return unit.levels.start(shelves, late_for=LATE)


def start_new(books: ConnectionLedger, shirt: int) -> list[Started]:
    """Read a new figure of the shirt, and begin to send it."""
    observe(books, shirt=shirt)
    return start(books, SHIRT)


def done(books: ConnectionLedger, started: Started, quantity: int) -> None:
    """Note that Centra confirmed a row."""
    with books.begin() as unit:
        unit.levels.done([(started, quantity)])


def looked(level: Level, physical: int) -> Looked:
    """See what Centra has, of a level as it was read before."""
    return Looked(level.shelf, level.sent_observation, physical)


def physical(books: ConnectionLedger, shelf: Shelf = SHIRT) -> int | None:
    """What Centra is believed to have."""
    with books.read() as unit:
        levels = unit.levels.of_sizes([shelf.size_id])
    return next(one.physical for one in levels if one.shelf == shelf)


def unsure(books: ConnectionLedger) -> list[Shelf]:
    """What is to be looked at."""
    with books.read() as unit:
        return [one.shelf for one in unit.levels.unsure([3])]


def test_what_was_set_is_known(books: ConnectionLedger) -> None:
    """Nothing is known before, and nothing is to be looked at after."""
    number = observe(books, shirt=7)
    assert (physical(books), unsure(books)) == (None, [])

    [started] = start(books, SHIRT)
    assert started == Started(SHIRT, number, in_doubt=False)
    assert (physical(books), unsure(books)) == (None, [SHIRT])

    done(books, started, 7)
    assert (started.in_doubt, physical(books), unsure(books)) == (False, 7, [])


def test_no_figure_is_sent_twice(books: ConnectionLedger) -> None:
    """What became of it is looked at, not repeated; only a newer one may follow."""
    observe(books, shirt=7)
    [started] = start(books, SHIRT)
    assert start(books, SHIRT) == []

    done(books, started, 7)
    assert start(books, SHIRT) == []
    new = observe(books, shirt=4)
    assert start(books, SHIRT) == [Started(SHIRT, new, in_doubt=False)]


def test_only_the_overtaken_rows_of_a_request_are_dropped(
    books: ConnectionLedger,
) -> None:
    """The others of its rows are as good as before, unless nobody wants them."""
    number = observe(books, shirt=7, socks=2)
    start(books, SHIRT)
    with books.begin() as unit:
        wanted = {"late_for": LATE, "is_wanted": lambda level: level.quantity == 3}
        assert unit.levels.start([SHIRT, SOCKS], **wanted) == []

    assert start(books, SHIRT, SOCKS) == [Started(SOCKS, number, in_doubt=False)]


def test_an_older_reading_does_not_replace_a_newer_figure(
    books: ConnectionLedger,
) -> None:
    """A slow reader began earlier, so its figure is not newer."""
    with books.begin() as unit:
        slow = unit.levels.next_observation()
    observe(books, shirt=4)
    with books.begin() as unit:
        rows = [Observed(SHIRT, "shirt", 9)]
        unit.levels.observe(rows, observation=slow, read_at=START)
    with books.read() as unit:
        assert [one.quantity for one in unit.levels.of_sizes([31])] == [4]


def test_a_request_that_may_still_arrive_keeps_a_shelf_under_watch(
    books: ConnectionLedger,
) -> None:
    """A newer one that was confirmed does not end the watch: the older may come last."""
    start_new(books, shirt=7)
    [second] = start_new(books, shirt=4)
    done(books, second, 4)

    assert second.in_doubt
    assert (physical(books), unsure(books)) == (4, [SHIRT])


def test_the_late_answer_of_an_older_request_says_nothing(
    books: ConnectionLedger,
) -> None:
    """What the newer one has set stays known."""
    [first] = start_new(books, shirt=7)
    [second] = start_new(books, shirt=4)
    done(books, second, 4)
    done(books, first, 7)
    with books.begin() as unit:
        unit.levels.undone([first])

    assert physical(books) == 4


def test_what_was_not_set_is_looked_at_again(books: ConnectionLedger) -> None:
    """Nothing of it is in the air, so nothing is waited for."""
    [started] = start_new(books, shirt=7)
    with books.begin() as unit:
        unit.levels.undone([started])
    with books.read() as unit:
        [level] = unit.levels.unsure([3])

    assert (level.physical, level.verify_until) == (None, START)


def test_only_what_can_be_looked_at_is_unsure(books: ConnectionLedger) -> None:
    """Not what is in a warehouse that is kept no more, nor a size that was deleted."""
    start_new(books, shirt=7)
    with books.begin() as unit:
        assert unit.levels.unsure([4]) == []
        unit.catalogue.remove([1])
        assert unit.levels.unsure([3]) == []


def test_what_is_doubted_is_not_known(books: ConnectionLedger) -> None:
    """Of one item, or of a whole warehouse; nothing is to be looked at for it."""
    observe(books, shirt=7, socks=2)
    for shelf, quantity in ((SHIRT, 7), (SOCKS, 2)):
        [started] = start(books, shelf)
        done(books, started, quantity)
    with books.begin() as unit:
        unit.levels.doubt([4])
        unit.levels.doubt([3], "shirt")
    assert (physical(books), physical(books, SOCKS), unsure(books)) == (None, 2, [])
    with books.begin() as unit:
        unit.levels.doubt([3])
    assert physical(books, SOCKS) is None


def test_a_figure_is_kept_with_what_it_was_worked_out_from(
    books: ConnectionLedger,
) -> None:
    """What each side had taken, by sale; the next reading replaces it."""
    for basis in ({"order:7": (3, 1)}, {}):
        with books.begin() as unit:
            number = unit.levels.next_observation()
            row = Observed(SHIRT, "shirt", 4, basis)
            unit.levels.observe([row], observation=number, read_at=START)
        with books.read() as unit:
            assert [one.basis for one in unit.levels.all()] == [basis]
            assert unit.levels.with_basis() == ({SHIRT} if basis else set())


def test_looking_ends_the_watch_once_nothing_can_arrive(
    books: ConnectionLedger, clock: Clock
) -> None:
    """Until then what was seen is kept, and looked at again."""
    start_new(books, shirt=7)
    for minutes, watched in ((9, [SHIRT]), (1, [])):
        clock.advance(minutes=minutes)
        with books.begin() as unit:
            levels = unit.levels.unsure([3])
            unit.levels.verified([looked(one, 7) for one in levels])
        assert (physical(books), unsure(books)) == (7, watched)


def test_looking_says_nothing_of_what_was_sent_since(books: ConnectionLedger) -> None:
    """What was seen may be from before it."""
    start_new(books, shirt=7)
    with books.read() as unit:
        [seen] = unit.levels.unsure([3])
    [second] = start_new(books, shirt=4)
    done(books, second, 4)
    with books.begin() as unit:
        unit.levels.verified([looked(seen, 7)])

    assert physical(books) == 4


def test_what_centra_takes_lowers_what_it_has(books: ConnectionLedger) -> None:
    """Of what nobody knows there is nothing to lower; what came back raises it."""
    observe(books, shirt=7, socks=2)
    [started] = start(books, SHIRT)
    done(books, started, 7)
    for taken in ({"shirt": 3, "socks": 1, "hat": 1}, {"shirt": -1}):
        with books.begin() as unit:
            unit.levels.take({(3, item): units for item, units in taken.items()})
            unit.levels.take({(4, item): 9 for item in taken})

    assert (physical(books), physical(books, SOCKS)) == (5, None)


def test_sizes_that_were_never_compared_are_told(books: ConnectionLedger) -> None:
    """A size that was asked about in vain was compared, too; bare products have none."""
    with books.begin() as unit:
        unit.catalogue.put(list(map(in_catalogue, (0, 31, 32, 33))))
    observe(books, shirt=7, socks=None)
    with books.read() as unit:
        assert unit.levels.new_sizes([3]) == [("S33", "")]
        assert unit.levels.new_sizes([3, 4]) == [("S33", ""), ("S31", ""), ("S32", "")]


def test_levels_of_another_connection_are_not_seen(
    ledger: Ledger, books: ConnectionLedger
) -> None:
    """Nor changed."""
    observe(books, shirt=7)
    other = ledger.of("other")
    with other.begin() as unit:
        assert unit.levels.next_observation() == 1
        unit.levels.take({(3, "shirt"): 1})
        assert unit.levels.all() == []
    with books.read() as unit:
        assert unit.levels.frame() == [(3, 31, None, 7)]


def test_sizes_that_were_seen_are_found_by_their_size(books: ConnectionLedger) -> None:
    """Not by reading all levels for each: as many of them cost what all of them cost."""
    sizes = range(100, 3100)
    with books.begin() as unit:
        unit.catalogue.put([in_catalogue(one) for one in sizes])
        number = unit.levels.next_observation()
        rows = [Observed(Shelf(w, one), f"S{one}", 1) for one in sizes for w in (3, 4)]
        unit.levels.observe(rows, observation=number, read_at=START)

    took: list[float] = []
    for since in (None, START - LATE):
        with books.read() as unit:
            before = perf_counter()
            assert len(unit.shelves.names(since)) == len(rows)
            took.append(perf_counter() - before)

    every, seen = took
    assert seen < 10 * every
