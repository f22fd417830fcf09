"""What the sender knows, on its own disk: each act before it is sent, each answer when it has come."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one person, however often it was sent.

    task: the human task, None for an act without one. tries: how often it was sent.
    acknowledged: the sender has heard that it was done.
    """

    op_id: UUID
    person: UUID
    task: UUID | None
    tries: int
    acknowledged: bool


class Ledger:
    """Append-only lines, on disk before the next step is taken: it outlives every kill."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def sends(self, op_id: UUID, *, person: UUID, task: UUID | None) -> None:
        self._write(op_id=op_id, person=person, task=task)

    def hears(self, op_id: UUID) -> None:
        self._write(op_id=op_id, done=True)

    def acts(self) -> list[Act]:
        """What was sent, in the order of the first tries."""
        found: dict[str, list[dict[str, Any]]] = {}
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                entry = json.loads(line)
                found.setdefault(entry["op_id"], []).append(entry)
        return [_act(lines) for lines in found.values()]

    def _write(self, **entry: object) -> None:
        with self.file.open("a") as out:
            json.dump(entry, out, default=str)
            out.write("\n")
            _sync(out)


def _sync(out: TextIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _act(lines: list[dict[str, Any]]) -> Act:
    sent = [line for line in lines if "person" in line]
    task = sent[0]["task"]
    return Act(
        UUID(sent[0]["op_id"]),
        UUID(sent[0]["person"]),
        UUID(task) if task else None,
        len(sent),
        any("done" in line for line in lines),
    )
