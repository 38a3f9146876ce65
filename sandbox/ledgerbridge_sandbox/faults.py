"""Faults on demand: rules that slow, refuse or cut calls on the vendors' doors."""

import random
import re

import msgspec


class FaultRule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """
    What should go wrong, and for which calls.

    Without `status` and `lose_answer` the call only takes `latency_milliseconds` longer. With `status` it is answered
    so and no work is done. With `lose_answer` the work is done, then the connection is cut without an answer, or, when
    `status` is given too, the answer is replaced (a gateway's 504 after the work was done).
    """

    vendor: str
    account: str | None = None
    method: str | None = None
    path: str | None = None
    times: int | None = None
    probability: float = 1.0
    latency_milliseconds: float = 0.0
    status: int | None = None
    body: object = None
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    lose_answer: bool = False
    id: str = ""
    hits: int = 0

    def body_bytes(self) -> bytes:
        """The body to answer: text as it stands, anything else as JSON."""
        if self.body is None:
            return b""
        return self.body.encode() if isinstance(self.body, str) else msgspec.json.encode(self.body)

    def __post_init__(self) -> None:
        """Refuse a rule whose path is not a regular expression or whose probability is none (ValueError)."""
        if self.path is not None:
            try:
                re.compile(self.path)
            except re.error as error:
                raise ValueError(f"path is not a regular expression: {error}") from error
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError("probability lies between 0 and 1")


class FaultRules:
    """The rules in force, asked in the order in which they were set; the first that fits decides."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._rules: dict[str, FaultRule] = {}
        self._set = 0

    def add(self, rule: FaultRule) -> str:
        """Put a rule in force and answer its id."""
        self._set += 1
        rule.id = str(self._set)
        rule.hits = 0
        self._rules[rule.id] = rule
        return rule.id

    def remove(self, rule_id: str) -> bool:
        """Take a rule away; False if it is not in force (used up, or never was)."""
        return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Take all rules away."""
        self._rules.clear()

    def listed(self) -> list[FaultRule]:
        """The rules in force."""
        return list(self._rules.values())

    def strike(self, vendor: str, account: str, method: str, path: str) -> FaultRule | None:
        """The rule that this call meets, counted and used up by one; None for an undisturbed call."""
        for rule in self._rules.values():
            if not _fits(rule, vendor, account, method, path):
                continue
            if rule.probability < 1.0 and self._chance.random() >= rule.probability:
                continue
            rule.hits += 1
            if rule.times is not None and rule.hits >= rule.times:
                del self._rules[rule.id]
            return rule
        return None


def _fits(rule: FaultRule, vendor: str, account: str, method: str, path: str) -> bool:
    return (
        rule.vendor == vendor
        and (rule.account is None or rule.account == account)
        and (rule.method is None or rule.method.upper() == method)
        and (rule.path is None or re.search(rule.path, path) is not None)
    )
