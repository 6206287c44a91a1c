"""`undo`: what a person sees before approving it, and what becomes of it."""

from __future__ import annotations

from tests.console_.conftest import Terminal

PARKED, USAGE = 1, 2


def test_it_is_shown_first_and_applied_by_its_hash(terminal: Terminal) -> None:
    """Nothing is written before somebody approves it by name; then exactly that."""
    order = terminal.stand.place()
    terminal.run("sync", "orders")
    number = terminal.stand.sales_order(order).order_id

    shown = terminal.ask("undo", number)
    text = terminal.run("undo", number).stdout

    assert shown["document"]["amount"] == "799.00"
    assert (shown["undone_by"]["how"], shown["undone_by"]["vat"]) == (
        "cancel",
        "159.80",
    )
    assert text == (
        f"Sales order SO/{number} (N-{order.number}) of 2026-03-10, "
        "799.00 SEK with 159.80 VAT\n"
        f"  of orders {order.number}\n"
        "would be undone by cancelling it on 2026-03-10\n"
        "  1 x NH1104NAVM 799.00 (VAT STDG)\n"
        f"{order.number} is then left out until somebody retries it.\n"
        f"Approve exactly this with: centra-visma undo {number} "
        f"--apply {shown['hash']} --by NAME --note TEXT\n"
    )
    assert terminal.stand.sales_order(order).status == "Open"
    words = ("undo", number, "--apply", shown["hash"])
    assert terminal.run(*words).exit_code == USAGE
    assert terminal.run(*words, "--by", " ").exit_code == USAGE

    done = terminal.ask(*words, "--by", "Kim", "--note", "twice")

    assert (done["state"], done["made"]) == ("confirmed", f"sales order SO/{number}")
    assert terminal.stand.sales_order(order).status == "Cancelled"
    [aside] = terminal.ask("exceptions", "list", "--set-aside")["set_aside"]
    assert (aside["id"], aside["code"], aside["by"], aside["note"]) == (
        done["retry"],
        "UNDONE",
        "Kim",
        "twice",
    )
    assert terminal.ask("exceptions", "retry", str(done["retry"])) == {"retrying": 1}
    counts = terminal.ask("sync", "orders")["directions"]["orders"]["counts"]
    assert counts["created"] == 1


def test_a_refusal_is_one_sentence(terminal: Terminal) -> None:
    """What cannot be undone ends with 1, the reason and what to do instead."""
    answer = terminal.ask("undo", "4711", exit_code=PARKED)

    assert answer["error"] == "4711 is no document that the connector has written"
    assert answer["fix"]


def test_an_unknown_kind_is_a_mistake_of_the_command(terminal: Terminal) -> None:
    """The kinds that there are stand in the message."""
    result = terminal.run("undo", "4711", "--kind", "receipt")

    assert result.exit_code == USAGE
    assert "there is no kind 'receipt'" in result.output


def test_nobody_signs_and_sets_nothing_aside(terminal: Terminal) -> None:
    """An empty name is refused where a person decides."""
    for words in (
        ("certificate", "sign", "0123456789", "--note", "why"),
        ("exceptions", "ignore", "1", "--note", "why"),
        ("exceptions", "retry"),
    ):
        answer = terminal.run(*words, "--by", " ")

        assert answer.exit_code == USAGE
        assert "--by NAME" in answer.output
