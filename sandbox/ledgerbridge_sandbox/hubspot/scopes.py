"""Which scopes a call needs (hubspot.md 2)."""

from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid
from ledgerbridge_sandbox.hubspot.exchange import Exchange
from ledgerbridge_sandbox.hubspot.object_types import LINE_ITEM, PRODUCT, QUOTE, ObjectType

_COMMERCE = frozenset({PRODUCT, LINE_ITEM, QUOTE})


def need(exchange: Exchange, kind: ObjectType, verb: str) -> None:
    """Refuse a token without the scope of the records; `e-commerce` is the older one for the things of commerce."""
    older = ("e-commerce",) if kind.type_id in _COMMERCE else ()
    exchange.need(f"crm.objects.{kind.scope}.{verb}", *older)


def need_schema(exchange: Exchange, kind: ObjectType, verb: str) -> None:
    """Refuse a token without the scope of the properties: reading is also granted with the records' scope."""
    scope = f"crm.schemas.{kind.scope}.{verb}"
    if verb == "read":
        exchange.need(scope, f"crm.objects.{kind.scope}.read", "e-commerce" if kind.type_id in _COMMERCE else scope)
    else:
        exchange.need(scope)


def refuse_not_unique(exchange: Exchange, kind: ObjectType, name: str) -> None:
    """400 for an idProperty without unique values (hubspot.md 4)."""
    if name not in exchange.account.properties[kind.type_id].unique_names:
        raise not_unique(exchange, kind, name)


def not_unique(exchange: Exchange, kind: ObjectType, name: str) -> RefusalError:
    """The refusal itself."""
    portal = exchange.account.portal
    return invalid(
        f"Unable to perform update/upsert by non-unique {kind.type_id} property {name} in portal ID {portal}"
    )
