"""Fifty thousand malformed requests: never a 500, always the vendor's own refusal, and nothing changed by it.

`LEDGERBRIDGE_FUZZ_SEED` chooses other requests, `LEDGERBRIDGE_FUZZ_ROUNDS` multiplies their number. What fails is
shown as the request that was sent, with as little wrong with it as still fails.
"""

import itertools
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest
from doors import Doors
from fuzz.call import Call
from fuzz.mutations import BYTES_A_CALL, spoiled
from fuzz.odd import DRAWN
from fuzz.refusals import problem_of
from fuzz.valid_calls import control_calls, hubspot_calls, quickbooks_calls
from fuzz.wire import Answer, UnansweredError, Wire
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from ledgerbridge_sandbox.doors import started

JUDGE = "fuzzer"
SEED = int(os.environ.get("LEDGERBRIDGE_FUZZ_SEED", "1"))
ROUNDS = float(os.environ.get("LEDGERBRIDGE_FUZZ_ROUNDS", "1"))
ON_THE_WAY = 8
SIZES = (1, *[60] * 19)
"""How many requests one example sends. Shrinking ends at one."""
FINDING = (Phase.generate, Phase.shrink)
EXAMPLES = 20
VENDORS = 48_000
CONTROL = 2_000


class Fuzzer:
    """A sandbox, and what it was asked so far."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.wires = {door: Wire(getattr(doors, door)) for door in ("hubspot", "quickbooks", "control")}
        self.counts: Counter[str] = Counter()

    def fresh(self) -> None:
        """As just opened, without limits."""
        self.doors.reset()
        for vendor in ("hubspot", "quickbooks"):
            self.doors.ask("PUT", f"/limits/{vendor}", {"on": False})

    def send(self, calls: Iterable[Call]) -> list[Call]:
        """Send and judge them all; answers those that were refused. The first problem is told when all are sent."""
        refused: list[Call] = []
        problems: list[str] = []
        waiting: deque[Wire] = deque()
        for call in calls:  # To the end, whatever happens: hypothesis wants to be asked for the same again.
            if problems:
                continue
            wire = self.wires[call.door]
            if not call.is_http:
                self._judge(lambda wire=wire, call=call: (call, wire.alone(call)), refused, problems)
                continue
            wire.put(call)
            waiting.append(wire)
            if len(waiting) == ON_THE_WAY:
                self._judge(waiting.popleft().take, refused, problems)
        while waiting and not problems:
            self._judge(waiting.popleft().take, refused, problems)
        if problems:
            for wire in self.wires.values():
                wire.close()
            raise AssertionError(problems[0])
        return refused

    def _judge(self, take: Callable[[], tuple[Call, Answer | None]], refused: list[Call], problems: list[str]) -> None:
        try:
            call, answer = take()
        except UnansweredError as error:
            problems.append(str(error))
            return
        self.counts["requests"] += 1
        accepted = answer is not None and answer.status < 400
        self.counts["accepted" if accepted else "refused"] += 1
        if not accepted:
            refused.append(call)
        problem = problem_of(call, answer) if answer else None
        if problem:
            problems.append(f"{problem}\n{call.shown()}")

    def check_unchanged_by(self, refused: Sequence[Call]) -> None:
        """What is refused again and again changes nothing."""
        before = self.doors.ask("GET", "/fingerprint").json()
        again = self.send(refused)
        if len(again) == len(refused) and self.doors.ask("GET", "/fingerprint").json() != before:
            raise AssertionError(f"Changed by what was refused, one of\n{self._culprit(refused, before)}")

    def _culprit(self, refused: Sequence[Call], before: object) -> str:
        for call in refused:
            self.send([call])
            after = self.doors.ask("GET", "/fingerprint").json()
            if after != before:
                return call.shown()
            before = after
        return "\n".join(call.shown() for call in refused)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fuzzer]:
    with started("--start", "2026-11-23T10:00:00+00:00", "--seed", str(SEED)) as doors:
        found = Fuzzer(doors)
        yield found
        for wire in found.wires.values():
            wire.close()


def fuzz(fuzzer: Fuzzer, calls: Sequence[Call], chance: int, phases: Sequence[Phase] = FINDING) -> None:
    """Send what hypothesis spoiled, and what was refused of it once more."""

    @seed(chance)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.data())
    def rounds(data: st.DataObject) -> None:
        fuzzer.fresh()
        size = data.draw(st.sampled_from(SIZES))
        invented = data.draw(st.lists(DRAWN, max_size=5))
        choice = data.draw(st.binary(min_size=size * BYTES_A_CALL, max_size=size * BYTES_A_CALL))
        refused = fuzzer.send(
            [spoiled(calls, choice[at : at + BYTES_A_CALL], invented) for at in range(0, len(choice), BYTES_A_CALL)]
        )
        fuzzer.check_unchanged_by(refused)

    rounds()


def count(fuzzer: Fuzzer, calls: Sequence[Call], wanted: int, request: pytest.FixtureRequest) -> None:
    """Send at least `wanted` requests and tell the table."""
    before = fuzzer.counts["requests"]
    for following in itertools.count(SEED * 1_000):
        fuzz(fuzzer, calls, following)
        sent = fuzzer.counts["requests"] - before
        if sent >= wanted * ROUNDS:
            break
    told = ", ".join(f"{fuzzer.counts[name]} {name}" for name in ("requests", "refused", "accepted"))
    note = f"fuzzer, seed {SEED}: {told}, none answered by a 5xx"
    request.node.user_properties += [("areas", {"malformed": sent}), ("note", note)]


@pytest.fixture
def fuzzer(fuzzed: Fuzzer) -> Fuzzer:
    fuzzed.fresh()
    return fuzzed


@pytest.mark.timeout(900)
def test_malformed_requests_are_refused_in_the_vendors_words_and_change_nothing(
    fuzzer: Fuzzer, request: pytest.FixtureRequest
) -> None:
    of_quickbooks, of_hubspot = list(quickbooks_calls(fuzzer.doors)), list(hubspot_calls(fuzzer.doors))
    count(fuzzer, of_quickbooks + of_hubspot * (len(of_quickbooks) // len(of_hubspot)), VENDORS, request)


@pytest.mark.timeout(900)
def test_malformed_requests_to_the_control_door(fuzzer: Fuzzer, request: pytest.FixtureRequest) -> None:
    count(fuzzer, list(control_calls(fuzzer.doors)), CONTROL, request)


class Disturbed(Fuzzer):
    """Red control: a sandbox on which something goes wrong."""

    def __init__(self, doors: Doors, fault: dict[str, object]) -> None:
        super().__init__(doors)
        self.fault = fault

    def fresh(self) -> None:
        super().fresh()
        self.doors.ask("POST", "/faults", {"vendor": "hubspot", **self.fault})


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"status": 500, "body": "Internal Server Error"}, "500: b'Internal Server Error'"),
        ({"status": 400, "body": "<p>no</p>", "content_type": "text/html"}, "no correlation id"),
        ({"lose_answer": True}, "No answer"),
    ],
)
def test_the_fuzzer_sees_what_goes_wrong(fuzzer: Fuzzer, fault: dict[str, object], told: str) -> None:
    disturbed = Disturbed(fuzzer.doors, fault)
    with pytest.raises(AssertionError, match=told):
        fuzz(disturbed, list(hubspot_calls(fuzzer.doors)), SEED, phases=(Phase.generate,))


def test_the_fuzzer_sees_a_change(fuzzer: Fuzzer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [call for call in quickbooks_calls(fuzzer.doors) if call.path.endswith("/salesreceipt")][:1]
    monkeypatch.setattr(fuzzer, "send", lambda asked: Fuzzer.send(fuzzer, asked) or list(asked))
    with pytest.raises(AssertionError, match="Changed by what was refused"):
        fuzzer.check_unchanged_by(calls)


FAULT = b'{"Fault":{"Error":[{"Message":"m","Detail":"d","code":"500"}],"type":"ValidationFault"},"time":"now"}'
TOLD = {"content-type": "application/json", "intuit_tid": "1", "x-hubspot-correlation-id": "1"}
REFUSED = b'{"status":"error","message":"m","category":"c","correlationId":"00000000-0000-4000-8000-000000000000"}'


@pytest.mark.parametrize(
    ("door", "status", "body"),
    [
        ("quickbooks", 400, FAULT.replace(b'"Detail":"d",', b"")),
        ("quickbooks", 400, FAULT.replace(b'"500"', b"500")),
        ("quickbooks", 400, FAULT.replace(b'"Fault"', b'"fault"')),
        ("quickbooks", 404, FAULT),
        ("quickbooks", 401, FAULT),
        ("quickbooks", 400, b"<html>"),
        ("hubspot", 400, REFUSED.replace(b'"category":"c",', b"")),
        ("hubspot", 400, REFUSED.replace(b"0000-4000", b"x")),
        ("hubspot", 400, FAULT),
        ("hubspot", 207, b'{"errors":[{"status":"error","message":"m"}]}'),
        ("control", 400, b'{"error":5}'),
    ],
)
def test_a_refusal_in_other_words_is_seen(door: str, status: int, body: bytes) -> None:
    call = Call(door, "GET", "/v3/company/1/invoice/1")
    right = {"quickbooks": FAULT, "hubspot": REFUSED, "control": b'{"error":"no"}'}[door]
    assert problem_of(call, Answer(400, TOLD, right)) is None
    assert problem_of(call, Answer(status, TOLD, body)) is not None
