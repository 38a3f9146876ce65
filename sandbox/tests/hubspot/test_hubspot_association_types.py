"""Types of associations that HubSpot's own clients list (hubspot.md 7)."""

import httpx
import pytest


@pytest.mark.parametrize(("start", "end", "type_id"), [("tasks", "quotes", 218), ("quotes", "tasks", 217)])
async def test_tasks_hang_on_quotes(hubspot: httpx.AsyncClient, start: str, end: str, type_id: int) -> None:
    labels = (await hubspot.get(f"/crm/associations/2026-09/{start}/{end}/labels")).json()["results"]
    assert labels == [{"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": None}]
