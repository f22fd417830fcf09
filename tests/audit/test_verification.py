"""Changes made behind the application's back are found. Each case is first shown to be clean."""

import io
import json
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from tests.audit.conftest import AT, CHAIR
from workflow_app.audit.export import check_export, export_jsonl
from workflow_app.audit.service import record
from workflow_app.audit.verification import check_events, check_streams
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id

Tamper = Callable[[str], None]
INSTANCE = new_id()


@pytest.fixture
def five_events(committed: None) -> None:
    with transaction() as session:
        for step in range(1, 6):
            record(
                session,
                action="pledge.signed",
                actor=CHAIR,
                at=AT,
                object_type="pledge",
                object_id=INSTANCE,
                instance_id=INSTANCE,
                stream_seq=step,
                op_id=new_id(),
                details={"version": step},
            )


@pytest.fixture
def tamper(owner: sa.Engine, five_events: None) -> Iterator[Tamper]:
    """Does what a database administrator could: with the triggers asleep."""

    def tamper(statement: str) -> None:
        with owner.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql(statement)

    return tamper


def _export() -> list[bytes]:
    out = io.BytesIO()
    with reading() as session:
        export_jsonl(session, out)
    return out.getvalue().splitlines()


def _codes(lines: list[bytes]) -> list[str]:
    return [fault.code for fault in check_export(lines).faults]


def test_an_untouched_record_is_clean(five_events: None) -> None:
    with reading() as session:
        assert check_streams(session) == []
        assert check_events(session) == []
    report = check_export(_export())
    assert report.ok
    assert report.events == 5


def test_the_export_and_its_check_agree_on_the_digest(five_events: None) -> None:
    out = io.BytesIO()
    with reading() as session:
        written = export_jsonl(session, out)
    assert check_export(out.getvalue().splitlines()).digest == written.digest
    assert check_export(out.getvalue().splitlines()[:-1]).digest != written.digest


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("UPDATE audit_event SET actor_id = gen_random_uuid() WHERE stream_seq = 3", "actor_id"),
        ("UPDATE audit_event SET at = at - interval '1 day' WHERE stream_seq = 3", "at"),
        ("UPDATE audit_event SET action = 'pledge.refused' WHERE stream_seq = 3", "action"),
        ("UPDATE audit_event SET doc_sha256 = 'ff' WHERE stream_seq = 3", "doc_sha256"),
    ],
)
def test_a_changed_column_is_found(tamper: Tamper, statement: str, column: str) -> None:
    tamper(statement)
    with reading() as session:
        assert [(fault.code, fault.column) for fault in check_events(session)] == [("column", column)]


@pytest.mark.parametrize("position", [0, 1, 17, 100])
def test_one_changed_byte_of_the_body_is_found(tamper: Tamper, position: int) -> None:
    tamper(
        f"UPDATE audit_event SET body = set_byte(body, {position}, get_byte(body, {position}) # 1) WHERE stream_seq = 3"  # noqa: S608 - a number of this test
    )
    with reading() as session:
        assert [fault.code for fault in check_events(session)] == ["body"]


def test_a_body_with_a_matching_leaf_but_another_form_is_found(tamper: Tamper) -> None:
    tamper(
        "UPDATE audit_event SET body = body || ' '::bytea, leaf = sha256('\\x00'::bytea || body || ' '::bytea) WHERE stream_seq = 3"
    )
    with reading() as session:
        assert [fault.code for fault in check_events(session)] == ["body"]


@pytest.mark.parametrize(("step", "found"), [(1, (4, 2, 5)), (3, (4, 1, 5))])
def test_a_deleted_event_leaves_a_hole(tamper: Tamper, step: int, found: tuple[int, int, int]) -> None:
    tamper(f"DELETE FROM audit_event WHERE stream_seq = {step}")  # noqa: S608 - a number of this test
    with reading() as session:
        faults = check_streams(session)
    assert [(fault.instance_id, fault.events, fault.first, fault.last) for fault in faults] == [
        (INSTANCE, *found)
    ]


def test_every_changed_byte_of_an_exported_body_is_found(five_events: None) -> None:
    lines = _export()
    body = json.dumps(json.loads(lines[2])["body"], ensure_ascii=False, separators=(",", ":")).encode()
    start = lines[2].index(body)
    for place in range(start, start + len(body)):
        changed = bytearray(lines[2])
        changed[place] ^= 1
        assert not check_export([*lines[:2], bytes(changed), *lines[3:]]).ok, place


def test_a_line_taken_out_repeated_or_moved_is_found(five_events: None) -> None:
    lines = _export()
    assert _codes([lines[0], *lines[2:]]) == ["stream"]
    assert _codes([lines[0], lines[0], *lines[1:]]) == ["order", "operation", "stream"]
    assert "order" in _codes([lines[1], lines[0], *lines[2:]])
    assert _codes([b"nonsense", *lines]) == ["unreadable"]


def test_an_export_of_one_instance_has_only_its_events(five_events: None) -> None:
    out = io.BytesIO()
    with reading() as session:
        assert export_jsonl(session, out, instance_ids=[new_id()]).events == 0
        assert export_jsonl(session, out, instance_ids=[INSTANCE]).events == 5
