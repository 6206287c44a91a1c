"""No name, address or e-mail leaves the ledger's encrypted payloads."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tasks.environment import use_environment
from tasks.request import SyncRequest
from tasks.run import PLAIN, Steps, run_direction
from tests.tasks_.stand import CREATED, CUSTOMER_CREATED, INDIVIDUAL, Stand, a_stand

NAMES = ("Zäzilie", "Quarkström")
EMAIL = "zaezilie.quarkstroem@privat.example"
STREET = "Hemliga gränden 77"


def place_private(stand: Stand, **wish: object) -> None:
    """Place an order of a person whose data is easy to find."""
    stand.place(
        customer={
            "email": EMAIL,
            "first_name": NAMES[0],
            "last_name": NAMES[1],
            "registered": True,
        },
        address={"address1": STREET, "email": EMAIL},
        **wish,
    )


def traces(text: str) -> list[str]:
    """What of the person is in a text."""
    return [one for one in (*NAMES, EMAIL, STREET) if one.casefold() in text.casefold()]


async def test_results_and_logs_hold_nothing_personal(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    """Every step answers numbers and codes, whatever happens to a person's order."""
    caplog.set_level(logging.DEBUG)
    answers: list[str] = []
    called: set[str] = set()

    def noted(name, step):
        async def call(*args, **kwargs):
            result = await step(*args, **kwargs)
            called.add(name)
            answers.append(repr((args, kwargs, result)))
            return result

        return call

    steps = Steps(**{name: noted(name, step) for name, step in PLAIN._asdict().items()})
    stand.change(**INDIVIDUAL)
    place_private(stand)
    place_private(stand, off_by=1)
    place_private(stand, lines=[{"sku": "NH1099BLKM"}])
    place_private(stand, lines=[{"sku": "NH1104NAVM", "tax_percent": 24}])
    stand.fault("no_answer", CREATED)
    for number in range(6):
        stand.wait(minutes=6)
        request = SyncRequest(
            connection="nordhem", direction="orders", run_key=f"private-{number}"
        )
        with use_environment(stand.environment):
            summary = await run_direction(request, steps)
        answers.append(summary.model_dump_json() + summary.sentence)

    assert len(answers) > 15
    assert called == set(Steps._fields) - {"resume"}
    assert traces("\n".join(answers)) == []
    assert traces(caplog.text) == []


async def test_what_visma_says_back_is_not_repeated(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal that quotes a person's data is told without it."""
    caplog.set_level(logging.DEBUG)
    stand.change(**INDIVIDUAL, **{"customers.class_dtc": "NOPE"})
    place_private(stand)

    summary = await stand.run()

    assert stand.writes == {CUSTOMER_CREATED: 1}
    assert traces(summary.model_dump_json()) == []
    assert traces("\n".join(row.reason + row.fix for row in stand.exceptions())) == []
    assert traces(caplog.text) == []


async def test_the_database_holds_nothing_readable(tmp_path: Path) -> None:
    """Of a person there is nothing in the ledger's file that could be read."""
    with a_stand(tmp_path, **INDIVIDUAL) as stand:
        place_private(stand)
        place_private(stand, off_by=1)
        await stand.run()
        assert stand.company.customers

    assert traces(readable(tmp_path)) == []


def readable(folder: Path) -> str:
    """Everything that the files of a folder hold."""
    files = [file for file in folder.iterdir() if file.is_file()]
    assert files
    return "".join(file.read_bytes().decode("utf-8", "replace") for file in files)
