"""The items of a fan-out: what the diagram handed over, and what each child gets of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflow_app.engine.errors import StepFailed
from workflow_app.organisations.types import Scope

UNIT = "unit_id"  # an item of this name, or a mapping with this key, says which unit the child concerns
MOST = 2_000  # children of one element: far above any bloc, far below what would stop the worker


@dataclass(frozen=True, slots=True)
class Plan:
    """What a fan-out was told by the diagram."""

    process: str
    items: Sequence[Any]
    item_name: str | None
    inputs: Mapping[str, Any]

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Plan":
        items = params["items"]
        if not isinstance(items, list) or len(items) > MOST:
            raise StepFailed(f"items of a fan-out must be a list of at most {MOST}")
        return cls(params["process"], items, params.get("item"), params.get("inputs") or {})

    def scope(self, item: Any, parent: Scope) -> Scope:
        unit = item.get(UNIT) if isinstance(item, Mapping) else item if self.item_name == UNIT else None
        return parent.for_unit(UUID(str(unit))) if unit is not None else parent

    def data(self, item: Any) -> dict[str, Any]:
        return {**self.inputs, **({self.item_name: item} if self.item_name else {})}

    def item(self, key: str) -> Any:
        return next((item for item in self.items if key_of(item) == key), key)


def key_of(item: Any) -> str:
    """The text by which an item is known; a mapping needs an `id` or a `unit_id`. Raises StepFailed."""
    if isinstance(item, Mapping):
        item = item.get("id", item.get(UNIT))
        if item is None:
            raise StepFailed("an item of a fan-out that is a mapping needs an id")
    return "" if item is None else str(item)
