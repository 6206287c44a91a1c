"""The command line: tables for people, one JSON object for programs, and exit codes."""

from __future__ import annotations

import json

import pytest

import flows
from tests.console_.conftest import Terminal
from tests.tasks_.stand import CREATED

CONFIG, USAGE, PARKED, LATER, ABORTED = 3, 2, 1, 4, 5


def test_sync_answers_what_was_done(terminal: Terminal) -> None:
    """`sync` runs a direction and answers its counts."""
    order = terminal.stand.place()

    answer = terminal.ask("sync", "orders")

    counts = answer["directions"]["orders"]["counts"]
    assert (counts["read"], counts["created"], counts["parked"]) == (1, 1, 0)
    assert len(terminal.stand.sales_orders(order)) == 1


def test_sync_all_runs_every_direction_in_order(terminal: Terminal) -> None:
    """`sync all` runs customers before orders; three items of the sandbox are parked."""
    terminal.stand.place(account=2)

    answer = terminal.ask("sync", "all", exit_code=PARKED)

    assert answer["directions"]["products"]["counts"]["newly_parked"] == 3

    assert list(answer["directions"]) == list(flows.DIRECTIONS)
    assert list(flows.DIRECTIONS)[:2] == ["customers", "orders"]
    assert terminal.stand.calls[CREATED] == 1


def test_sync_pulls_the_given_ids_alone(terminal: Terminal) -> None:
    """`--ids` takes numbers, comma separated, and leaves the rest."""
    orders = [terminal.stand.place() for _ in range(3)]

    ids = f"{orders[0].number}, {orders[2].number}"
    counts = terminal.ask("sync", "orders", "--ids", ids)["directions"]["orders"]

    assert counts["counts"]["created"] == 2
    assert terminal.stand.sales_orders(orders[1]) == []


def test_sync_takes_a_window(terminal: Terminal) -> None:
    """`--since` and `--until` without an offset are UTC."""
    terminal.stand.place()

    nothing = terminal.ask("sync", "orders", "--until", "2026-03-10T09:30:00")
    found = terminal.ask("sync", "orders", "--since", "2026-03-10T09:30:00")

    assert nothing["directions"]["orders"]["counts"]["read"] == 0
    assert found["directions"]["orders"]["counts"]["created"] == 1


def test_a_person_sees_a_table(terminal: Terminal) -> None:
    """Without --json a table shows the counts, and what to do about what was parked."""
    terminal.stand.place()
    broken = terminal.stand.place(off_by=1)

    result = terminal.run("sync", "orders")

    assert result.exit_code == PARKED
    assert "What was done" in result.stdout
    assert f"parked: Order {broken.number} does not add up" in result.stdout


def test_a_run_that_parks_nothing_new_is_fine(terminal: Terminal) -> None:
    """The exit code tells what is new, as a run in Prefect does."""
    terminal.stand.place(off_by=1)
    terminal.ask("sync", "orders", exit_code=PARKED)

    terminal.ask("sync", "orders")


def test_plan_and_apply(terminal: Terminal) -> None:
    """`plan` shows a hash and sends nothing; `apply` sends exactly that."""
    order = terminal.stand.place()

    plan = terminal.ask("plan", "orders")["directions"]["orders"]["plan"]
    assert (plan["writes"], plan["totals"]) == (1, {"SEK": "799.00"})
    assert terminal.stand.sales_orders(order) == []
    shown = terminal.run("plan", "orders").stdout
    assert f"centra-visma apply {plan['hash']}" in shown
    [row] = plan["rows"]
    assert (row["record"], row["action"]) == (str(order.number), "create sales order")
    assert (row["amount"], row["currency"]) == ("799.00", "SEK")
    assert "799.00 SEK" in next(
        line for line in shown.splitlines() if line.startswith(f"│ {order.number}")
    )

    applied = terminal.ask("apply", plan["hash"])
    assert applied["directions"]["orders"]["counts"]["created"] == 1
    assert len(terminal.stand.sales_orders(order)) == 1


def test_exceptions_are_listed_retried_and_set_aside(terminal: Terminal) -> None:
    """The list shows reason, fix and amount; a person decides by its id."""
    order = terminal.stand.place(off_by=1)
    terminal.run("sync", "orders")

    [row] = terminal.ask("exceptions", "list")["exceptions"]
    assert row["record"] == str(order.number)
    assert (row["code"], row["amount"], row["currency"]) == (
        "TOTALS_DO_NOT_ADD_UP",
        "800.00",
        "SEK",
    )
    assert row["fix"]
    assert "800.00 SEK" in terminal.run("exceptions", "list").stdout

    assert terminal.ask("exceptions", "retry", str(row["id"])) == {"retrying": 1}
    terminal.ask("sync", "orders", exit_code=PARKED)
    assert terminal.ask("exceptions", "retry") == {"retrying": 1}
    terminal.ask("sync", "orders", exit_code=PARKED)

    words = ("exceptions", "ignore", str(row["id"]), "--note", "booked by hand")
    assert terminal.ask(*words) == {"ignored": 1}
    assert terminal.ask("exceptions", "list") == {
        "exceptions": [],
        "in_doubt": [],
        "held": [],
    }
    assert terminal.run("exceptions", "list").stdout == "nothing is parked\n"


def test_a_decision_about_nothing_is_told(terminal: Terminal) -> None:
    """An id under which nothing is parked is named, and the exit code tells it."""
    answer = terminal.ask("exceptions", "retry", "77", exit_code=PARKED)

    assert answer == {"retrying": 0, "unknown": [77]}
    words = ("exceptions", "ignore", "77", "78", "--note", "booked by hand")
    assert terminal.run(*words).stdout == (
        "0 set aside; nothing is parked under 77, 78: see centra-visma exceptions list\n"
    )


def test_what_is_in_doubt_can_be_seen(terminal: Terminal) -> None:
    """A write whose answer was lost is listed until its document was looked up."""
    order = terminal.stand.place()
    terminal.stand.fault("no_answer", CREATED)
    terminal.ask("sync", "orders")

    [row] = terminal.ask("exceptions", "list")["in_doubt"]
    assert (row["record"], row["operation"]) == (str(order.number), "create")
    assert row["reference"] == f"N-{order.number}"
    shown = terminal.run("exceptions", "list").stdout
    assert "In doubt" in shown
    assert f"N-{order.number}" in shown

    terminal.stand.wait(minutes=3)
    terminal.ask("sync", "orders")
    assert terminal.ask("exceptions", "list")["in_doubt"] == []


def test_a_number_that_is_not_there_is_told(terminal: Terminal) -> None:
    """An id that was asked for in vain is named, and the exit code tells it."""
    answer = terminal.ask("sync", "orders", "--ids", "4711", exit_code=PARKED)

    assert answer["directions"]["orders"]["counts"]["not_found"] == 1
    shown = terminal.run("sync", "orders", "--ids", "4711")
    assert shown.exit_code == PARKED
    assert "not found: Order 4711 is not in Centra" in shown.stdout


def test_setting_aside_needs_a_reason(terminal: Terminal) -> None:
    """Nobody can set a record aside without saying why."""
    result = terminal.run("exceptions", "ignore", "1")

    assert result.exit_code == USAGE
    assert result.stdout == ""


def test_explain_tells_the_story(terminal: Terminal) -> None:
    """`explain` finds an order by its number, and by the number of its document."""
    order = terminal.stand.place()
    terminal.run("sync", "orders")
    document = terminal.stand.sales_order(order).order_id

    by_order = terminal.ask("explain", str(order.number))
    by_document = terminal.ask("explain", document)

    assert by_order["links"] == by_document["links"]
    shown = terminal.run("explain", str(order.number)).stdout
    first = f"order {order.number}: settled, 2026-03-10, 799.00 SEK"
    assert shown.startswith(f"{first}, carried over 1 second after it was changed\n")
    assert (
        f"  sales order SO/{document}, N-{order.number}, 799.00 SEK with 159.80 VAT, "
        "dated 2026-03-10\n"
    ) in shown
    assert "    1 x NH1104NAVM, 799.00 with VAT, VAT 25 % (STDG)\n" in shown
    assert "        Centra: lines[1].lineValue, VAT included 799.00\n" in shown
    assert " CET  document.written" in shown
    by_number = terminal.run("explain", document).stdout
    assert by_number.startswith(
        f"sales order SO/{document} belongs to order {order.number}\n"
    )


def test_explain_fits_a_narrow_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut off, however narrow the terminal is."""
    monkeypatch.setenv("COLUMNS", "60")
    order = terminal.stand.place(off_by=1)
    terminal.run("sync", "orders")

    shown = terminal.run("explain", str(order.number)).stdout

    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 60
    assert "TOTALS_DO_NOT_ADD_UP" in shown


def test_explain_of_an_unknown_number(terminal: Terminal) -> None:
    """A number that nobody knows is said so, and the exit code tells it."""
    assert terminal.ask("explain", "4711", exit_code=PARKED)["found"] is False
    assert terminal.run("explain", "4711").stdout == (
        "the ledger knows nothing of '4711'\n"
    )


def test_check_says_what_is_wrong(terminal: Terminal) -> None:
    """`check` passes for the demo, and names the setting that is wrong."""
    rows = terminal.ask("check")["rows"]
    assert {row["what"] for row in rows if row["state"] != "ok"} == {
        "COLOUR_MISSING",
        "EAN_TWICE",
        "sizes of Centra by SKU",
        "alerts",
        "end of Centra's token",
    }

    text = (terminal.folder / "nordhem.toml").read_text(encoding="utf-8")
    wrong = text.replace('class_dtc = "DTC"', 'class_dtc = "WEB"')
    terminal.write_connection("nordhem", wrong)
    report = terminal.ask("check", exit_code=CONFIG)
    [row] = [row for row in report["rows"] if row["state"] == "wrong"]
    assert row["what"] == "customer class WEB"
    assert "customer class WEB" in terminal.run("check").stdout


def test_a_secret_is_kept_encrypted(terminal: Terminal) -> None:
    """A secret is read from standard input, used from then on, and never shown."""
    terminal.stand.environment.secrets.clear()
    missing = terminal.ask("sync", "orders", exit_code=CONFIG)
    assert "has no visma client id" in missing["error"] or (
        "has no centra token" in missing["error"]
    )
    secrets = {
        "centra_token": "centra-nordhem-token",
        "visma_client_id": "isv_sandbox",
        "visma_client_secret": "sandbox-secret",
    }
    for name, value in secrets.items():
        result = terminal.run("secret", "nordhem", name, typed=f"{value}\n")
        assert result.stdout == (
            f"{name} of 'nordhem' is kept encrypted in the ledger\n"
        )

    terminal.ask("sync", "orders")


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        pytest.param(
            ("secret", "nordhem", "token"),
            "x\n",
            "there is no secret 'token'; choose of centra_token, visma_client_id, "
            "visma_client_secret, centra_webhook_secret, visma_webhook_secret",
            id="unknown-secret",
        ),
        pytest.param(
            ("secret", "nordhem", "centra_token"),
            "\n",
            "the secret 'centra_token' is empty: type it, or pipe it in",
            id="empty-secret",
        ),
        pytest.param(
            ("secret", "nordheim", "centra_token"),
            "x\n",
            "there is no connection 'nordheim' in '{folder}' (found there: nordhem)",
            id="secret-of-nobody",
        ),
        pytest.param(
            ("sync", "dreams"),
            None,
            "there is no direction 'dreams'; choose one of "
            f"{', '.join(flows.DIRECTIONS)}, or all",
            id="unknown-direction",
        ),
        pytest.param(
            ("sync", "orders", "--ids", "12a"),
            None,
            "'12a' is no order number; orders are pulled by number",
            id="bad-id",
        ),
        pytest.param(
            ("apply", "abcdef"),
            None,
            "connection 'nordhem' has no plan 'abcdef'; 'centra-visma plan DIRECTION' "
            "makes one",
            id="unknown-plan",
        ),
    ],
)
def test_a_mistake_is_one_sentence(
    terminal: Terminal, words: tuple[str, ...], typed: str | None, sentence: str
) -> None:
    """What cannot be done is said in one sentence on stderr, and nothing on stdout."""
    result = terminal.run(*words, typed=typed)

    assert result.exit_code == CONFIG
    assert result.stderr == f"{sentence.format(folder=terminal.folder)}\n"
    assert result.stdout == ""
    assert terminal.stand.writes == {}


def test_a_mistake_with_json_is_one_object(terminal: Terminal) -> None:
    """A program gets the sentence and the exit code in the one object it reads."""
    answer = terminal.ask("sync", "orders", "--ids", "12a", exit_code=CONFIG)

    assert answer == {
        "error": "'12a' is no order number; orders are pulled by number",
        "exit": 3,
    }


def test_a_wrong_word_is_a_usage_error(terminal: Terminal) -> None:
    """An unknown option or command is 2, as everywhere."""
    assert terminal.run("sync", "orders", "--nope").exit_code == USAGE
    assert terminal.run("nope").exit_code == USAGE
    assert terminal.run("sync", "orders", "--since", "soon").exit_code == USAGE


def test_a_system_that_is_down_is_for_later(terminal: Terminal) -> None:
    """What may succeed later has an exit code of its own."""
    terminal.stand.fault("drop", "centra.query.Orders", times=99)

    answer = terminal.ask("sync", "orders", exit_code=LATER)

    assert "closed the connection before its answer was complete" in answer["error"]


def test_a_connection_must_be_chosen_among_several(terminal: Terminal) -> None:
    """With two connections the command asks which; each is synced by its name."""
    terminal.write_connection("fjord")

    result = terminal.run("sync", "orders")
    assert result.exit_code == USAGE
    assert "choose one with --connection: fjord, nordhem" in result.stderr
    answer = terminal.ask("sync", "orders", exit_code=USAGE)
    assert answer["error"] == "choose one with --connection: fjord, nordhem"

    terminal.stand.place()
    named = terminal.ask("sync", "orders", "--connection", "nordhem")
    assert named["directions"]["orders"]["counts"]["created"] == 1


def test_a_connection_that_is_not_there_is_told(terminal: Terminal) -> None:
    """An unknown connection names those there are."""
    answer = terminal.ask("sync", "orders", "-c", "oslo", exit_code=CONFIG)

    assert answer["error"] == (
        f"{terminal.folder / 'oslo.toml'}: there is no such connection file (found "
        "here: nordhem)"
    )


def test_a_folder_without_connections_is_told(terminal: Terminal) -> None:
    """Without any connection file the folder is named."""
    (terminal.folder / "nordhem.toml").unlink()

    answer = terminal.ask("sync", "orders", exit_code=USAGE)

    assert answer["error"] == (
        f"there is no connection file in '{terminal.folder}': copy "
        "console/templates/nordhem.toml there and make it yours, or set "
        "CENTRA_VISMA_CONNECTIONS to the folder that has one"
    )


def test_a_broken_connection_file_is_told(terminal: Terminal) -> None:
    """What is wrong in the file is said, with the file, before anything is asked."""
    terminal.write_connection("nordhem", "prefix = [")

    answer = terminal.ask("sync", "orders", exit_code=CONFIG)

    assert answer["error"].startswith(
        f"{terminal.folder / 'nordhem.toml'}: the file is no valid TOML: "
    )
    assert terminal.stand.calls == {}


def test_the_json_of_a_run_is_plain(terminal: Terminal) -> None:
    """Names are written as they are, and amounts as decimal texts."""
    terminal.stand.place()
    result = terminal.run("plan", "orders", "--json")

    assert json.loads(result.stdout)["directions"]["orders"]["plan"]["totals"] == {
        "SEK": "799.00"
    }
