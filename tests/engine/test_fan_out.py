"""One child per item: start, sign, come late, leave, come back; the parent waits for all of them."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine import diagrams as d
from tests.engine.runtime import (
    NOON,
    OFFICER,
    children,
    complete,
    deploy,
    deploy_unchecked,
    events,
    fresh,
    incidents_of,
    lanes,
    open_tasks,
    run_jobs,
    sign_as,
    signature,
    signing,
    start,
    start_signing,
    the_service,
    the_task,
)
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.ids import new_id
from workflow_app.engine import definitions, diagram, instances, timers, worker
from workflow_app.engine.machine import MarkState
from workflow_app.engine.models import InstanceStatus, Message, ProcessInstance, ServiceStatus
from workflow_app.engine.refusals import ChildExists, ChildUnknown, FanOutClosed, InstanceEnded, ReasonMissing

pytestmark = pytest.mark.usefixtures("committed", "noon")


@pytest.fixture
def parent() -> UUID:
    """A signing round of three units, all still to sign."""
    return _round(3)


def _round(units: int) -> UUID:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        identity = start_signing(session, units).id
    run_jobs()
    return identity


def _children(parent: UUID) -> list[ProcessInstance]:
    with database.reading() as session:
        found = children(session, parent)
        session.expunge_all()  # the end of a reading session would empty them
        return found


def _open_elements(parent: UUID) -> list[str]:
    with database.reading() as session:
        return [task.element for task in open_tasks(session, parent)]


def _result(parent: UUID) -> dict[str, object]:
    with database.reading() as session:
        data = instances.data_of(session, fresh(session, parent))["sign_all_result"]
    assert isinstance(data, dict)
    return data


def test_every_unit_gets_a_child_in_its_own_scope_with_the_declared_data(parent: UUID) -> None:
    with database.reading() as session:
        stored = fresh(session, parent)
        units = instances.data_of(session, stored)["unit_ids"]
        found = children(session, parent)
        assert sorted(child.item_key or "" for child in found) == sorted(units)
        for child in found:
            assert (child.unit_id, child.root_id, child.parent_element) == (
                UUID(child.item_key),
                parent,
                "sign_all",
            )
            assert (child.business_id, child.title, child.run, child.rev) == (
                stored.business_id,
                stored.title,
                1,
                1,
            )
            assert instances.data_of(session, child) == {"unit_id": child.item_key, "year": 2019}
            task = the_task(session, child)
            assert (task.role, task.unit_id) == ("unit_chair", child.unit_id)
        assert stored.open_children == 3
        assert the_service(session, parent).status == ServiceStatus.WAITING


def test_the_parent_goes_on_when_the_last_child_has_ended(parent: UUID) -> None:
    first, second, third = _children(parent)
    sign_as(first)
    sign_as(second, "refuse")
    run_jobs()
    assert _open_elements(parent) == []
    with database.reading() as session:
        assert fresh(session, parent).open_children == 1
    sign_as(third)
    run_jobs()
    assert _open_elements(parent) == ["conclude"]
    assert _result(parent) == {
        "total": 3,
        "completed": 3,
        "cancelled": 0,
        "outcomes": {"signed": 2, "refused": 1},
        "outcome": None,
    }
    with database.transaction() as session:
        assert complete(session, the_task(session, parent)).ended


def test_the_diagram_of_the_parent_counts_its_children(parent: UUID) -> None:
    first, second, _ = _children(parent)
    sign_as(first)
    with database.transaction() as session:
        instances.cancel(session, second.id, reason="x", by=OFFICER, at=NOON)
        mark = diagram.marks(session, parent)["sign_all"]
    assert mark.state == MarkState.ACTIVE
    assert mark.children == {"completed": 1, "cancelled": 1, "running": 1}


def test_the_stream_of_the_parent_has_no_gap(parent: UUID) -> None:
    for child in _children(parent):
        sign_as(child)
    run_jobs()
    with database.reading() as session:
        told = [(event["stream_seq"], event["action"]) for event in events(session, parent)]
        assert told == [(1, "instance.started"), (2, "fan_out.started"), (3, "fan_out.completed")]
        assert fresh(session, parent).rev == 3


def test_no_units_means_no_waiting() -> None:
    parent = _round(0)
    assert _open_elements(parent) == ["conclude"]
    assert _result(parent)["total"] == 0


def test_a_late_unit_is_waited_for(parent: UUID) -> None:
    late = str(new_id())
    with database.transaction() as session:
        child = instances.add_child(session, parent, "sign_all", late, by=OFFICER, at=NOON)
        assert (child.unit_id, child.run) == (UUID(late), 1)
        assert fresh(session, parent).open_children == 4
    for one in _children(parent)[:3]:
        sign_as(one)
    run_jobs()
    assert _open_elements(parent) == []
    sign_as(child)
    run_jobs()
    assert _open_elements(parent) == ["conclude"]
    assert _result(parent)["total"] == 4


def test_a_unit_is_added_once(parent: UUID) -> None:
    there = _children(parent)[0].item_key
    with pytest.raises(ChildExists), database.transaction() as session:
        instances.add_child(session, parent, "sign_all", there, by=OFFICER, at=NOON)


def test_a_cancelled_unit_is_not_waited_for(parent: UUID) -> None:
    first, *rest = _children(parent)
    for child in rest:
        sign_as(child)
    run_jobs()
    with database.transaction() as session:
        assert first.item_key is not None
        gone = instances.cancel_child(
            session, parent, "sign_all", first.item_key, reason="Đơn vị giải thể", by=OFFICER, at=NOON
        )
        assert gone.status == InstanceStatus.CANCELLED
    assert _open_elements(parent) == ["conclude"]
    assert _result(parent)["cancelled"] == 1
    with database.reading() as session:
        assert open_tasks(session, first) == []


def test_cancelling_the_child_itself_lets_the_parent_go_on_too(parent: UUID) -> None:
    for child in _children(parent):
        with database.transaction() as session:
            instances.cancel(session, child.id, reason="x", by=OFFICER, at=NOON)
    assert _open_elements(parent) == ["conclude"]
    assert _result(parent) == {"total": 3, "completed": 0, "cancelled": 3, "outcomes": {}, "outcome": None}


def test_a_unit_that_has_signed_can_be_opened_again_and_its_last_run_counts(parent: UUID) -> None:
    first, second, third = _children(parent)
    assert first.item_key is not None
    sign_as(first, "refuse")
    sign_as(second)
    run_jobs()
    with database.transaction() as session:
        again = instances.reopen_child(
            session, parent, "sign_all", first.item_key, reason="Ký nhầm", by=OFFICER, at=NOON
        )
        assert (again.run, again.item_key, again.unit_id) == (2, first.item_key, first.unit_id)
        assert instances.data_of(session, again) == {"unit_id": first.item_key, "year": 2019}
    sign_as(third)
    run_jobs()
    assert _open_elements(parent) == []
    sign_as(again)
    run_jobs()
    assert _open_elements(parent) == ["conclude"]
    assert _result(parent)["outcomes"] == {"signed": 3}


def test_only_an_ended_child_can_be_opened_again(parent: UUID) -> None:
    first = _children(parent)[0].item_key or ""
    with pytest.raises(ChildExists), database.transaction() as session:
        instances.reopen_child(session, parent, "sign_all", first, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(ChildUnknown), database.transaction() as session:
        instances.reopen_child(session, parent, "sign_all", "nobody", reason="x", by=OFFICER, at=NOON)
    with pytest.raises(ReasonMissing), database.transaction() as session:
        instances.reopen_child(session, parent, "sign_all", first, reason="", by=OFFICER, at=NOON)


def test_only_an_open_child_can_be_cancelled(parent: UUID) -> None:
    child = _children(parent)[0]
    sign_as(child)
    with pytest.raises(ChildUnknown), database.transaction() as session:
        instances.cancel_child(
            session, parent, "sign_all", child.item_key or "", reason="x", by=OFFICER, at=NOON
        )


def test_after_the_round_nobody_can_be_added_or_opened_again(parent: UUID) -> None:
    signed = _children(parent)
    for child in signed:
        sign_as(child)
    run_jobs()
    with pytest.raises(FanOutClosed), database.transaction() as session:
        instances.add_child(session, parent, "sign_all", str(new_id()), by=OFFICER, at=NOON)
    with pytest.raises(FanOutClosed), database.transaction() as session:
        instances.reopen_child(
            session, parent, "sign_all", signed[0].item_key or "", reason="x", by=OFFICER, at=NOON
        )
    with database.transaction() as session:
        instances.cancel(session, parent, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceEnded), database.transaction() as session:
        instances.add_child(session, parent, "sign_all", str(new_id()), by=OFFICER, at=NOON)


def test_the_deadline_ends_the_round_and_the_open_children(parent: UUID, noon: ScriptedClock) -> None:
    first, *late = _children(parent)
    sign_as(first)
    run_jobs()
    noon.advance(seconds=40 * 86400)
    assert timers.fire_due() == 1
    run_jobs()
    assert _open_elements(parent) == ["remind"]
    assert [child.status.value for child in _children(parent)] == ["completed", "cancelled", "cancelled"]
    with database.reading() as session:
        assert fresh(session, parent).open_children == 0
        assert the_service(session, parent).status == ServiceStatus.CANCELLED
        assert [open_tasks(session, child) for child in late] == [[], []]


def test_a_child_end_delivered_twice_moves_the_parent_once(parent: UUID) -> None:
    for child in _children(parent):
        sign_as(child)
    run_jobs()
    with database.transaction() as session:
        session.execute(sa.update(Message).values(delivered_at=None))
    worker.deliver_messages(str(parent))
    worker.deliver_messages(str(parent))
    assert _open_elements(parent) == ["conclude"]
    with database.reading() as session:
        assert fresh(session, parent).rev == 3


def test_the_units_of_one_round_run_on_one_version(parent: UUID) -> None:
    changed = d.process(
        d.start(), d.user("sign", "sign_form"), d.end(), d.chain("start", "sign", "end"), key="signature",
        inputs=["unit_id", "year"], lanes=lanes(unit_chair=("sign",)),
    )  # fmt: skip
    with database.transaction() as session:
        new = deploy(session, changed)
        late = instances.add_child(session, parent, "sign_all", str(new_id()), by=OFFICER, at=NOON)
        assert late.definition_id != new.id
        assert {child.definition_id for child in children(session, parent)} == {late.definition_id}
    assert _round_version() == new.id


def _round_version() -> UUID:
    with database.transaction() as session:
        parent = start_signing(session, 1).id
    run_jobs()
    return _children(parent)[0].definition_id


def test_a_plain_call_runs_one_child_and_hands_on_its_outcome() -> None:
    caller = d.process(
        d.start(), d.call("ask", "signing", items=None, inputs="unit_ids,year,deadline", result="asked"), d.end(),
        d.chain("start", "ask", "end"), key="caller", inputs=["unit_ids", "year", "deadline"],
    )  # fmt: skip
    with database.transaction() as session:
        deploy(session, signature(), signing(), caller)
        top = start(session, "caller", unit_ids=[], year=2019).id
    run_jobs()
    with database.transaction() as session:
        (child,) = children(session, top)
        assert (child.item_key, child.process_key, child.leader_unit_id) == (
            "",
            "signing",
            fresh(session, top).leader_unit_id,
        )
        complete(session, the_task(session, child))
    run_jobs()
    with database.reading() as session:
        assert fresh(session, top).status == InstanceStatus.COMPLETED
        assert instances.data_of(session, fresh(session, top))["asked"] == {
            "total": 1, "completed": 1, "cancelled": 0, "outcomes": {"end": 1}, "outcome": "end"
        }  # fmt: skip


@pytest.mark.parametrize("items", [["a", "a"], "not a list", [{"name": "no id"}]])
def test_items_that_are_no_items_become_an_incident_and_start_nothing(items: object) -> None:
    loose = d.process(
        d.start(), d.call("all", "signature", item="who"), d.end(), d.chain("start", "all", "end"),
        key="loose", inputs=["unit_ids"],
    )  # fmt: skip
    with database.transaction() as session:
        deploy(session, signature())
        deploy_unchecked(session, loose, "loose")
        parent = start(session, "loose", unit_ids=items, year=2019).id
    run_jobs()
    with database.reading() as session:
        assert children(session, parent) == []
        (incident,) = incidents_of(session, parent)
        assert (incident.kind.value, incident.element) == ("service_task", "all")
        assert "step_failed" in incident.error
        assert fresh(session, parent).open_incidents == 1


def test_a_called_process_without_a_version_in_force_is_tried_again_then_an_incident(
    noon: ScriptedClock,
) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 2).id
        definitions.retire(session, definitions.active(session, "signature").id, by=OFFICER, at=NOON)
    for _ in range(5):
        run_jobs()
        noon.advance(seconds=3600)
    with database.transaction() as session:
        assert [incident.error for incident in incidents_of(session, parent)] == [
            "definition_unknown: no active definition signature"
        ]
        deploy(session, signature())
        worker.retry(session, the_service(session, parent).id, by=OFFICER, at=NOON)
    run_jobs()
    assert len(_children(parent)) == 2


def test_two_hundred_units_start_in_one_transaction() -> None:
    parent = _round(200)
    found = _children(parent)
    assert len(found) == 200
    with database.reading() as session:
        opened = session.scalar(sa.text("SELECT count(*) FROM human_task WHERE status = 'open'"))
        moments = session.scalar(
            sa.text("SELECT count(DISTINCT xmin::text) FROM process_instance WHERE parent_id IS NOT NULL")
        )
    assert (opened, moments) == (200, 1)
