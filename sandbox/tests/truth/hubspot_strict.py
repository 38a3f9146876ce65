"""hubspot-sdk with its schemas enforced: each answer is read strictly into models that must know every member."""

import json
from functools import cache
from typing import Any

import httpx
from doors import Doors
from hubspot_sdk import APIResponseValidationError, BaseModel, DefaultHttpxClient, HubSpot
from hubspot_sdk.pagination import PageNext, SyncPage
from hubspot_sdk.types.crm import PublicObjectListSearchResult
from pydantic import TypeAdapter, ValidationError

TOKEN = "pat-na1-sandbox-1"
_KNOWN: dict[type, set[str]] = {
    PageNext: {"link"},
    SyncPage: {"total"},
    PublicObjectListSearchResult: {"additionalProperties"},
}
"""Members that the schemas know, but not the classes that the client reads a page or this object with."""
_TEXTS = {"toObjectId", "fromObjectId"}


class StrictHubSpot(HubSpot):
    """The client, which reads an answer by type without turning one into another, but for what is explained."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given, _strict_response_validation=True)

    def _process_response_data(self, *, data: object, cast_to: Any, response: httpx.Response) -> Any:
        told = explained(data)
        try:
            _schema(cast_to).validate_json(json.dumps(told), strict=True)
        except ValidationError as error:
            raise APIResponseValidationError(response=response, body=data, message=str(error)) from error
        answer = super()._process_response_data(data=told, cast_to=cast_to, response=response)
        if unknown := [*strangers(answer)]:
            raise APIResponseValidationError(response=response, body=data, message=f"no members of it: {unknown}")
        return answer


def open_strict(doors: Doors, token: str | None = TOKEN, **more: Any) -> StrictHubSpot:
    """A client that tries once, its base address pointed at the sandbox."""
    plain_http = DefaultHttpxClient(verify=False)
    return StrictHubSpot(
        access_token=token, base_url=doors.hubspot, http_client=plain_http, **{"max_retries": 0, **more}
    )


def open_plain(doors: Doors) -> HubSpot:
    """The client as it is, with its own validation of answers switched on and nothing explained."""
    return HubSpot(access_token=TOKEN, base_url=doors.hubspot, max_retries=0, _strict_response_validation=True)


@cache
def _schema(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def explained(data: Any) -> Any:
    """
    An answer without what HubSpot is known to answer otherwise than its schemas say (hubspot.md 3, 7, 17).

    Properties that are asked for and not set are null; ids of associated records are numbers; batches that did a part
    only tell numErrors and errors, which the models of this release leave out.
    """
    if isinstance(data, list):
        return [explained(one) for one in data]
    if not isinstance(data, dict):
        return data
    partly = {"numErrors", "errors"} if "startedAt" in data else set()
    return {
        name: str(value)
        if name in _TEXTS and isinstance(value, int)
        else {key: text for key, text in value.items() if text is not None}
        if name == "properties" and isinstance(value, dict)
        else explained(value)
        for name, value in data.items()
        if name not in partly
    }


def strangers(answer: Any, where: str = "") -> Any:
    """Members that the models do not know."""
    if isinstance(answer, BaseModel):
        known = next((names for kind, names in _KNOWN.items() if isinstance(answer, kind)), set())
        yield from (f"{where}.{name}" for name in (answer.model_extra or {}).keys() - known)
        for name in type(answer).model_fields:
            yield from strangers(getattr(answer, name), f"{where}.{name}")
    elif isinstance(answer, dict):
        for name, value in answer.items():
            yield from strangers(value, f"{where}.{name}")
    elif isinstance(answer, list):
        for value in answer:
            yield from strangers(value, f"{where}[]")
