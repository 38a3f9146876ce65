"""Faults on demand: rules by which the vendors' doors slow, refuse or cut calls, or a script of what calls meet."""

import random
import re
from collections.abc import Mapping

import msgspec

from ledgerbridge_sandbox.fault_effects import UNDISTURBED, Effect, Ready, completed

OK = "ok"
"""What a step of a script says where the call is undisturbed."""


class FaultRule(Effect, kw_only=True):
    """
    What should go wrong, and for which calls: those that fit vendor, account, method and path (a regular expression).

    Of them the first `after` are spared, then each `every`-th is struck, with `probability`, until `times` were. With
    `script` the calls that fit meet its steps one after the other: "ok", the name of an answer at hand, or an effect.
    """

    vendor: str
    account: str | None = None
    method: str | None = None
    path: str | None = None
    after: int = 0
    every: int = 1
    times: int | None = None
    probability: float = 1.0
    script: list[str | Effect] = msgspec.field(default_factory=list)
    id: str = ""
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        """Refuse a rule that cannot be meant (ValueError)."""
        super().__post_init__()
        if self.path is not None:
            try:
                re.compile(self.path)
            except re.error as error:
                raise ValueError(f"path is not a regular expression: {error}") from error
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError("probability lies between 0 and 1")
        if self.after < 0 or self.every < 1:
            raise ValueError("after is at least 0, every at least 1")

    def fits(self, vendor: str, account: str, method: str, path: str) -> bool:
        """Whether this call is meant."""
        return (
            self.vendor == vendor
            and (self.account is None or self.account == account)
            and (self.method is None or self.method.upper() == method)
            and (self.path is None or re.search(self.path, path) is not None)
        )

    def used_up(self) -> bool:
        """Whether it strikes no more."""
        if self.script:
            return self.seen >= len(self.script)
        return self.times is not None and self.hits >= self.times

    def met(self, chance: random.Random) -> Effect | None:
        """What a call that fits meets, counted; None where the rule spares it and another may strike."""
        self.seen += 1
        if self.script:
            step = self.script[self.seen - 1]
            if step == OK:
                return UNDISTURBED
            self.hits += 1
            return step if isinstance(step, Effect) else UNDISTURBED
        if self.seen <= self.after or (self.seen - self.after) % self.every:
            return None
        if self.probability < 1.0 and chance.random() >= self.probability:
            return None
        self.hits += 1
        return self


class FaultRules:
    """The rules in force, asked in the order in which they were set; the first that strikes decides."""

    def __init__(self, chance: random.Random, ready: Mapping[str, Ready]) -> None:
        self._chance = chance
        self._ready = ready
        self._rules: dict[str, FaultRule] = {}
        self._set = 0

    def add(self, rule: FaultRule) -> str:
        """Put a rule in force and answer its id; raises ValueError for an answer that the vendor has not at hand."""
        ready = self._ready.get(rule.vendor, {})
        rule = completed(rule, ready)
        steps = (Effect(ready=step) if isinstance(step, str) and step != OK else step for step in rule.script)
        rule.script = [step if isinstance(step, str) else completed(step, ready) for step in steps]
        self._set += 1
        rule.id = str(self._set)
        rule.hits = rule.seen = 0
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

    def strike(self, vendor: str, account: str, method: str, path: str) -> Effect | None:
        """What this call meets; None for an undisturbed call."""
        for rule in list(self._rules.values()):
            if rule.fits(vendor, account, method, path) and (effect := rule.met(self._chance)) is not None:
                if rule.used_up():
                    del self._rules[rule.id]
                return None if effect is UNDISTURBED else effect
        return None
