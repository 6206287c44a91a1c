"""Runs one GraphQL operation of Centra, and keeps what its `extensions` tell."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.answers import Answer, Call, server_date, unclear
from connectors.budget import Budget
from connectors.centra.documents import load_query
from connectors.centra.problems import (
    Complaint,
    complaints_of,
    error_of_errors,
    error_of_user_errors,
)
from connectors.errors import AbortError, ConnectorError, RetryableError
from connectors.transport import ApiClient

__all__ = ["Graph", "Result"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """The data of an operation; `complaints` of a mutation that succeeded partly."""

    data: Mapping[str, Any]
    complaints: tuple[Complaint, ...]
    server_date: datetime | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The sentences of the complaints."""
        return tuple(one.message for one in self.complaints)


class Graph:
    """Operations by the name of their document, with Centra's errors told apart."""

    def __init__(self, api: ApiClient, *, verified_fields: bool) -> None:
        """Ask for fields without public evidence only when they were verified."""
        self._api = api
        self.verified_fields = verified_fields
        self.last_extensions: Mapping[str, Any] = {}
        self.permissions_used: set[str] = set()
        self._told: set[str] = set()

    async def run(
        self,
        name: str,
        variables: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
        write: bool = False,
    ) -> Result:
        """Run an operation.

        Raises:
            ConfigError: The token, a permission or the schema does not fit.
            RecordError: Centra refuses what a mutation carries.
            RetryableError: Centra cannot answer now.
            InDoubtError: An unrepeatable mutation was sent and its end is not known.
        """
        query = load_query(name, verified_fields=self.verified_fields)
        answer = await self._api.request(
            "POST",
            "",
            json={
                "query": query.text,
                "operationName": query.operation,
                "variables": variables or {},
            },
            repeatable=repeatable,
            write=write,
            operation=query.operation,
        )
        call = Call(query.operation, repeatable, write)
        body = answer.body
        if not isinstance(body, Mapping):
            raise self._odd(answer, call)
        self._keep(body.get("extensions"), query.operation)
        if body.get("errors"):
            raise error_of_errors(
                body["errors"], call, self._api.peer, answer.request_id
            )
        data = body.get("data")
        if not isinstance(data, Mapping):
            raise self._odd(answer, call)
        complaints: tuple[Complaint, ...] = ()
        if query.is_mutation:
            complaints = self._checked(data, call, answer.request_id)
        return Result(data, complaints, server_date(answer.headers))

    def rows(self, result: Result, field: str) -> list[Mapping[str, Any]]:
        """Return a list of the result.

        Raises:
            AbortError: The field is no list of objects.
        """
        value = result.data.get(field)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
            return value
        message = f"{self._api.peer} answered with a '{field}' that is no list"
        raise AbortError(message)

    def _checked(
        self, data: Mapping[str, Any], call: Call, request_id: str | None
    ) -> tuple[Complaint, ...]:
        complaints: list[Complaint] = []
        for payload in data.values():
            if not isinstance(payload, Mapping):
                continue
            if payload.get("userErrors"):
                raise error_of_user_errors(
                    payload["userErrors"], call, self._api.peer, request_id
                )
            complaints += complaints_of(payload.get("userWarnings"))
        return tuple(complaints)

    def _odd(self, answer: Answer, call: Call) -> ConnectorError:
        happened = "answered without GraphQL data"
        if not call.repeatable:
            return unclear(call, self._api.peer, happened, answer.request_id)
        message = f"{self._api.peer} {happened} to {call.operation}"
        return RetryableError(message, request_id=answer.request_id)

    def _keep(self, extensions: Any, operation: str) -> None:  # noqa: ANN401 - any wire value
        if not isinstance(extensions, Mapping):
            return
        self.last_extensions = extensions
        used = extensions.get("permissionsUsed")
        if isinstance(used, list):
            self.permissions_used.update(str(one) for one in used)
        complexity = extensions.get("complexity")
        budget = self._api.budget
        if isinstance(complexity, int) and isinstance(budget, Budget):
            budget.spent(operation, complexity)
        for name in ("deprecatedFieldsUsed", "deprecatedPermissionsUsed"):
            for one in extensions.get(name) or ():
                if str(one) not in self._told:
                    self._told.add(str(one))
                    logger.warning(
                        "Centra will remove %s (%s): %s", one, name, operation
                    )
