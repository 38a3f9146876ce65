"""Objects below others of their kind: full names that follow, and no rings."""

from typing import Any

import pytest

KINDS = ["Class", "Department", "Item", "Customer", "Account"]


@pytest.fixture
async def tracked(automated: Any) -> Any:
    await automated.desk("preferences", {"ClassTrackingPerTxn": True, "TrackDepartments": True}, "PATCH")
    return automated


def named(entity: str, name: str) -> dict[str, Any]:
    if entity == "Customer":
        return {"DisplayName": name}
    more: dict[str, Any] = {"Item": {"Type": "Category"}, "Account": {"AccountType": "Income"}}
    return {"Name": name, **more.get(entity, {})}


async def chain(company: Any, entity: str) -> list[Any]:
    made: list[Any] = []
    for name in ("Above", "Middle", "Below"):
        parent = {"ParentRef": {"value": made[-1]["Id"]}} if made else {}
        made.append(await company.write(entity, {**named(entity, name), **parent}))
    return made


@pytest.mark.parametrize("entity", KINDS)
async def test_a_new_name_reaches_all_below_without_changing_them(tracked: Any, entity: str) -> None:
    above, _middle, below = await chain(tracked, entity)
    key = {"Id": above["Id"], "SyncToken": "0", "sparse": True}
    await tracked.write(entity, {**key, **named(entity, "Higher")})
    found = await tracked.read(entity, below["Id"])
    assert found["FullyQualifiedName"] == "Higher:Middle:Below"
    assert (found["SyncToken"], found["MetaData"]) == ("0", below["MetaData"])
    listed = await tracked.query(f"select * from {entity} where FullyQualifiedName = 'Higher:Middle'")  # noqa: S608
    assert len(listed[entity]) == 1


@pytest.mark.parametrize("entity", KINDS)
@pytest.mark.parametrize("depth", [0, 1, 2])
async def test_a_ring_is_refused_at_every_depth(tracked: Any, entity: str, depth: int) -> None:
    made = await chain(tracked, entity)
    key = {"Id": made[0]["Id"], "SyncToken": "0", "sparse": True, "ParentRef": {"value": made[depth]["Id"]}}
    assert (await tracked.refused(entity, {**key, **named(entity, "Above")}))["code"] == "6000"
    assert (await tracked.read(entity, made[0]["Id"]))["FullyQualifiedName"] == "Above"
