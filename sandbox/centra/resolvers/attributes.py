"""Attributes: custom texts on objects, as they are set up, read and assigned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sandbox.centra.assortment import product_changed, variant_changed
from sandbox.centra.goods import Product, ProductVariant
from sandbox.centra.people import Account, Customer
from sandbox.centra.places import Attribute, AttributeElement, AttributeType
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.sales import Order

__all__ = ["may_assign", "merged", "wanted_attributes"]

Arguments = Mapping[str, Any]
_Holder = Order | Account | Customer | Product | ProductVariant

_KINDS = {
    "Order": "orders",
    "Account": "accounts",
    "Customer": "customers",
    "Product": "catalogue.products",
    "ProductVariant": "catalogue.variants",
}


@dataclass(slots=True, eq=False)
class _Group:
    """All texts of one type on one object."""

    type: AttributeType
    elements: list[Attribute]

    @property
    def object_type(self) -> str:
        return self.type.object_type


@resolves("ObjectWithAttributes", "attributes")
def _attributes(
    source: _Holder, request: Request, _arguments: Arguments
) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for attribute in source.attributes:
        if attribute.name not in groups:
            key = (attribute.object_type, attribute.name)
            type_ = request.instance.attribute_types.get(key) or AttributeType(
                attribute.name, attribute.object_type, ()
            )
            groups[attribute.name] = _Group(type_, [])
        groups[attribute.name].elements.append(attribute)
    return list(groups.values())


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


@resolves("Attribute", "description")
def _group_title(group: _Group, _request: Request, _arguments: Arguments) -> str:
    return _title(group.type.name)


@resolves("AttributeType", "description")
def _type_title(type_: AttributeType, _request: Request, _arguments: Arguments) -> str:
    return _title(type_.name)


@resolves("AttributeElement", "description")
@resolves("AttributeTypeElement", "description")
def _element_title(
    element: Attribute | AttributeElement, _request: Request, _arguments: Arguments
) -> str:
    return _title(element.key)


@resolves("Query", "attributeTypes")
def _types(_: None, request: Request, _arguments: Arguments) -> list[AttributeType]:
    return list(request.instance.attribute_types.values())


@resolves("Mutation", "assignAttributes")
def _assign(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    object_type = given["objectType"]
    may_assign(request, object_type, "assignAttributes")
    found = _find(request, object_type, given["objectId"])
    if found is None:
        message = f"{object_type} {given['objectId']} does not exist"
        return payload.failed(message, "input", "objectId")
    wanted = wanted_attributes(
        request,
        payload,
        object_type,
        given.get("dynamicAttributes") or (),
        given.get("mappedAttributes") or (),
        names=("dynamicAttributes", "mappedAttributes"),
    )
    if payload.user_errors:
        return payload
    found.attributes[:] = merged(found.attributes, wanted)
    _changed(request, found)
    payload.object = found
    return payload


def _find(request: Request, object_type: str, number: int) -> Any:  # noqa: ANN401
    kind = _KINDS.get(object_type)
    rows = attrgetter(kind)(request.instance) if kind else {}
    found = rows.get(number)
    store = getattr(found, "store", None) or getattr(
        getattr(found, "market", None), "store", None
    )
    return found if store is None or request.token.sees_store(store.id) else None


def may_assign(request: Request, object_type: str, field: str) -> None:
    """See to it that the token may write attributes of a type of object.

    Raises:
        GraphQLError: it may not.
    """
    permission = f"{object_type}.attributes:write"
    if not request.token.allows(permission):
        message = f"You need {permission} permission to access {field}."
        raise refuse(message, "authorization")
    request.permissions_used.add(permission)


def merged(present: list[Attribute], wanted: list[Attribute]) -> list[Attribute]:
    """Return the texts of an object once others are assigned: those of an element are replaced."""
    replaced = {(attribute.name, attribute.key) for attribute in wanted}
    return [*(a for a in present if (a.name, a.key) not in replaced), *wanted]


def wanted_attributes(  # two lists, and what each is called
    request: Request,
    payload: Payload,
    object_type: str,
    dynamic: Iterable[Mapping[str, Any]],
    mapped: Iterable[Mapping[str, Any]],
    *,
    names: tuple[str, str],
) -> list[Attribute]:
    """Return the texts to be; of an element that takes one value the last one counts.

    `names` are the fields of the input that hold the two lists, for the paths of errors.
    """
    wanted: list[Attribute] = []
    for place, entry in enumerate(dynamic):
        name, key = entry["attributeTypeName"], entry["attributeElementKey"]
        path = ("input", names[0], str(place))
        type_ = request.instance.attribute_types.get((object_type, name))
        if type_ is None or type_.is_mapped:
            payload.failed(f'Attribute type "{name}" does not exist', *path)
            continue
        element = next((e for e in type_.elements if e.key == key), None)
        if element is None:
            payload.failed(f'Attribute element "{key}" does not exist', *path)
            continue
        if not element.is_multi:
            wanted = [a for a in wanted if (a.name, a.key) != (name, key)]
        value = entry["attributeElementValue"]
        wanted.append(Attribute(name, key, value, object_type))
    for place, entry in enumerate(mapped):
        message = f"Attribute {entry.get('attributeId')} does not exist"
        payload.failed(message, "input", names[1], str(place))
    return wanted


def _changed(request: Request, found: _Holder) -> None:
    instance = request.instance
    if isinstance(found, Order):
        instance.order_changed(found)
    elif isinstance(found, Account):
        instance.account_changed(found)
    elif isinstance(found, Product):
        product_changed(instance, found, request.now)
    elif isinstance(found, ProductVariant):
        variant_changed(instance, found, request.now)
    else:
        instance.customer_changed(found)
