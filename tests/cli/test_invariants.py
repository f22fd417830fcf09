"""Each invariant is broken on purpose and must be found, by its own number."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage import FileStore
from tests.organisations.cast import Cast, make_cast
from workflow_app.audit import service as audit
from workflow_app.cli.health import invariants
from workflow_app.cli.health.findings import Level, verdict
from workflow_app.cli.health.invariants import Look
from workflow_app.documents import service as documents
from workflow_app.documents.models import DocumentTemplate, RegisterBook, TemplateStatus

AT = datetime(2019, 3, 1, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "objects")


@pytest.fixture
def damaged(owner_engine: sa.Engine) -> Iterator[Session]:
    """The owner's session with all triggers asleep: what a bad restore or a clever hand could do. Undone."""
    with owner_engine.connect() as connection, Session(connection) as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


@pytest.fixture
def look(damaged: Session, store: FileStore) -> Look:
    return Look(damaged, store, deep=True)


def test_an_empty_installation_has_no_fault(look: Look) -> None:
    assert {finding.level for finding in invariants.check_all(look)} == {Level.OK}


def test_numbers_with_a_hole_are_found(damaged: Session, look: Look) -> None:
    book = _book(make_cast(damaged), damaged)
    for day in (date(2019, 3, 1), date(2019, 3, 4)):
        documents.take_number(
            damaged,
            owner_unit_id=book.owner_unit_id,
            book="B",
            kind="KH",
            on=day,
            document_id=None,
            subject="x",
        )
    assert invariants.registers(look).level is Level.OK
    damaged.execute(sa.text("UPDATE register_entry SET number = 7 WHERE number = 2"))
    found = invariants.registers(look)
    assert found.level is Level.FAULT
    assert "cao nhất 7" in found.detail


def test_a_date_that_goes_back_is_found(damaged: Session, look: Look) -> None:
    book = _book(make_cast(damaged), damaged)
    for _ in range(2):
        documents.take_number(
            damaged,
            owner_unit_id=book.owner_unit_id,
            book="B",
            kind="KH",
            on=date(2019, 3, 4),
            document_id=None,
            subject="x",
        )
    damaged.execute(sa.text("UPDATE register_entry SET date = '2019-03-01' WHERE number = 2"))
    assert "số 2 ghi ngày sớm hơn" in invariants.registers(look).detail


def test_a_file_that_is_gone_and_a_file_that_was_changed_are_found(
    damaged: Session, look: Look, store: FileStore, tmp_path: Path
) -> None:
    kept = store.put(b"content", kind="docx")
    _template(damaged, kept.key, kept.sha256, kept.size)
    assert invariants.objects_present(look).level is Level.OK
    stored = next((tmp_path / "objects").rglob("*.docx"))
    stored.chmod(0o600)
    stored.write_bytes(b"c0ntent")
    assert "ObjectCorrupt" in invariants.objects_present(look).detail
    shallow = Look(damaged, store, deep=False)
    assert invariants.objects_present(shallow).level is Level.OK  # the size is the same
    stored.unlink()
    assert "ObjectMissing" in invariants.objects_present(look).detail


def test_a_stream_with_a_hole_is_found(damaged: Session, look: Look) -> None:
    instance = uuid4()
    for number in (1, 3):
        _event(damaged, instance, number)
    found = invariants.streams(look)
    assert found.level is Level.FAULT
    assert str(instance) in found.detail


def test_an_event_that_was_changed_is_found(damaged: Session, look: Look) -> None:
    event = _event(damaged, uuid4(), 1)
    damaged.flush()
    damaged.execute(
        sa.text("UPDATE audit_event SET action = 'pledge.signed' WHERE id = :id"), {"id": event.id}
    )
    damaged.expire_all()
    found = invariants.record_unchanged(look)
    assert found.level is Level.FAULT
    assert "action" in found.detail


def test_jobs_that_nobody_runs_are_found(damaged: Session, look: Look) -> None:
    for status in ("todo", "doing", "failed"):
        damaged.execute(
            sa.text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
                " VALUES ('default', 'engine.run_service_task', CAST(:status AS procrastinate_job_status), :at)"
            ),
            {"status": status, "at": AT - timedelta(hours=1)},
        )
    detail = invariants.jobs(look).detail
    assert all(status in detail for status in ("doing", "failed"))
    assert invariants.queue(look).level is Level.WARNING


def test_a_job_for_later_is_no_fault(damaged: Session, look: Look) -> None:
    damaged.execute(
        sa.text(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at) VALUES ('default', 'x', 'infinity')"
        )
    )
    assert invariants.jobs(look).level is invariants.queue(look).level is Level.OK


def test_an_instance_that_waits_for_nothing_is_found(damaged: Session, look: Look) -> None:
    instance = _instance(damaged)
    found = invariants.instances_wait(look)
    assert str(instance) in found.detail
    _wait_for_a_timer(damaged, instance)
    assert invariants.instances_wait(look).level is Level.OK


def test_a_state_that_does_not_open_is_found(damaged: Session, look: Look) -> None:
    instance = _instance(damaged)
    found = invariants.states_load(look)
    assert found.level is Level.FAULT
    assert str(instance) in found.detail


def test_an_instance_whose_record_stops_early_is_found(damaged: Session, look: Look) -> None:
    instance = _instance(damaged, rev=2)
    _event(damaged, instance, 1)
    assert "bước 2, nhật ký đến 1" in invariants.streams(look).detail


def test_a_finished_instance_with_an_unfinished_document_is_found(damaged: Session, look: Look) -> None:
    instance = _instance(damaged, status="completed")
    documents.create(
        damaged, kind="GƯ", title="x", owner_type="pledge", owner_id=uuid4(), issuing_unit_id=uuid4(),
        federation_id=uuid4(), by=uuid4(), at=AT, instance_id=instance,
    )  # fmt: skip
    assert str(instance) in invariants.documents_of_ended(look).detail


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("GRANT UPDATE ON audit_event TO giao_uoc_runtime", "sửa được nhật ký: UPDATE"),
        ("ALTER TABLE audit_event DISABLE TRIGGER append_only", "trigger append_only của nhật ký đã bị tắt"),
        ("DROP TRIGGER append_only ON audit_event", "nhật ký không còn trigger"),
        ("GRANT CREATE ON SCHEMA public TO giao_uoc_runtime", "tạo được bảng"),
    ],
)
def test_widened_rights_are_found(harm: str, said: str, damaged: Session, look: Look) -> None:
    damaged.execute(sa.text(harm))
    assert said in invariants.rights(look).detail


def test_a_letter_that_failed_is_a_warning(damaged: Session, look: Look) -> None:
    cast = make_cast(damaged)
    damaged.execute(
        sa.text(
            "INSERT INTO letter (id, person_id, event_key, address, subject, body, state, attempts, error, created_at)"
            " VALUES (:id, :person, 'k', 'a@b.vn', 's', 'b', 'failed', 6, 'x', :at)"
        ),
        {"id": uuid4(), "person": cast.officer.id, "at": AT},
    )
    assert invariants.letters(look).level is Level.WARNING


def test_an_open_incident_is_a_warning(damaged: Session, look: Look) -> None:
    damaged.execute(
        sa.text(
            "INSERT INTO incident (id, instance_id, kind, subject_id, element, error, times, opened_at, last_at)"
            " VALUES (:id, :id, 'timer', :id, 'deadline', 'x', 1, :at, :at)"
        ),
        {"id": uuid4(), "at": AT},
    )
    assert invariants.incidents(look).level is Level.WARNING


def test_a_long_list_of_faults_is_told_by_its_first_few() -> None:
    found = verdict("I5", "x", [f"fault {number}" for number in range(9)])
    assert found.detail.count("fault") == 5
    assert "và 4 lỗi khác" in found.detail


def _book(cast: Cast, session: Session) -> RegisterBook:
    return documents.open_book(
        session,
        owner_unit_id=cast.federation.id,
        code="B",
        name="Sổ",
        year=2019,
        symbol_pattern="{kind}-KTĐ04",
    )


def _template(session: Session, key: str, sha256: str, size: int) -> None:
    session.add(
        DocumentTemplate(
            key="x", version=1, kind="KH", title="x", sha256=sha256, object_key=key, size=size, schema={}, sample={},
            status=TemplateStatus.DRAFT, created_at=AT,
        )
    )  # fmt: skip
    session.flush()


def _event(session: Session, instance: UUID, number: int) -> audit.AuditEvent:
    return audit.record(
        session, action="x.y", actor=audit.SYSTEM, at=AT, object_type="x", object_id=instance, instance_id=instance,
        stream_seq=number,
    )  # fmt: skip


def _instance(session: Session, *, status: str = "running", rev: int = 1) -> UUID:
    """A row as a damaged database might hold it; nothing behind it."""
    instance = uuid4()
    session.execute(
        sa.text(
            "INSERT INTO process_instance (id, definition_id, process_key, business_type, business_id, title, federation_id,"
            " root_id, run, rev, engine, state, status, open_incidents, open_children, started_at, ended_at)"
            " VALUES (:id, :id, 'pledge', 'pledge', :id, 'x', :id, :id, 1, :rev, 'x', '', :status, 0, 0, :at, :ended)"
        ),
        {
            "id": instance,
            "rev": rev,
            "status": status,
            "at": AT,
            "ended": AT if status == "completed" else None,
        },
    )
    return instance


def _wait_for_a_timer(session: Session, instance: UUID) -> None:
    session.execute(
        sa.text(
            "INSERT INTO timer (id, instance_id, element, due_at, blocked) VALUES (:id, :of, 'deadline', :at, false)"
        ),
        {"id": uuid4(), "of": instance, "at": AT},
    )
