"""A call is taken only with the right signature over what was really sent, and in time."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from console.webhook_signatures import Refused, Signed, check_centra, check_visma
from tests.receiver.calls import (
    SECRET,
    T,
    a_centra_body,
    centra_v1,
    visma_signature,
)

_BODY = a_centra_body(("order", 2735))
_V1 = centra_v1(_BODY)


def _check(header: str | list[str], body: bytes = _BODY, now: float = T):
    headers = [header] if isinstance(header, str) else header
    return check_centra(body, headers, SecretStr(SECRET), now=now, window_seconds=300)


@pytest.mark.parametrize(
    "header",
    [
        f"t={T},v1={_V1}",
        f"v1={_V1},t={T}",
        f" t={T} , v1={_V1} ",
        f"t={T},v1={_V1.upper()}",
        f"t={T},v1={'0' * 64},v1={_V1}",
        f"t={T},v1={_V1},v0=abc",
        f"t={T},v1=short,v1={_V1}",
    ],
)
def test_a_right_signature_is_taken_in_each_of_its_forms(header: str) -> None:
    """Order, blanks, capitals and further signatures change nothing, the digest neither."""
    assert _check(header) == Signed(_V1, "x-centra-signature")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ([], "missing"),
        ("", "unreadable"),
        (f"v1={_V1}", "unreadable"),
        (f"t={T}", "unreadable"),
        (f"t={T},t={T},v1={_V1}", "unreadable"),
        (f"t=,v1={_V1}", "unreadable"),
        (f"t=-{T},v1={_V1}", "unreadable"),
        (f"t={T}.0,v1={_V1}", "unreadable"),
        (f"t=1_7,v1={_V1}", "unreadable"),
        (f"t={'9' * 400},v1={_V1}", "unreadable"),
        (
            "t=\u0661\u0662\u0663,v1=" + centra_v1(_BODY, t="\u0661\u0662\u0663"),
            "unreadable",
        ),
        ("t=\u00b2,v1=" + centra_v1(_BODY, t="\u00b2"), "unreadable"),
        ([f"t={T},v1={_V1}", f"t={T},v1={_V1}"], "unreadable"),
        (",".join([f"t={T}", *[f"v1={_V1}"] * 9]), "unreadable"),
        (f"t={T},v1={'0' * 64}", "wrong"),
        (f"t={T},v1={_V1[:-1]}", "wrong"),
        (f"t={T},v1= {' '.join(_V1)}", "wrong"),
        (f"t={T},V1={_V1}", "unreadable"),
        (f"t={T + 1},v1={_V1}", "wrong"),
        (f"t=0{T},v1={_V1}", "wrong"),
        (f"t={T},v1={centra_v1(_BODY, secret='another')}", "wrong"),
        (f"t={T},v1={centra_v1(_BODY + b'&x=1')}", "wrong"),
    ],
)
def test_anything_else_is_refused(header: str | list[str], why: str) -> None:
    """Missing, unreadable, and wrong are told apart."""
    assert _check(header) == Refused(why)


def test_an_altered_body_is_refused() -> None:
    """One byte more than what was signed."""
    assert _check(f"t={T},v1={_V1}", _BODY + b"x") == Refused("wrong")


@pytest.mark.parametrize(
    ("late", "is_taken"),
    [(0, True), (300, True), (301, False), (-300, True), (-301, False)],
)
def test_a_signature_counts_within_the_window_both_ways(
    late: int, is_taken: bool
) -> None:
    """Five minutes old or five minutes ahead, and not a second more."""
    found = _check(f"t={T},v1={_V1}", now=T + late)
    assert isinstance(found, Signed) is is_taken
    assert is_taken or found == Refused("expired")


def test_a_wrong_signature_is_wrong_however_old() -> None:
    """Nobody learns from the answer whether a time would have been taken."""
    assert _check(f"t=1,v1={_V1}") == Refused("wrong")


_CALL = b'{"event": "SALESORDER_UPDATED"}'
_RIGHT = visma_signature(_CALL)


def _visma(headers: list[tuple[str, str]], *, header: str | None = None, body=_CALL):
    return check_visma(body, headers, SecretStr(SECRET), header=header)


def test_a_header_of_visma_net_is_found_by_what_it_holds() -> None:
    """Its name is published nowhere; only who has the secret can make the value."""
    headers = [("host", "x"), ("x-some-signature", _RIGHT), ("accept", "*/*")]
    found = _visma(headers)
    assert isinstance(found, Signed)
    assert found.header == "x-some-signature"
    assert _visma(headers, header="X-Some-Signature") == found


@pytest.mark.parametrize(
    ("headers", "header", "why"),
    [
        ([], None, "missing"),
        ([("host", "x")], None, "missing"),
        ([("x-signature", _RIGHT)], "x-other", "missing"),
        ([("x-signature", "no base64 !")], "x-signature", "unreadable"),
        ([("x-signature", _RIGHT + "=" * 200)], None, "missing"),
        ([("x-signature", visma_signature(_CALL, secret="another"))], None, "wrong"),
        ([("x-signature", visma_signature(_CALL + b" "))], None, "wrong"),
        ([("x-signature", "\u00e9" * 44)], None, "missing"),
    ],
)
def test_a_call_of_visma_net_without_its_signature_is_refused(
    headers: list[tuple[str, str]], header: str | None, why: str
) -> None:
    """Missing where a header is named and not there, wrong where another key made it."""
    assert _visma(headers, header=header) == Refused(why)


def test_an_altered_body_of_visma_net_is_refused() -> None:
    """The signature is of what was sent."""
    assert _visma([("s", _RIGHT)], body=_CALL + b" ") == Refused("wrong")
