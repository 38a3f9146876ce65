"""`/crm/property-validations`: the rules for values (paths and shapes of the SDK; hubspot.md 1)."""

from http import HTTPStatus

from ledgerbridge_sandbox.hubspot.errors import not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.object_types import object_type
from ledgerbridge_sandbox.hubspot.scopes import need_schema


def serve(exchange: Exchange) -> Answer:
    """Everything below `/crm/property-validations/{version}`."""
    if not exchange.steps:
        raise not_found()
    kind = object_type(exchange.steps[0])
    need_schema(exchange, kind, "read" if exchange.method == "GET" else "write")
    rules = exchange.account.validation_rules
    match exchange.method, exchange.steps[1:]:
        case "GET", []:
            return Answer(HTTPStatus.OK, {"results": rules.all_of(kind.type_id)})
        case "GET", [name]:
            exchange.account.properties[kind.type_id].get(name)
            return Answer(HTTPStatus.OK, {"results": rules.of(kind.type_id, name)})
        case "GET", [name, "rule-type", rule_type]:
            for rule in rules.of(kind.type_id, name):
                if rule["ruleType"] == rule_type:
                    return Answer(HTTPStatus.OK, rule)
            raise not_found(f"Property {name} has no rule {rule_type}")
        case "PUT", [name, "rule-type", rule_type]:
            exchange.account.properties[kind.type_id].get(name)
            body = exchange.json()
            normalizes = body.get("shouldApplyNormalization") is True
            rules.put(kind.type_id, name, rule_type, body.get("ruleArguments"), normalizes=normalizes)
            return Answer(HTTPStatus.NO_CONTENT)
    raise method_not_allowed()
