"""What the tests of the running engine share: three diagrams, a bloc, and short ways to act in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine import diagrams as d
from workflow_app.core import clock, database, jobs
from workflow_app.core.ids import new_id
from workflow_app.engine import definitions, instances, tasks, worker
from workflow_app.engine.catalogue import Catalogue, FormSpec, OperationSpec
from workflow_app.engine.models import (
    HumanTask,
    Incident,
    ProcessDefinition,
    ProcessInstance,
    ServiceTask,
    TaskStatus,
)
from workflow_app.organisations.types import Scope

__all__ = ["worker"]  # importing it registers the jobs

NOON = datetime(2019, 3, 1, 5, tzinfo=UTC)
LEADER, OFFICER = new_id(), new_id()  # two people
FEDERATION, LEADER_UNIT = new_id(), new_id()
SCOPE = Scope(federation_id=FEDERATION, bloc_id=new_id(), year=2019, leader_unit_id=LEADER_UNIT)

KNOWN = Catalogue(
    forms={
        "draft_form": FormSpec(),
        "approve_form": FormSpec(frozenset({"decision"}), {"decision": ("approve", "return")}),
        "sign_form": FormSpec(frozenset({"decision"}), {"decision": ("sign", "refuse")}),
        "conclude_form": FormSpec(),
    },
    operations={"test.make": OperationSpec(faults=frozenset({"no_paper"}))},
    roles=frozenset({"unit_chair", "bloc_leader", "federation_officer"}),
    processes=frozenset({"signature", "signing"}),
)


def lanes(**roles: tuple[str, ...]) -> str:
    """A lane set: role -> its user tasks."""
    rows = (
        f'<bpmn:lane id="{role}" name="{role}">'
        + "".join(f"<bpmn:flowNodeRef>{task}</bpmn:flowNodeRef>" for task in ids)
        + "</bpmn:lane>"
        for role, ids in roles.items()
    )
    return f'<bpmn:laneSet id="lanes">{"".join(rows)}</bpmn:laneSet>'


def approval(name: str = "Phê duyệt", key: str = "approval") -> bytes:
    """The leader drafts, the federation approves or returns, the machine makes the document."""
    return d.process(
        d.start(), d.user("draft", "draft_form", "Soạn dự thảo", due="deadline"),
        d.user("approve", "approve_form", "Phê duyệt"),
        d.exclusive("decided", "decided_make"), d.service("make", "test.make", "document_id"),
        d.boundary("failed", "make", d.error_event("no_paper")), d.user("mend", "draft_form", "Sửa lỗi"), d.end(),
        d.chain("start", "draft", "approve", "decided"), d.flow("decided", "draft", "decision == 'return'"),
        d.flow("decided", "make"), d.flow("make", "end"), d.chain("failed", "mend", "end"),
        key=key, name=name, inputs=["deadline"], before=d.error("no_paper"),
        lanes=lanes(bloc_leader=("draft", "mend"), federation_officer=("approve",)),
    )  # fmt: skip


def signing(key: str = "signing") -> bytes:
    """Every unit signs in an instance of its own until a deadline; then the leader concludes."""
    return d.process(
        d.start(), d.call("sign_all", "signature", inputs="year"), d.user("conclude", "conclude_form", "Kết luận"),
        d.boundary("late", "sign_all", d.timer("timeDate", "deadline")), d.user("remind", "draft_form", "Đôn đốc"),
        d.end(), d.chain("start", "sign_all", "conclude", "end"), d.chain("late", "remind", "conclude"),
        key=key, inputs=["unit_ids", "year", "deadline"], lanes=lanes(bloc_leader=("conclude", "remind")),
    )  # fmt: skip


def signature(key: str = "signature") -> bytes:
    """One unit signs or refuses."""
    return d.process(
        d.start(), d.user("sign", "sign_form", "Ký giao ước"), d.exclusive("decided", "decided_signed"),
        d.end("signed"), d.end("refused"), d.chain("start", "sign", "decided"),
        d.flow("decided", "refused", "decision == 'refuse'"), d.flow("decided", "signed"),
        key=key, inputs=["unit_id", "year"], lanes=lanes(unit_chair=("sign",)),
    )  # fmt: skip


def deploy(session: Session, *files: bytes, at: datetime = NOON) -> ProcessDefinition:
    """Deploys diagrams after the full check; returns the last."""
    return [definitions.deploy(session, xml, by=OFFICER, at=at, known=KNOWN) for xml in files][-1]


def deploy_unchecked(session: Session, xml: bytes, key: str) -> ProcessDefinition:
    """A diagram that the check would refuse: as if a fault had slipped through it."""
    definition = ProcessDefinition(
        key=key, version=1, name=key, sha256=str(new_id()), xml=xml, status="active", deployed_at=NOON
    )
    session.add(definition)
    session.flush()
    return definition


def start(
    session: Session, key: str, scope: Scope = SCOPE, at: datetime = NOON, **data: Any
) -> ProcessInstance:
    """Starts an instance; approval and signing get a deadline in April unless told."""
    if key != "signature":
        data.setdefault("deadline", "2019-04-01T17:00:00+07:00")
    business: dict[str, Any] = {"business_type": "pledge", "business_id": new_id(), "title": "Giao ước 2019"}
    return instances.start(session, key, scope=scope, data=data, by=OFFICER, at=at, **business)


def start_signing(session: Session, units: int, **data: Any) -> ProcessInstance:
    """Starts a signing round of so many units; their children appear when the jobs have run."""
    unit_ids = [str(new_id()) for _ in range(units)]
    return start(session, "signing", unit_ids=unit_ids, year=2019, **data)


def complete(
    session: Session, task: HumanTask | UUID, by: UUID = LEADER, at: datetime | None = None, **outcome: Any
) -> tasks.Step:
    """Locks and completes, as a person's request does; records what the process layer would record."""
    found = tasks.lock(session, task if isinstance(task, UUID) else task.id)
    return tasks.complete(session, found, outcome=outcome, by=by, seat_id=None, at=at or clock.now())


def open_tasks(session: Session, instance: ProcessInstance | UUID) -> list[HumanTask]:
    """Open human tasks of an instance, fresh from the database."""
    identity = instance if isinstance(instance, UUID) else instance.id
    query = sa.select(HumanTask).where(HumanTask.instance_id == identity, HumanTask.status == TaskStatus.OPEN)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def the_task(session: Session, instance: ProcessInstance | UUID) -> HumanTask:
    """The only open human task of an instance."""
    (task,) = open_tasks(session, instance)
    return task


def the_service(session: Session, instance: ProcessInstance | UUID) -> ServiceTask:
    """The latest service task of an instance."""
    identity = instance if isinstance(instance, UUID) else instance.id
    query = (
        sa.select(ServiceTask)
        .where(ServiceTask.instance_id == identity)
        .order_by(ServiceTask.created_at.desc())
    )
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    assert found is not None
    return found


def fresh(session: Session, instance: ProcessInstance | UUID) -> ProcessInstance:
    """The instance as it is stored now."""
    identity = instance if isinstance(instance, UUID) else instance.id
    return session.get_one(ProcessInstance, identity, populate_existing=True)


def children(session: Session, parent: ProcessInstance | UUID) -> list[ProcessInstance]:
    """Children in the order of their ids, fresh."""
    identity = parent if isinstance(parent, UUID) else parent.id
    query = (
        sa.select(ProcessInstance).where(ProcessInstance.parent_id == identity).order_by(ProcessInstance.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def incidents_of(session: Session, instance: ProcessInstance | UUID) -> list[Incident]:
    identity = instance if isinstance(instance, UUID) else instance.id
    query = (
        sa.select(Incident).where(Incident.instance_id == identity).order_by(Incident.opened_at, Incident.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def sign_as(child: ProcessInstance, decision: str = "sign") -> None:
    """One chair signs, in a transaction of his own."""
    with database.transaction() as session:
        complete(session, the_task(session, child), decision=decision)


@dataclass
class Statements:
    """SQL statements of one connection pool, those of the job queue included."""

    texts: list[str] = field(default_factory=list)
    deferred: int = 0

    @property
    def count(self) -> int:
        return len(self.texts) + self.deferred

    def __str__(self) -> str:
        return "\n".join(text.split("(")[0][:110].replace("\n", " ") for text in self.texts)


@contextmanager
def counted(session: Session) -> Iterator[Statements]:
    """Counts what the session sends; a deferred job is one more statement, past SQLAlchemy."""
    seen = Statements()
    connection = session.connection()

    def note(*arguments: Any) -> None:
        seen.texts.append(arguments[2])

    queue = sa.text("SELECT count(*) FROM procrastinate_jobs")
    before = session.scalar(queue) or 0
    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)
        seen.deferred = (session.scalar(queue) or 0) - before


def run_jobs() -> int:
    """Every due job, and those that they defer."""
    return jobs.run_until_idle()


def events(session: Session, instance_id: UUID) -> list[Mapping[str, Any]]:
    """The audit events of an instance in stream order."""
    query = sa.text(
        "SELECT action, stream_seq, actor_id FROM audit_event WHERE instance_id = :id ORDER BY stream_seq"
    )
    return [dict(row._mapping) for row in session.execute(query, {"id": instance_id})]
