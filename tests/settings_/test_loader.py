"""A connection file is parsed once, and each mistake in it is one sentence."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from settings.connection import Connection
from settings.loader import (
    SettingsError,
    find_connections,
    load_connection,
    parse_connection,
)

FILE = Path("shop.toml")
TEMPLATES = Path(__file__).parents[2] / "console" / "templates"
GOOD = """
prefix = "N-"
start_on = 2026-01-01
currencies = ["SEK", "EUR"]
[centra]
url = "https://shop.centra.example/graphql"
[visma]
tenant_id = "t"
[stores."*"]
[[vat]]
rate = 25
category = "STD"
zone = "SE"
"""


def problems(text: str) -> list[str]:
    """What is wrong in a file with this text."""
    with pytest.raises(SettingsError) as caught:
        parse_connection(FILE, text)
    assert str(caught.value) == f"{FILE}: " + "; ".join(caught.value.problems)
    return caught.value.problems


def test_a_small_file_is_enough() -> None:
    """What is not said has a default, and the name is that of the file."""
    found = parse_connection(FILE, GOOD)

    assert (found.name, found.prefix, found.base_currency) == ("shop", "N-", "SEK")
    assert found.limits.max_writes == 500
    assert found.vat[0].rate == Decimal(25)
    assert found.store("anything") is found.stores["*"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            'currencies = ["SEK", "EUR"]',
            'currencies = ["SEK"]\ncurency = "SEK"',
            "curency: there is no such setting, did you mean 'currencies'?",
            id="unknown-with-a-suggestion",
        ),
        pytest.param(
            "rate = 25",
            "rate = 25\ncatgory = 'X'",
            "vat no. 1.catgory: there is no such setting, did you mean 'category'?",
            id="unknown-in-a-list",
        ),
        pytest.param(
            '[stores."*"]',
            '[stores."*"]\nwarehause = "MAIN"',
            "stores.*.warehause: there is no such setting, did you mean 'warehouse'?",
            id="unknown-in-a-table-of-names",
        ),
        pytest.param(
            'tenant_id = "t"',
            'tenant_id = "t"\nxyzzy = 1',
            "visma.xyzzy: there is no such setting, remove it",
            id="unknown-like-nothing",
        ),
        pytest.param(
            "start_on = 2026-01-01\n",
            "",
            "start_on: this setting is missing, add it",
            id="missing",
        ),
        pytest.param(
            'tenant_id = "t"\n',
            "",
            "visma.tenant_id: this setting is missing, add it",
            id="missing-inside",
        ),
        pytest.param(
            "rate = 25",
            "rate = 'a lot'",
            "vat no. 1.rate: this is no number; write it like 25 or 25.5 (it is 'a lot')",
            id="wrong-type",
        ),
        pytest.param(
            "start_on = 2026-01-01",
            'start_on = "soon"',
            "start_on: this is no date; write it like 2026-01-31, without quotes (it is "
            "'soon')",
            id="no-date",
        ),
        pytest.param(
            'url = "https://shop.centra.example/graphql"',
            'url = "shop.centra.example"',
            "centra.url: this is no address; write it like https://host/path (it is "
            "'shop.centra.example')",
            id="no-address",
        ),
        pytest.param(
            'tenant_id = "t"',
            "tenant_id = 5",
            "visma.tenant_id: this is no text; put it in quotes (it is 5)",
            id="no-text",
        ),
        pytest.param(
            'prefix = "N-"',
            'prefix = "far too long-"',
            "prefix: String should match pattern '^[A-Za-z0-9]{0,6}-?$' (it is 'far "
            "too long-')",
            id="wrong-form",
        ),
        pytest.param(
            'prefix = "N-"',
            'prefix = "N-"\ntime_zone = "Stockholm"',
            "time_zone: 'Stockholm' is no time zone; write it like "
            "'Europe/Stockholm' (it is 'Stockholm')",
            id="no-time-zone",
        ),
        pytest.param(
            'prefix = "N-"',
            'name = "other"\nprefix = "N-"',
            "name is 'other', it must be 'shop' as the file",
            id="another-name",
        ),
    ],
)
def test_a_mistake_is_one_sentence(old: str, new: str, sentence: str) -> None:
    """The key is named as it is written in the file, with what it could be."""
    assert old in GOOD

    assert sentence in problems(GOOD.replace(old, new))


def test_every_mistake_is_told_at_once() -> None:
    """Nobody has to run it five times to find five mistakes."""
    text = GOOD.replace("start_on = 2026-01-01\n", "").replace("rate = 25", "rate = -1")

    assert len(problems(text)) == 2


def test_a_currency_that_is_not_listed_is_told() -> None:
    """The company's own currency is one of those that are carried over."""
    [problem] = problems(GOOD.replace('["SEK", "EUR"]', '["EUR"]'))

    assert "base_currency SEK is missing in currencies" in problem


def test_no_toml_is_told_with_its_line() -> None:
    """A file that is no TOML is told with the place."""
    [problem] = problems("prefix = [")

    assert problem.startswith("the file is no valid TOML: ")
    assert "line 1" in problem or "end of document" in problem


def test_a_file_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    """A typing mistake in the name is easy to see."""
    (tmp_path / "shop.toml").write_text(GOOD, encoding="utf-8")

    assert find_connections(tmp_path) == ["shop"]
    assert load_connection(tmp_path, "shop").name == "shop"
    with pytest.raises(SettingsError) as caught:
        load_connection(tmp_path, "shap")
    assert caught.value.problems == [
        "there is no such connection file (found here: shop)"
    ]


def test_two_names_that_differ_by_a_dash_are_refused(tmp_path: Path) -> None:
    """Both would read the same variables of the environment as their secrets."""
    for name in ("shop", "shop-se", "shop_se"):
        (tmp_path / f"{name}.toml").write_text(GOOD, encoding="utf-8")

    assert load_connection(tmp_path, "shop").name == "shop"
    for name, other in (("shop-se", "shop_se"), ("shop_se", "shop-se")):
        with pytest.raises(SettingsError) as caught:
            load_connection(tmp_path, name)
        assert caught.value.problems == [
            (
                f"its name and '{other}' differ by - and _ alone, so that both would have "
                "the same secrets and pages; rename one of them"
            )
        ]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """A file in another encoding is named."""
    (tmp_path / "shop.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match="the file cannot be read"):
        load_connection(tmp_path, "shop")


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.toml")), ids=lambda f: f.stem)
def test_every_template_is_a_connection(file: Path) -> None:
    """What a person copies to begin with is right."""
    text = file.read_text(encoding="utf-8")
    text = text.replace("@SANDBOX@", "http://127.0.0.1:1")

    assert parse_connection(file, text).name == file.stem


def test_the_hash_tells_settings_apart() -> None:
    """The same settings have the same hash, and any other have another."""
    one, same = parse_connection(FILE, GOOD), parse_connection(FILE, f"# x\n{GOOD}")
    other = parse_connection(FILE, GOOD.replace("rate = 25", "rate = 12"))

    assert one.version == same.version
    assert one.version != other.version


def test_the_settings_have_a_schema() -> None:
    """Editors check the file by its JSON schema; every setting is in it."""
    schema = Connection.model_json_schema()

    assert set(schema["properties"]) == set(Connection.model_fields)
    assert schema["additionalProperties"] is False
    assert {"name", "prefix", "start_on", "currencies"} <= set(schema["required"])
