"""Lists that shift, repeat and lose rows while they are read."""

import pytest

from connectors.errors import AbortError, RetryableError
from connectors.paging import Page, iter_pages


async def read(fetch, first=1):
    """Read all rows, page by page."""
    pages = iter_pages(fetch, first=first, key=lambda row: row, what="the list")
    return [list(page.rows) async for page in pages]


def played(*pages):
    """Give these pages, whatever number is asked for."""
    waiting = list(pages)

    async def fetch(number):
        return waiting.pop(0)

    return fetch


async def test_stops_at_the_last_page():
    """A page that says so ends the list."""
    fetch = played(
        Page([1, 2], is_last=False, total=3), Page([3], is_last=True, total=3)
    )

    assert await read(fetch) == [[1, 2], [3]]


async def test_stops_at_an_empty_page():
    """No rows means no more, even where the count is full."""
    assert await read(played(Page([1, 2], is_last=False), Page([], is_last=False))) == [
        [1, 2]
    ]
    assert await read(played(Page([], is_last=False))) == []


async def test_repeated_page_aborts():
    """An API that ignores the page number must not be read for ever."""
    with pytest.raises(AbortError, match="page 2 of the list is the same"):
        await read(played(Page([1, 2], is_last=False), Page([1, 2], is_last=False)))


async def test_lost_row_is_read_in_a_second_pass():
    """A row that left pushed 3 onto a page already read; the count shows it."""
    fetch = played(
        Page([1, 2], is_last=False, total=4),
        Page([4], is_last=True, total=4),
        Page([2, 3], is_last=False, total=3),
        Page([4], is_last=True, total=3),
    )

    assert await read(fetch) == [[1, 2], [4], [2, 3], [4]]


async def test_a_list_that_counts_more_than_it_gives_is_not_whole():
    """Twice the same rows and a higher count: what is missing must not pass for gone."""
    page = [Page([1, 2], is_last=False, total=9), Page([3], is_last=True, total=9)]
    said = "the list is not whole: it gave 3 of the 9 rows that it counts"

    with pytest.raises(RetryableError, match=said):
        await read(played(*page, *page))


@pytest.mark.parametrize("rows", [[], [1, 2]])
async def test_a_short_single_page_is_looked_at_again(rows):
    """One page alone is held against the count like many are."""
    short = Page(rows, is_last=True, total=3)

    with pytest.raises(RetryableError, match=f"{len(rows)} of the 3 rows"):
        await read(played(short, short))
    whole = Page([1, 2, 3], is_last=True, total=3)
    assert await read(played(short, whole)) == ([rows] if rows else []) + [[1, 2, 3]]


async def test_list_that_never_settles_aborts():
    """After five passes with ever new rows there is no honest end."""
    pages = []
    for start in range(0, 50, 10):
        pages += [
            Page([start, start + 1], is_last=False, total=99),
            Page([start + 2], is_last=True, total=99),
        ]
    with pytest.raises(AbortError, match="changes faster than it can be read"):
        await read(played(*pages))
