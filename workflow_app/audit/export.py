"""The record as JSON Lines: one event a line, readable, and checkable without this system."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit.canonical import NotCanonical, canonical, leaf_of
from workflow_app.audit.models import AuditEvent

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class ExportFault:
    """One thing wrong in an export. line: from 1; code: what; vi: the sentence for people."""

    line: int
    code: str
    vi: str


@dataclass(slots=True)
class ExportReport:
    """events: how many lines were read. digest: SHA-256 over all leaves in order, hex."""

    events: int = 0
    digest: str = ""
    faults: list[ExportFault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def export_jsonl(
    session: Session, out: IO[bytes], *, instance_ids: Sequence[UUID] | None = None
) -> ExportReport:
    """Writes events in order of their ids, a thousand at a time; instance_ids: only of these.

    `body` is the hashed object itself in its exact bytes; `leaf` its hash, hex.
    """
    query = sa.select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=_BATCH)
    if instance_ids is not None:
        query = query.where(AuditEvent.instance_id.in_(instance_ids))
    report, leaves = ExportReport(), hashlib.sha256()
    for event in session.scalars(query):
        out.write(line_of(event))
        leaves.update(event.leaf)
        report.events += 1
    report.digest = leaves.hexdigest()
    return report


def line_of(event: AuditEvent) -> bytes:
    """One line with its line end. The body's bytes are copied, not made again."""
    frame = {
        "epoch": event.epoch,
        "id": event.id,
        "leaf": event.leaf.hex(),
        "recorded_at": event.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "xid": event.xid,
    }
    return b'{"body":' + event.body + b"," + canonical(frame)[1:] + b"\n"


def check_export(lines: Iterable[bytes]) -> ExportReport:
    """Recomputes every leaf and looks for repeated operations, repeated ids and holes in streams.

    Streams are checked from their first event in the export on. What is missing at the end of an
    export cannot be seen in it: compare `events` and `digest` with a sealed checkpoint.
    """
    report, check, leaves = ExportReport(), _Check(), hashlib.sha256()
    for number, line in enumerate(lines, start=1):
        report.events += 1
        for code, vi in check.line(line, leaves):
            report.faults.append(ExportFault(number, code, vi))
    report.digest = leaves.hexdigest()
    return report


class _Check:
    def __init__(self) -> None:
        self.last_id = 0
        self.operations: set[tuple[str, str]] = set()
        self.streams: dict[str, int] = {}

    def line(self, line: bytes, leaves: Any) -> Iterator[tuple[str, str]]:
        try:
            event = json.loads(line)
            leaf = leaf_of(canonical(event["body"]))
            stored, number, body = bytes.fromhex(event["leaf"]), int(event["id"]), event["body"]
        except (ValueError, KeyError, TypeError, NotCanonical):
            yield "unreadable", "Dòng này không đọc được."
            return
        leaves.update(leaf)
        if leaf != stored:
            yield "leaf", "Nội dung không khớp mã băm: đã bị sửa."
        if number <= self.last_id:
            yield "order", "Số thứ tự không tăng: dòng bị lặp hoặc đổi chỗ."
        self.last_id = max(self.last_id, number)
        yield from self._operation(body)
        yield from self._stream(body)

    def _operation(self, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if body.get("op_id") is None:
            return
        operation = (str(body.get("actor_id")), str(body["op_id"]))
        if operation in self.operations:
            yield "operation", "Một thao tác được ghi hai lần."
        self.operations.add(operation)

    def _stream(self, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
        sequence = body.get("stream_seq")
        if not isinstance(sequence, int):
            return
        instance = str(body.get("instance_id"))
        before = self.streams.get(instance)
        if before is not None and sequence != before + 1:
            yield "stream", f"Hồ sơ {instance}: sau bước {before} là bước {sequence}."
        self.streams[instance] = sequence
