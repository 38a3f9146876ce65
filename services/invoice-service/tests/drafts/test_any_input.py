"""Whatever is sent to the doors of drafts and catalogue, the answer is one that is declared, and never a 5xx."""

import asyncio
import itertools

import schemathesis
from drafts_hands import HERON, SHELF, SURVEY, Wizard, begun
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

PATHS = r"^/(drafts|connections|customers|items|terms|accounts|tax-codes)"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


async def test_no_input_breaks_the_drafts(us: Wizard) -> None:
    draft = await begun(us, SURVEY, SHELF, company=HERON)
    connection = us.tenant.connections["us"].id
    tried = 0
    examples = itertools.count().__next__

    def knock() -> None:
        nonlocal tried
        schema = schemathesis.openapi.from_url(f"{us.service.url}/openapi.json").include(path_regex=PATHS)
        for found in schema.get_all_operations():
            operation = found.ok()

            @settings(
                max_examples=25,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def check(case: schemathesis.Case) -> None:
                # Half of the time what is meant really exists, else every answer would be 404.
                if case.path_parameters and case.method != "DELETE" and examples() % 2:
                    case.path_parameters["draft_id"] = draft["draft_id"]
                if case.query and "connection" in case.query and examples() % 2:
                    case.query["connection"] = connection
                case.call_and_validate(headers=us.header, checks=CHECKS)

            check()
            tried += 1

    await asyncio.to_thread(knock)
    assert tried >= 18
