"""schemathesis asks every operation of every service, with a token and without: no 5xx, no undeclared answer."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.two_services import Office, open_office

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def office(postgres_server: str, kafka_server: str) -> Iterator[Office]:
    prefix = f"test-{uuid.uuid4().hex[:12]}."
    with open_office(postgres_server, kafka_server, prefix, create_wait="PT0.05S") as opened:
        yield opened


@pytest.fixture
def token(office: Office) -> str:
    answer = httpx.post(
        f"{office.urls['invoice-service']}/token",
        data={"client_id": office.client_id, "client_secret": office.client_secret},
    )
    return str(answer.json()["access_token"])


@pytest.mark.timeout(240)
@pytest.mark.parametrize("service", ["webhook-gateway", "invoice-service"])
@pytest.mark.parametrize("known", [True, False], ids=["token", "stranger"])
def test_no_request_breaks_a_service(office: Office, token: str, service: str, known: bool) -> None:
    schema = schemathesis.openapi.from_url(f"{office.urls[service]}/openapi.json")
    asked, broken = _broken(schema, {"Authorization": f"Bearer {token}"} if known else {})
    assert broken == [], "\n\n".join(broken)
    assert asked >= 6


def test_the_check_finds_what_is_not_declared(office: Office) -> None:
    url = office.urls["webhook-gateway"]
    document = httpx.get(f"{url}/openapi.json").json()
    del document["paths"]["/receipts/replay"]["post"]["responses"]["401"]
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    _asked, broken = _broken(schema, {})
    assert len(broken) == 1
    assert broken[0].startswith("POST /receipts/replay")


def _broken(schema: Any, headers: dict[str, str]) -> tuple[int, list[str]]:
    """How many operations were asked, and what each of the broken ones did."""
    broken: list[str] = []
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        asked += 1
        try:
            _ask(operation.as_strategy(), headers)
        except (BaseExceptionGroup, AssertionError) as problem:
            broken.append(f"{operation.label}: {problem}")
    return asked, broken


def _ask(cases: Any, headers: dict[str, str]) -> None:
    @BOUNDED
    @given(case=cases)
    def ask(case: Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()


def test_every_operation_but_the_open_doors_wants_a_token(office: Office) -> None:
    open_doors = ("/webhooks/", "/oauth/", "/livez", "/readyz", "/metrics", "/token", "/docs", "/openapi.json")
    for url in office.urls.values():
        paths = httpx.get(f"{url}/openapi.json").json()["paths"]
        closed = {path: methods for path, methods in paths.items() if not path.startswith(open_doors)}
        assert closed
        for path, methods in closed.items():
            for method in methods:
                concrete = re.sub(r"{[^}]*}", "1", path)
                assert httpx.request(method.upper(), url + concrete, json={}).status_code == 401, (method, path)
