"""The deal pipelines of one account: their stages, what is in use, who changed them (hubspot.md 8)."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from ledgerbridge_sandbox.hubspot.errors import conflict, invalid, not_found

Pipeline = dict[str, Any]
Stage = dict[str, Any]

_FIRST_ID = 1_052_000
_WRITE_PERMISSIONS = "CRM_PERMISSIONS_ENFORCEMENT"


class Pipelines:
    """Pipelines in their order. Each is replaced as a whole when it changes, never changed in place."""

    def __init__(self) -> None:
        self.live: list[Pipeline] = []
        self.archived: list[Pipeline] = []
        self.audit: list[dict[str, Any]] = []
        self._following = _FIRST_ID

    def get(self, pipeline_id: str) -> Pipeline:
        """The pipeline; raises 404."""
        for found in self.live:
            if found["id"] == pipeline_id:
                return found
        raise not_found(f"Pipeline {pipeline_id} does not exist")

    def stage(self, pipeline_id: str, stage_id: str) -> Stage:
        """The stage; raises 404."""
        for found in self.get(pipeline_id)["stages"]:
            if found["id"] == stage_id:
                return dict(found)
        raise not_found(f"Pipeline stage {stage_id} does not exist")

    def create(self, body: dict[str, Any], stamp: str) -> Pipeline:
        """A new pipeline with its stages; raises 400 and 409."""
        pipeline_id = str(body.get("pipelineId") or self._take_id())
        if any(found["id"] == pipeline_id for found in (*self.live, *self.archived)):
            raise conflict(f"Pipeline {pipeline_id} already exists")
        made = {
            "id": pipeline_id,
            **self._named(body, self.live),
            "archived": False,
            "createdAt": stamp,
            "updatedAt": stamp,
            "stages": self._stages(body, [], stamp),
        }
        self._put(made)
        return made

    def replace(self, pipeline_id: str, body: dict[str, Any], stamp: str) -> Pipeline:
        """Give a pipeline other words and stages; a stage whose `stageId` is named keeps its beginning."""
        present = self.get(pipeline_id)
        stages = self._stages(body, present["stages"], stamp)
        changed = {**present, **self._named(body, self.live, pipeline_id), "stages": stages, "updatedAt": stamp}
        self._put(changed)
        return changed

    def change(self, pipeline_id: str, body: dict[str, Any], stamp: str) -> Pipeline:
        """Change label or order, or bring an archived pipeline back with `"archived": false`."""
        if body.get("archived") is False:
            self._restore(pipeline_id)
        present = self.get(pipeline_id)
        changed = {**present, **self._named({**present, **body}, self.live, pipeline_id), "updatedAt": stamp}
        self._put(changed)
        return changed

    def archive(self, pipeline_id: str, stamp: str) -> None:
        """Take a pipeline away; the last one stays (guess)."""
        present = self.get(pipeline_id)
        if len(self.live) == 1:
            raise invalid("The last pipeline cannot be deleted")
        self.live = [found for found in self.live if found["id"] != pipeline_id]
        self.archived = [*self.archived, {**present, "archived": True, "archivedAt": stamp}]

    def add_stage(self, pipeline_id: str, body: dict[str, Any], stamp: str) -> Stage:
        """A new stage; raises 400 and 409."""
        present = self.get(pipeline_id)
        made = self._stage(body, present["stages"], None, stamp)
        self._put({**present, "stages": [*present["stages"], made], "updatedAt": stamp})
        return made

    def change_stage(self, pipeline_id: str, stage_id: str, body: dict[str, Any], stamp: str) -> Stage:
        """Change a stage; what `body` does not name stays."""
        present, stage = self.get(pipeline_id), self.stage(pipeline_id, stage_id)
        others = [found for found in present["stages"] if found["id"] != stage_id]
        metadata = {**stage["metadata"], **_texts(body.get("metadata") or {})}
        if "probability" in (body.get("metadata") or {}) and "isClosed" not in body["metadata"]:
            metadata.pop("isClosed")
        changed = self._stage({**stage, **body, "metadata": metadata}, others, stage, stamp)
        stages = [changed if found["id"] == stage_id else found for found in present["stages"]]
        self._put({**present, "stages": stages, "updatedAt": stamp})
        return changed

    def archive_stage(self, pipeline_id: str, stage_id: str, stamp: str) -> None:
        """Take a stage away."""
        present, stage = self.get(pipeline_id), self.stage(pipeline_id, stage_id)
        left = [found for found in present["stages"] if found["id"] != stage["id"]]
        self._put({**present, "stages": left, "updatedAt": stamp})

    def note(self, action: str, identifier: str, portal: int, stamp: str) -> None:
        """Remember a change for the audit; the words of `action` and `message` are a guess."""
        entry = {"action": action, "identifier": identifier, "portalId": portal, "timestamp": stamp}
        self.audit = [*self.audit, {**entry, "message": f"{action} {identifier}"}]

    def snapshot(self) -> object:
        """The whole state."""
        return list(self.live), list(self.archived), list(self.audit), self._following

    def recover(self, state: Any) -> None:
        """Take an earlier state."""
        live, archived, audit, self._following = state
        self.live, self.archived, self.audit = list(live), list(archived), list(audit)

    def _take_id(self) -> str:
        self._following += 1
        return str(self._following)

    def _put(self, pipeline: Pipeline) -> None:
        pipeline["stages"] = _ordered(pipeline["stages"])
        others = [found for found in self.live if found["id"] != pipeline["id"]]
        self.live = _ordered([*others, pipeline])

    def _restore(self, pipeline_id: str) -> None:
        for found in self.archived:
            if found["id"] == pipeline_id:
                self.archived = [one for one in self.archived if one is not found]
                back = {name: value for name, value in found.items() if name != "archivedAt"}
                self._put({**back, "archived": False})

    def _stages(self, body: dict[str, Any], before: list[Stage], stamp: str) -> list[Stage]:
        wanted = body.get("stages")
        if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
            raise invalid("A pipeline needs stages")
        found: list[Stage] = []
        for one in wanted:
            own = next((stage for stage in before if stage["id"] == one.get("stageId")), None)
            found.append(self._stage(one, found, own, stamp))
        return found

    def _stage(self, body: dict[str, Any], others: list[Stage], before: Stage | None, stamp: str) -> Stage:
        stage_id = before["id"] if before else str(body.get("stageId") or self._take_id())
        if any(found["id"] == stage_id for found in others):
            raise conflict(f"Pipeline stage {stage_id} already exists")
        return {
            "id": stage_id,
            **self._named(body, others, stage_id),
            "metadata": _metadata(body.get("metadata")),
            "archived": False,
            "createdAt": before["createdAt"] if before else stamp,
            "updatedAt": stamp,
            "writePermissions": _WRITE_PERMISSIONS,
        }

    @staticmethod
    def _named(body: dict[str, Any], others: Iterable[dict[str, Any]], own_id: str = "") -> dict[str, Any]:
        """Label and order; labels are unique (status and words of the refusal are a guess)."""
        label, order = body.get("label"), body.get("displayOrder")
        if not isinstance(label, str) or not label or not isinstance(order, int) or isinstance(order, bool):
            raise invalid("Invalid input JSON: label and displayOrder are required")
        if any(found["label"] == label and found["id"] != own_id for found in others):
            raise conflict(f"The label {label} is already in use")
        return {"label": label, "displayOrder": order}


def _metadata(given: Any) -> dict[str, str]:
    """A deal stage's probability lies between 0.0 and 1.0; at either end the stage is closed unless it says no."""
    values = _texts(given) if isinstance(given, dict) else {}
    try:
        probability = Decimal(values["probability"])
    except (KeyError, InvalidOperation):
        probability = Decimal(-1)
    if not 0 <= probability <= 1:
        raise invalid("metadata.probability is required, between 0.0 and 1.0")
    closed = values.get("isClosed") or ("true" if probability in {0, 1} else "false")
    return {**values, "isClosed": closed, "probability": str(float(probability))}


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def _ordered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By displayOrder, then by label (the SDKs' description); negative orders stand last."""
    return sorted(found, key=lambda one: (one["displayOrder"] < 0, one["displayOrder"], one["label"]))
