"""REST: an administrator looks after running instances by token."""

from uuid import UUID, uuid4

import pytest

from tests.api.conftest import Call
from tests.processes.pledges.world import SINCE, World
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine import incidents
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.incidents import Trouble
from workflow_app.engine.models import IncidentKind, InstanceStatus, ProcessInstance
from workflow_app.organisations import service as organisations


@pytest.fixture
def running(world: World) -> UUID:
    """A pledge that is being drafted, and an administrator."""
    with transaction() as session:
        person = organisations.add_person(session, full_name="Đặng Văn Quản")
        organisations.appoint(
            session,
            person_id=person.id,
            unit_id=world.federation_id,
            office_code="administrator",
            valid_from=SINCE,
        )
        organisations.open_account(session, person.id, username="admin", at=clock.now())
        world.people["admin"] = person.id
    world.open()
    instance_id = world.pledge().instance_id
    assert instance_id
    return instance_id


def status_of(instance_id: UUID) -> InstanceStatus:
    with reading() as session:
        return session.get_one(ProcessInstance, instance_id).status


def test_suspending_and_resuming_by_token(call: Call, world: World, running: UUID) -> None:
    path = f"/instances/{running}"
    assert call("admin", "POST", f"{path}/suspension", json={"reason": " "}).json["code"] == "reason_missing"
    assert call("admin", "POST", f"{path}/suspension", json={}).status_code == 422
    assert call("admin", "POST", f"{path}/suspension", json={"reason": "Chờ ý kiến"}).status_code == 204
    assert status_of(running) is InstanceStatus.SUSPENDED
    again = call("admin", "POST", f"{path}/suspension", json={"reason": "x"})
    assert (again.status_code, again.json["code"]) == (409, "instance_suspended")
    assert call("admin", "POST", f"{path}/resumption", json={"reason": "Đã có"}).status_code == 204
    assert status_of(running) is InstanceStatus.RUNNING


def test_a_pledge_is_cancelled_on_its_own_page(call: Call, world: World, running: UUID) -> None:
    answer = call("admin", "POST", f"/instances/{running}/cancellation", json={"reason": "x"})
    assert (answer.status_code, answer.json["code"]) == (409, "cancelled_by_its_process")
    assert status_of(running) is InstanceStatus.RUNNING


def test_only_an_administrator_of_the_federation_operates(call: Call, world: World, running: UUID) -> None:
    for who, status in (("officer", 403), ("chair1", 404)):
        for act in ("suspension", "resumption", "cancellation"):
            answer = call(who, "POST", f"/instances/{running}/{act}", json={"reason": "x"})
            assert answer.status_code == status, (who, act)
        assert call(who, "GET", f"/instances/{running}/migration?to=2").status_code == status
        assert call(who, "GET", "/incidents").status_code == 403


def test_incidents_are_listed_and_closed(call: Call, world: World, running: UUID) -> None:
    trouble = Trouble(running, IncidentKind.HUMAN_TASK, world.task("draft"), "draft")
    incidents.report(trouble, StepFailed("x"), at=clock.now())
    (row,) = call("admin", "GET", "/incidents").json["items"]
    assert (row["instance_id"], row["kind"], row["times"]) == (str(running), "human_task", 1)
    path = f"/incidents/{row['id']}"
    assert call("officer", "POST", f"{path}/attempts").status_code == 403
    assert call("admin", "POST", f"{path}/resolution", json={"reason": "Đã sửa"}).status_code == 204
    assert call("admin", "POST", f"{path}/attempts").json["code"] == "incident_unknown"
    assert call("admin", "POST", f"/incidents/{uuid4()}/attempts").status_code == 404
    assert call("admin", "GET", "/incidents").json["items"] == []


def test_a_version_is_tried_before_it_is_taken(call: Call, world: World, running: UUID) -> None:
    path = f"/instances/{running}/migration"
    assert call("admin", "GET", f"{path}?to=1").json["code"] == "migration_pointless"
    assert call("admin", "GET", f"{path}?to=2").json["code"] == "definition_unknown"
    assert call("admin", "GET", path).status_code == 422
    _deploy_renamed()
    assert call("admin", "GET", f"{path}?to=2").json == {"safe": True, "findings": []}
    assert call("admin", "POST", f"{path}?to=2", json={"reason": "Đổi tên"}).status_code == 204
    assert call("admin", "GET", f"{path}?to=2").json["code"] == "migration_pointless"


def _deploy_renamed() -> None:
    import bpmn
    from workflow_app.engine import definitions
    from workflow_app.processes.registry import catalogue

    changed = bpmn.diagram("pledge").replace(b"</bpmn:definitions>", b"<!-- newer -->\n</bpmn:definitions>")
    with transaction() as session:
        definitions.deploy(session, changed, by=None, at=clock.now(), known=catalogue())
