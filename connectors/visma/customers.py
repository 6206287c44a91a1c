"""Customers of Visma.net ERP: read in pages, found by key, created, changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import simplejson

from connectors.answers import Call
from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.models import Customer, CustomerBalance, CustomerWrite
from connectors.visma.paging import created_id, numbered_page, path_id
from connectors.visma.wrapping import customer_body

__all__ = ["Customers"]

_PATH = "/v1/customer"
_CREATE = Call("POST customer", repeatable=False, write=True)


class Customers:
    """GET, POST and PUT of /v1/customer."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Work through the ERP service."""
        self._erp = erp
        self._size = page_size

    async def iter_pages(
        self, modified_since: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[tuple[Customer, ...]]:
        """Read customers; `modified_since` has no offset, the ERP refuses one."""
        params: dict[str, str | int] = {}
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                # Without its condition the time alone means everything.
                "lastModifiedDateTimeCondition": ">=",
            }
        async for rows in self._rows(params, page_size or self._size):
            yield tuple(Customer.model_validate(row) for row in rows)

    async def find(
        self,
        *,
        attribute: tuple[str, str] | None = None,
        email: str | None = None,
        corporate_id: str | None = None,
        vat_id: str | None = None,
    ) -> list[Customer]:
        """Return the customers that have exactly all the given keys.

        An unknown filter is ignored by the ERP, so each row is checked again.
        """
        params: dict[str, str | int] = {}
        if attribute is not None:
            params["attributes"] = simplejson.dumps(
                {attribute[0]: attribute[1]}, separators=(",", ":")
            )
        if email is not None:
            params["email"] = email
        if corporate_id is not None:
            params["corporateId"] = corporate_id
        if vat_id is not None:
            params["vatRegistrationId"] = vat_id
        found: dict[str, Customer] = {}
        async for rows in self._rows(params, self._size):
            for row in rows:
                customer = Customer.model_validate(row)
                if _fits(customer, attribute, email, corporate_id, vat_id):
                    found[customer.number] = customer
        return list(found.values())

    async def get(self, number: str) -> Customer:
        """Return one customer.

        Raises:
            RecordError: There is no customer with that number.
        """
        answer = await self._erp.request(
            "GET",
            f"{_PATH}/{path_id(number)}",
            repeatable=True,
            operation="GET customer/{number}",
        )
        return Customer.model_validate(answer.body)

    async def get_balance(self, number: str) -> CustomerBalance:
        """Return what one customer owes.

        Raises:
            RecordError: There is no customer with that number.
        """
        answer = await self._erp.request(
            "GET",
            f"{_PATH}/{path_id(number)}/balance",
            repeatable=True,
            operation="GET customer/{number}/balance",
        )
        return CustomerBalance.model_validate(answer.body)

    async def create(self, customer: CustomerWrite) -> str:
        """Create a customer and return its number.

        Raises:
            RecordError: Visma.net refuses what was sent.
            InDoubtError: It was sent and its end is not known.
        """
        answer = await self._erp.request(
            "POST",
            _PATH,
            json=customer_body(customer),
            repeatable=_CREATE.repeatable,
            operation=_CREATE.operation,
        )
        return created_id(answer, _CREATE, self._erp.peer)

    async def update(self, number: str, customer: CustomerWrite) -> None:
        """Change the fields that are given, and no others.

        Raises:
            RecordError: Visma.net refuses what was sent.
        """
        # The same values twice are the same customer, so it may be repeated.
        await self._erp.request(
            "PUT",
            f"{_PATH}/{path_id(number)}",
            json=customer_body(customer),
            repeatable=True,
            write=True,
            operation="PUT customer/{number}",
        )

    async def _rows(
        self, params: Mapping[str, str | int], size: int
    ) -> AsyncIterator[list[Mapping[str, Any]]]:
        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                _PATH,
                params={**params, "pageNumber": number, "pageSize": size},
                repeatable=True,
                operation="GET customer",
            )
            return numbered_page(answer, size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: str(row["number"]),
            what="Visma.net's customer list",
        )
        async for page in pages:
            yield list(page.rows)


def _fits(
    customer: Customer,
    attribute: tuple[str, str] | None,
    email: str | None,
    corporate_id: str | None,
    vat_id: str | None,
) -> bool:
    contact = customer.main_contact
    return all(
        (
            attribute is None or customer.attributes.get(attribute[0]) == attribute[1],
            email is None or _same(contact.email if contact else None, email),
            corporate_id is None or _same(customer.corporate_id, corporate_id),
            vat_id is None or _same(customer.vat_registration_id, vat_id),
        )
    )


def _same(one: str | None, other: str) -> bool:
    return (one or "").strip().casefold() == other.strip().casefold()
