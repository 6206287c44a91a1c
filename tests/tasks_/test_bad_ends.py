"""Whatever is wrong ends in one clear sentence, and nothing is half-written or lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError, ConnectorError, RetryableError
from sandbox.centra.permissions import EVERYTHING
from sandbox.centra.tokens import Token
from settings.application import Application, Secrets
from tasks.environment import Environment
from tests.tasks_.stand import CREATED, NOW, Stand

ERP = "Visma.net (visma.erp_url = http://127.0.0.1/erp)"
SALESORDER = (
    "Visma.net sales orders (visma.salesorder_url = http://127.0.0.1/salesorder)"
)
CENTRA = "Centra (centra.url = http://127.0.0.1/centra/nordhem/graphql)"
CONNECT = "Visma Connect (visma.connect_url = http://127.0.0.1/visma-connect)"
TOKEN_REFUSED = (
    f"{CENTRA} refuses the Centra token: it expired, was revoked, or is of another "
    "environment: make a new one in AMS, System > API Tokens (HTTP 401, {}): The "
    "token is not valid."
)
NOT_THIS_COMPANY = (
    "refuses the application: its token is fresh, so visma.tenant_id is most likely "
    "not the COMPANY tenant id, or the company has not approved the application"
)
NO_SCOPE = (
    "does not allow this to the application: add the API and its scopes in the "
    "developer portal, and let the company approve them"
)


async def ends_with(stand: Stand, error: type[ConnectorError], sentence: str) -> None:
    """Run, see the sentence; nothing was made; and when all is well it goes on."""
    order = stand.place()

    with pytest.raises(error) as caught:
        await stand.run()

    assert caught.value.message == sentence
    assert len(stand.company.orders) == 0

    stand.world.faults.clear()
    stand.change()
    stand.wait(minutes=61)
    assert (await stand.run()).sentence == "1 new"
    assert stand.state(order) == "settled"


@pytest.mark.parametrize(
    ("fault", "operation", "sentence"),
    [
        pytest.param(
            "wrong_tenant",
            "visma.GET /v1/branch",
            f"{ERP} has no licence for this company (12027 No license for this "
            "company): write the COMPANY tenant id into visma.tenant_id, not that of "
            "the customer",
            id="wrong-tenant",
        ),
        pytest.param(
            "wrong_tenant",
            CREATED,
            f"{SALESORDER} {NOT_THIS_COMPANY} (HTTP 401, POST SalesOrders)",
            id="wrong-tenant-while-sending",
        ),
        pytest.param(
            "empty_list",
            "visma.GET /v1/branch",
            f"{ERP} lets us in but shows no branch: visma.tenant_id must be the "
            "COMPANY tenant id, and visma.company_id the number of that company",
            id="another-company-answers-200-and-nothing",
        ),
        pytest.param(
            "missing_permission",
            "visma.GET /v1/customer",
            f"{ERP} {NO_SCOPE} (HTTP 403, GET customer): Insufficient scope for this "
            "operation.",
            id="missing-scope",
        ),
        pytest.param(
            "missing_permission",
            CREATED,
            f"{SALESORDER} {NO_SCOPE} (HTTP 403, POST SalesOrders)",
            id="missing-scope-while-sending",
        ),
        pytest.param(
            "expired_token",
            "visma.GET /v1/customer",
            f"{ERP} {NOT_THIS_COMPANY} (HTTP 401, GET customer)",
            id="token-refused-again-and-again",
        ),
        pytest.param(
            "expired_token",
            "centra.query.Orders",
            TOKEN_REFUSED.format("Orders"),
            id="centra-token-expired",
        ),
    ],
)
async def test_a_refusal_names_what_to_do(
    stand: Stand, fault: str, operation: str, sentence: str
) -> None:
    """A wrong company, a missing permission, an expired token: stop, and say which."""
    stand.fault(fault, operation, times=9)
    await ends_with(stand, ConfigError, sentence)


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        pytest.param(
            "visma.GET /v1/customer",
            f"{ERP} answered GET customer with text/html; charset=utf-8 in place of "
            "JSON; if it stays so, check that visma.erp_url is the address of the API "
            "itself",
            id="visma",
        ),
        pytest.param(
            "centra.query.Orders",
            f"{CENTRA} answered Orders with text/html; charset=utf-8 in place of JSON; "
            "if it stays so, check that centra.url is the address of the API itself",
            id="centra",
        ),
    ],
)
async def test_an_answer_that_is_no_json_is_told(
    stand: Stand, operation: str, sentence: str
) -> None:
    """A page in place of JSON is asked for again, and then told with the setting."""
    stand.fault("not_json", operation, times=99)
    await ends_with(stand, RetryableError, sentence)


async def test_a_page_in_place_of_an_answer_to_a_create_is_doubt(stand: Stand) -> None:
    """Nobody knows what a page means after a create, so it is looked for."""
    order = stand.place()
    stand.fault("not_json", CREATED)

    assert (await stand.run()).sentence == "1 in doubt"
    for minutes in (2, 8):
        stand.wait(minutes=minutes)
        await stand.run()
    assert len(stand.sales_orders(order)) == 1


async def test_an_expired_token_is_renewed_once(stand: Stand) -> None:
    """A token that is refused in the middle of a run is replaced, and nobody notices."""
    stand.place()
    stand.fault("expired_token", CREATED)

    assert (await stand.run()).sentence == "1 new"
    assert stand.calls["connect.POST /connect/token"] == 3


@pytest.mark.parametrize("missing", ["Order:read", "PaymentHistory:read", "Event:read"])
async def test_a_missing_permission_of_centra_is_named(
    stand: Stand, missing: str
) -> None:
    """The permission that the token lacks is named as Centra calls it."""
    stand.place()
    stand.shop.add_token(
        Token("centra-nordhem-token", "centra-visma", EVERYTHING - {missing})
    )

    with pytest.raises(ConfigError) as caught:
        await stand.run()

    assert caught.value.message == (
        f"the Centra token for {CENTRA} lacks the permission {missing}: add it in AMS, "
        "System > API Tokens"
    )
    assert CREATED not in stand.calls


async def test_a_centra_token_that_ran_out_is_told(stand: Stand) -> None:
    """A token has an end date; the day after, the sentence says what to make."""
    stand.place()
    stand.shop.add_token(
        Token("centra-nordhem-token", "centra-visma", expires_at=NOW - timedelta(1))
    )

    with pytest.raises(ConfigError) as caught:
        await stand.run()

    assert caught.value.message == TOKEN_REFUSED.format("EventListeners")
    assert CREATED not in stand.calls


async def test_the_tenant_of_the_customer_is_told_from_the_company(
    stand: Stand,
) -> None:
    """A customer's tenant id gets a token, and then no licence: both names are told."""
    stand.change(**{"visma.tenant_id": stand.company.customer_tenant_id})
    await ends_with(
        stand,
        ConfigError,
        f"{ERP} has no licence for this company (12027 No license for this company): "
        "write the COMPANY tenant id into visma.tenant_id, not that of the customer",
    )


async def test_a_wrong_client_secret_is_told(stand: Stand) -> None:
    """What Visma Connect refuses is said in its words and in ours."""
    stand.place()
    good = stand.environment.secrets["nordhem"]
    stand.environment.secrets["nordhem"] = good.model_copy(
        update={"visma_client_secret": SecretStr("wrong")}
    )

    with pytest.raises(ConfigError) as caught:
        await stand.run()

    assert caught.value.message == (
        f"{CONNECT} refuses POST connect/token (invalid_client: The client is not "
        "known or its secret is wrong.): check the client id and the client secret of "
        "the application"
    )


async def test_a_secret_that_nobody_gave_is_named(stand: Stand) -> None:
    """Before anything is asked of anybody the missing secret is named, and where."""
    stand.environment.secrets["nordhem"] = Secrets(
        visma_client_id="isv_sandbox", visma_client_secret=SecretStr("sandbox-secret")
    )

    with pytest.raises(ConfigError) as caught:
        await stand.run()

    assert caught.value.message == (
        "connection 'nordhem' has no centra token: set the environment variable "
        "CENTRA_VISMA_NORDHEM_CENTRA_TOKEN, or run 'centra-visma secret nordhem "
        "centra_token'"
    )
    assert stand.calls == {}


def test_a_broken_settings_file_is_told(stand: Stand, tmp_path: Path) -> None:
    """A wrong setting is named with the file before anything is opened."""
    file = tmp_path / "shop.toml"
    file.write_text('prefix = "N-"\ncurrency = ["SEK"]\n', encoding="utf-8")
    environment = Environment(
        Application(connections=tmp_path), stand.environment.ledger
    )

    with pytest.raises(ConfigError) as caught:
        environment.connection("shop")

    assert caught.value.message.startswith(f"{file}: start_on: this setting is missing")
    assert "currency: there is no such setting, did you mean 'currencies'?" in (
        caught.value.message
    )


async def test_a_direction_that_nobody_knows_is_told(stand: Stand) -> None:
    """An unknown direction names those there are."""
    with pytest.raises(ConnectorError, match="there is no direction 'refund'"):
        await stand.run("refund")


@pytest.mark.parametrize("key", ["10a", "dtc-1"])
async def test_an_id_that_is_no_order_number_is_told(stand: Stand, key: str) -> None:
    """Orders are pulled by number."""
    with pytest.raises(ConfigError) as caught:
        await stand.run(ids=[key])

    assert caught.value.message == (
        f"'{key}' is no order number; orders are pulled by number"
    )


async def test_an_id_that_is_no_customer_is_told(stand: Stand) -> None:
    """Customers are pulled by key."""
    with pytest.raises(ConfigError) as caught:
        await stand.run("customers", ids=["10001"])

    assert caught.value.message == (
        "'10001' is no customer; write dtc-<id> or acc-<account id>"
    )


async def test_what_was_planned_when_the_way_was_closed_is_sent_later(
    stand: Stand,
) -> None:
    """A run that is stopped in the middle leaves what it had not sent planned."""
    orders = [stand.place() for _ in range(30)]
    stand.fault("missing_permission", CREATED, skip=10, times=99)

    with pytest.raises(ConfigError):
        await stand.run()

    made = len(stand.company.orders)
    assert 10 <= made < 30
    stand.world.faults.clear()
    summary = await stand.run()
    assert summary.counts.created == 30 - made
    assert all(len(stand.sales_orders(order)) == 1 for order in orders)
