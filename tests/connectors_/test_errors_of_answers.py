"""Which error each status becomes, and what it tells a person."""

import httpx
import pytest

from connectors.answers import (
    CHANGED_MEANWHILE,
    LOCKED,
    NOT_FOUND,
    Answer,
    Call,
    Identity,
    Peer,
    error_of,
    request_id_of,
    server_date,
    wait_of,
)
from connectors.errors import (
    ConfigError,
    InDoubtError,
    QuotaError,
    RecordError,
    RetryableError,
)
from connectors.redaction import redact
from tests.connectors_.builders import NOW

PEER = Peer(
    "Visma.net", "visma.erp_url", "https://erp.example", Identity("the application")
)
READ = Call("GET customer", repeatable=True)
WRITE = Call("POST customer", repeatable=False, write=True)


def an_answer(status, text="", **headers):
    """Return an answer with the parts that a test is about."""
    return Answer(status, httpx.Headers(headers), None, text, None)


TABLE = [
    (301, ConfigError, ConfigError, "has moved; write the new address"),
    (302, ConfigError, ConfigError, "write the API's own address"),
    (399, ConfigError, ConfigError, "redirects the call"),
    (400, RecordError, RecordError, "refuses the request"),
    (401, ConfigError, ConfigError, "refuses the application: check them"),
    (402, ConfigError, ConfigError, "licence"),
    (403, ConfigError, ConfigError, "does not allow this to the application"),
    (404, RecordError, RecordError, "has no such record"),
    (405, ConfigError, ConfigError, "check the address"),
    (407, ConfigError, ConfigError, "set HTTPS_PROXY"),
    (408, RetryableError, InDoubtError, "HTTP 408"),
    (409, RecordError, RecordError, "in use"),
    (410, RecordError, RecordError, "is gone"),
    (412, RecordError, RecordError, "changed in the meantime"),
    (413, RecordError, RecordError, "too large"),
    (418, RecordError, RecordError, "refuses the request"),
    (422, RecordError, RecordError, "refuses the values"),
    (425, RetryableError, RetryableError, "not available now"),
    (428, RecordError, RecordError, "changed in the meantime"),
    (429, QuotaError, QuotaError, "no calls left"),
    (500, RetryableError, InDoubtError, "HTTP 500"),
    (502, RetryableError, InDoubtError, "HTTP 502"),
    (503, RetryableError, InDoubtError, "HTTP 503"),
    (504, RetryableError, InDoubtError, "HTTP 504"),
    (599, RetryableError, InDoubtError, "HTTP 599"),
]


@pytest.mark.parametrize(("status", "read", "write", "words"), TABLE, ids=str)
def test_status_says_what_to_do(status, read, write, words):
    """Each status leads to one kind of error; a write that may have happened is in doubt."""
    of_read = error_of(an_answer(status), READ, PEER, now=NOW)
    of_write = error_of(an_answer(status), WRITE, PEER, now=NOW)

    assert type(of_read) is read
    assert type(of_write) is write
    assert words in f"{of_read} {of_write}"
    assert "visma.erp_url = https://erp.example" in str(of_read)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, NOT_FOUND),
        (409, LOCKED),
        (412, CHANGED_MEANWHILE),
        (428, CHANGED_MEANWHILE),
    ],
)
def test_codes_that_callers_act_on(status, code):
    """Re-reading is the caller's work, so it can tell these refusals by their code."""
    error = error_of(an_answer(status), WRITE, PEER, now=NOW)

    assert isinstance(error, RecordError)
    assert error.code == code
    assert error.fix


def test_message_holds_reason_without_personal_data():
    """What the other side said is shown, without e-mail addresses and without tokens."""
    text = '{"message": "anna.berg@example.se is blocked", "token": "abc.def"}'
    error = error_of(an_answer(400, text), READ, PEER, now=NOW)

    assert "is blocked" in str(error)
    assert "anna.berg" not in str(error)
    assert "abc.def" not in str(error)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Too slow.", "title": "No", "type": "https://x"}, ": Too slow."),
        (
            {"errors": [{"message": "The token is not valid."}]},
            ": The token is not valid.",
        ),
        ({"errors": ["odd"], "code": 7}, ": raw"),
        ({"code": 7}, ": raw"),
    ],
)
def test_the_sentence_of_a_body_is_quoted(body, said):
    """A person reads the sentence in an error body, not the JSON around it."""
    answer = Answer(502, {}, body, "raw")

    assert str(error_of(answer, READ, PEER, now=NOW)).endswith(said)


def test_html_is_not_quoted():
    """A gateway's page says nothing to a person."""
    error = error_of(an_answer(502, "<!doctype html><html>x"), READ, PEER, now=NOW)

    assert "html" not in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("Mon, 02 Mar 2026 12:00:30 GMT", 30),
        (str(int(NOW.timestamp()) + 12), 12),
        (str((int(NOW.timestamp()) + 9) * 1000), 9),
        ("2026-03-02T13:00:20+01:00", 20),
        ("2026-03-02T12:00:05", 5),
        ("2026-03-02T11:59:00Z", 0),
        ("", None),
        ("soon", None),
        ("nan", None),
    ],
)
def test_retry_after_in_every_form(value, seconds):
    """Seconds, HTTP dates, epochs and ISO times all mean the same wait."""
    assert wait_of({"Retry-After": value}, NOW) == seconds


def test_quota_error_tells_the_wait():
    """Whoever retries later needs the seconds that were asked for."""
    error = error_of(an_answer(429, **{"Retry-After": "1800"}), READ, PEER, now=NOW)

    assert isinstance(error, QuotaError)
    assert error.wait_seconds == 1800
    assert "asks to wait 1800 s" in str(error)


def test_request_ids_of_both_systems():
    """Support asks for these ids: headers of Centra, and the VismaId in a message."""
    guid = "0f8fad5b-d9cb-469f-a165-70867728950e"

    assert request_id_of(httpx.Headers({"x-centra-request-id": "c1"}), "") == "c1"
    assert request_id_of(httpx.Headers({"X-Request-ID": "r1"}), "") == "r1"
    assert request_id_of(httpx.Headers({"X-Correlation-ID": "k1"}), "") == "k1"
    assert request_id_of(httpx.Headers(), f"VismaId: {guid}. No") == f"VismaId: {guid}"
    assert request_id_of(httpx.Headers(), "") is None


def test_server_date():
    """The other side's own time comes from its Date header."""
    assert server_date({"Date": "Mon, 02 Mar 2026 12:00:00 GMT"}) == NOW
    assert server_date({}) is None
    assert server_date({"Date": "?"}) is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Bearer abc.def-123 was refused", "Bearer [secret] was refused"),
        ("client_secret=s3cr3t&x=1", "client_secret=[secret]&x=1"),
        ('{"refresh_token": "r-1"}', '{"refresh_token": "[secret]"}'),
        ("eyJhbGciOiJI.eyJzdWIi.sig", "[secret]"),
        ("mail to åsa+x@shop.co.uk\n now", "mail to å[e-mail] now"),
        ("x" * 500, "x" * 400 + "…"),
    ],
)
def test_redaction(text, clean):
    """Nothing that identifies a person or opens a door stays in a message."""
    assert redact(text).replace("å[e-mail]", "[e-mail]") == clean.replace(
        "å[e-mail]", "[e-mail]"
    )
