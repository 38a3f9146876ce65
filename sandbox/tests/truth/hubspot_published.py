"""HubSpot's published shapes, as hubspot-sdk carries them, for every answer that somebody gets from the sandbox."""

import json
import re
from collections.abc import Collection
from functools import cache
from typing import Any

import httpx
from hubspot_sdk.types import account, auth, crm, settings, shared
from hubspot_strict import explained, strangers
from pydantic import TypeAdapter, ValidationError

_VERSION = re.compile(r"/(v\d|20\d\d-\d\d)(?=/|$)")
_OLDER = re.compile(r"/crm/v3/(associations|objects/[^/]+/[^/]+/associations)/|/oauth/v1/")
"""Families whose shapes the SDK, which knows the dated paths alone, does not carry."""
_ROUTES = """
GET crm/objects/_ CollectionResponseSimplePublicObjectWithAssociationsForwardPaging
POST crm/objects/_ SimplePublicObject
GET crm/objects/_/_ SimplePublicObjectWithAssociations
PATCH crm/objects/_/_ SimplePublicObject
POST crm/objects/_/search CollectionResponseWithTotalSimplePublicObject
POST crm/objects/_/merge SimplePublicObject
POST crm/objects/_/batch/upsert BatchResponseSimplePublicUpsertObject
POST crm/objects/_/batch/_ BatchResponseSimplePublicObject
PUT crm/objects/_/_/associations/default/_/_ BatchResponsePublicDefaultAssociation
PUT crm/objects/_/_/associations/_/_ LabelsBetweenObjectPair
GET crm/objects/_/_/associations/_ CollectionResponseMultiAssociatedObjectWithLabelForwardPaging
POST crm/associations/_/_/batch/create BatchResponseLabelsBetweenObjectPair
POST crm/associations/_/_/batch/associate/default BatchResponsePublicDefaultAssociation
POST crm/associations/_/_/batch/read BatchResponsePublicAssociationMultiWithLabel
GET crm/associations/_/_/labels CollectionResponseAssociationSpecWithLabelNoPaging
POST crm/associations/_/_/labels CollectionResponseAssociationSpecWithLabelNoPaging
GET crm/associations/definitions/configurations/all \
CollectionResponsePublicAssociationDefinitionUserConfigurationNoPaging
GET crm/associations/definitions/configurations/_/_ \
CollectionResponsePublicAssociationDefinitionUserConfigurationNoPaging
POST crm/associations/definitions/configurations/_/_/batch/create \
BatchResponsePublicAssociationDefinitionUserConfiguration
POST crm/associations/definitions/configurations/_/_/batch/update \
BatchResponsePublicAssociationDefinitionConfigurationUpdateResult
GET crm/properties/_ CollectionResponsePropertyNoPaging
POST crm/properties/_ Property
GET crm/properties/_/groups CollectionResponsePropertyGroupNoPaging
POST crm/properties/_/groups PropertyGroup
GET crm/properties/_/groups/_ PropertyGroup
PATCH crm/properties/_/groups/_ PropertyGroup
POST crm/properties/_/batch/_ BatchResponseProperty
GET crm/properties/_/_ Property
PATCH crm/properties/_/_ Property
GET crm/pipelines/_ CollectionResponsePipelineNoPaging
POST crm/pipelines/_ Pipeline
GET crm/pipelines/_/_ Pipeline
PATCH crm/pipelines/_/_ Pipeline
PUT crm/pipelines/_/_ Pipeline
GET crm/pipelines/_/_/audit CollectionResponsePublicAuditInfoNoPaging
GET crm/pipelines/_/_/stages CollectionResponsePipelineStageNoPaging
POST crm/pipelines/_/_/stages PipelineStage
GET crm/pipelines/_/_/stages/_ PipelineStage
PATCH crm/pipelines/_/_/stages/_ PipelineStage
PUT crm/pipelines/_/_/stages/_ PipelineStage
GET crm/pipelines/_/_/stages/_/audit CollectionResponsePublicAuditInfoNoPaging
GET crm/property-validations/_ CollectionResponsePublicPropertyValidationRuleMapNoPaging
GET crm/property-validations/_/_ CollectionResponsePublicPropertyValidationRuleNoPaging
GET crm/property-validations/_/_/rule-type/_ PublicPropertyValidationRule
GET crm/owners CollectionResponsePublicOwnerForwardPaging
GET crm/owners/_ PublicOwner
POST crm/lists ListCreateResponse
GET crm/lists ListsByIDResponse
POST crm/lists/search ListSearchResponse
GET crm/lists/_ ListFetchResponse
GET crm/lists/object-type-id/_/name/_ ListFetchResponse
PUT crm/lists/_/update-list-name ListUpdateResponse
PUT crm/lists/_/memberships/add MembershipsUpdateResponse
PUT crm/lists/_/memberships/remove MembershipsUpdateResponse
PUT crm/lists/_/memberships/add-and-remove MembershipsUpdateResponse
GET crm/lists/_/memberships APICollectionResponseJoinTimeAndRecordID
GET crm/lists/_/memberships/join-order APICollectionResponseJoinTimeAndRecordID
GET crm/lists/records/_/_/memberships APICollectionResponseRecordListMembership
POST crm/lists/records/memberships/batch/read BatchResponseRecordIDWithMemberships
GET account-info/details PortalInformationResponse
GET account-info/api-usage/daily/private-apps CollectionResponseAPIUsageNoPaging
GET settings/currencies/company-currency CompanyCurrency
GET settings/currencies/codes CollectionResponseCurrencyCodeInfoNoPaging
GET settings/currencies/central-fx-rates/information CentralExchangeRatesInformation
GET settings/currencies/exchange-rates/current CollectionResponseExchangeRateNoPaging
GET settings/currencies/exchange-rates CollectionResponseExchangeRateForwardPaging
POST settings/currencies/exchange-rates ExchangeRate
POST oauth/token TokenResponseIf
"""


@cache
def _schema(method: str, path: str) -> TypeAdapter[Any] | None:
    """The schema of what a call answers when it succeeds; the first route that fits, exact steps before open ones."""
    place = _VERSION.sub("", path).strip("/").split("/")
    fitting = [
        (route.count("_/") + route.endswith("_"), name)
        for known, route, name in map(str.split, _ROUTES.strip().splitlines())
        if known == method and _fits(route.split("/"), place)
    ]
    if not fitting or _OLDER.search(path):
        return None
    modules = (crm, shared, account, settings, auth)
    name = min(fitting)[1]
    return TypeAdapter(next(found for module in modules if (found := getattr(module, name, None)) is not None))


def _fits(route: list[str], place: list[str]) -> bool:
    return len(route) == len(place) and all(step in {"_", other} for step, other in zip(route, place, strict=True))


_ERROR = TypeAdapter(shared.ErrorData)
_ENTRY = TypeAdapter(shared.StandardError)
_OFTEN_ABSENT = {"links": {}, "errors": [], "context": {}}
"""Members that the schema of an error entry requires and HubSpot leaves out (hubspot.md 17)."""
_OF_REFUSALS = {"status", "errorType", "policyName", "groupName", "requestId"}
"""Members of recorded refusals that the schema does not know (hubspot.md 6, 16)."""


def problems(answer: httpx.Response) -> list[str]:
    """Where an answer is not as published; nothing for one without JSON or without a published shape."""
    if not answer.headers.get("content-type", "").startswith("application/json") or not answer.content:
        return []
    data = answer.json()
    if answer.is_error:
        return [] if "error" in data else _read(_ERROR, {"category": "", **data}, _OF_REFUSALS)  # OAuth's say `error`.
    schema = _schema(answer.request.method, answer.request.url.path)
    if schema is None:
        return []
    entries = data.get("errors", []) if "startedAt" in data else []
    partly = [problem for one in entries for problem in _read(_ENTRY, {**_OFTEN_ABSENT, **one})]
    return _read(schema, explained(data)) + partly


def _read(schema: TypeAdapter[Any], data: Any, known: Collection[str] = ()) -> list[str]:
    try:
        found = schema.validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        return [str(error)]
    return [one for one in strangers(found) if one.removeprefix(".") not in known]


def require(answer: httpx.Response) -> None:
    """Raise AssertionError for an answer that is not as published."""
    found = problems(answer)
    assert not found, f"{answer.request.method} {answer.request.url} answers otherwise than published: {found}"


async def requiring(answer: httpx.Response) -> None:
    """The same, as a hook of an asynchronous client."""
    await answer.aread()
    require(answer)
