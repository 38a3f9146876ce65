"""Mode and filters of a connection: who may be used for QuickBooks (S-66 to S-69)."""

import pytest
from ledgerbridge.errors import Refused
from ledgerbridge.sync.eligibility import Condition, SyncRules, missing, require_eligible, unmet

CUSTOMER = Condition(property="lifecyclestage", operator="equals", values=("customer",))
RULES = SyncRules(on=True, direction="both_ways", hubspot_filter=(CUSTOMER,))
ANNA = {"email": "anna@example.com", "lifecyclestage": "Customer", "amount": "1200.50", "city": "Łódź"}


@pytest.mark.parametrize(
    ("rules", "properties", "named"),
    [
        (RULES, ANNA, None),
        (RULES.model_copy(update={"direction": "hubspot_to_quickbooks"}), ANNA, None),
        (RULES.model_copy(update={"on": False}), ANNA, "contact sync is off"),
        (RULES.model_copy(update={"direction": "quickbooks_to_hubspot"}), ANNA, "direction"),
        (RULES, {**ANNA, "lifecyclestage": "lead"}, "lifecyclestage equals customer"),
        (RULES, {**ANNA, "email": " "}, "no e-mail"),
        (RULES.model_copy(update={"matching": "email_then_name"}), {**ANNA, "email": None}, "neither e-mail nor name"),
        (RULES.model_copy(update={"matching": "email_then_name"}), {**ANNA, "email": None, "lastname": "N"}, None),
        (RULES.model_copy(update={"matching": "none"}), {**ANNA, "email": ""}, None),
    ],
)
def test_strict_names_what_is_missing(rules: SyncRules, properties: dict[str, str | None], named: str | None) -> None:
    if named is None:
        require_eligible("strict", rules, properties, "contact 501")
        return
    with pytest.raises(Refused) as refusal:
        require_eligible("strict", rules, properties, "contact 501")
    assert refusal.value.code == "NOT_ELIGIBLE"
    assert named in refusal.value.sentence
    assert "contact 501" in refusal.value.sentence
    # Legacy makes the missing customer for everybody.
    assert missing("legacy", rules, properties) is None


@pytest.mark.parametrize(
    ("name", "operator", "values", "holds"),
    [
        ("lifecyclestage", "equals", ("CUSTOMER",), True),
        ("lifecyclestage", "differs", ("customer",), False),
        ("unknown", "differs", ("customer",), True),
        ("lifecyclestage", "one_of", ("lead", "customer"), True),
        ("lifecyclestage", "one_of", ("lead",), False),
        ("city", "contains", ("ód",), True),
        ("unknown", "contains", ("",), False),
        ("city", "known", (), True),
        ("unknown", "known", (), False),
        ("unknown", "unknown", (), True),
        ("amount", "more_than", ("1200.49",), True),
        ("amount", "more_than", ("1200.50",), False),
        ("amount", "less_than", ("1200.51",), True),
        ("city", "less_than", ("5",), False),
    ],
)
def test_conditions(name: str, operator: str, values: tuple[str, ...], holds: bool) -> None:
    condition = Condition.model_validate({"property": name, "operator": operator, "values": values})
    assert condition.holds(ANNA) is holds
    assert unmet([condition], ANNA) == (None if holds else condition)
