"""What `check` says of alerts: whether somebody is told, and of which end nobody knows."""

from __future__ import annotations

from connectors.errors import ConfigError
from tasks.channels import channels_of
from tasks.check_rows import CheckRow, row
from tasks.environment import Environment

__all__ = ["alert_rows"]


def alert_rows(env: Environment, connection: str) -> list[CheckRow]:
    """A row for the channels, and one for the end of Centra's token."""
    return [_channel_row(env), _token_row(env, connection)]


def _channel_row(env: Environment) -> CheckRow:
    try:
        channels = channels_of(env.application.alerts)
    except ConfigError as error:
        return row("alerts", str(error), "Send one with 'centra-visma alerts test'.")
    if channels:
        return row("alerts", f"are told to {', '.join(one.name for one in channels)}")
    fix = "Put one or more Apprise addresses into CENTRA_VISMA_ALERTS."
    return CheckRow(
        what="alerts", state="warning", found="nobody is told of them", fix=fix
    )


def _token_row(env: Environment, connection: str) -> CheckRow:
    ends = env.connection(connection).alerts.centra_token_ends_on
    if ends:
        return row("end of Centra's token", f"is known: {ends}")
    fix = (
        "Every token of Centra ends, by default after 30 days, and no API says when: "
        "set alerts.centra_token_ends_on."
    )
    return CheckRow(
        what="end of Centra's token", state="warning", found="is not known", fix=fix
    )
