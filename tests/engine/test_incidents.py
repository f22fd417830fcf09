"""A process that cannot go on says so: nothing half done, nothing in silence."""

import logging
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine import diagrams as d
from tests.engine.runtime import (
    LEADER,
    NOON,
    OFFICER,
    approval,
    complete,
    deploy,
    deploy_unchecked,
    events,
    fresh,
    incidents_of,
    lanes,
    start,
    the_task,
)
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.errors import Unavailable
from workflow_app.core.ids import new_id
from workflow_app.engine import incidents, instances, tasks
from workflow_app.engine.models import InstanceStatus, ProcessNote
from workflow_app.engine.refusals import EngineStalled, IncidentUnknown, InstanceSuspended, ReasonMissing
from workflow_app.engine.repair import resolve, retry_incident

pytestmark = pytest.mark.usefixtures("committed")

# The join waits for a second branch that never comes: the deploy check refuses it, the engine would stop in silence.
STALLING = d.process(
    d.start(), d.user("draft", "draft_form"), d.exclusive("either", "either_join"), d.user("other", "draft_form"),
    d.parallel("join"), d.end(), d.chain("start", "draft", "either"), d.flow("either", "join", id_="either_join"),
    d.flow("either", "other", "deadline == ''"), d.chain("other", "join", "end"),
    key="stalling", inputs=["deadline"], lanes=lanes(bloc_leader=("draft", "other")),
)  # fmt: skip
FAILING = d.process(
    d.start(), d.user("draft", "approve_form"), d.exclusive("which", "which_end"), d.end(), d.end("big"),
    d.chain("start", "draft", "which"), d.flow("which", "big", "decision &gt; 3"), d.flow("which", "end", id_="which_end"),
    key="failing", inputs=["deadline"], lanes=lanes(bloc_leader=("draft",)),
)  # fmt: skip


@pytest.fixture
def stalling(noon: ScriptedClock) -> UUID:
    with database.transaction() as session:
        deploy_unchecked(session, STALLING, "stalling")
        return start(session, "stalling").id


@pytest.fixture
def failing(noon: ScriptedClock) -> UUID:
    with database.transaction() as session:
        deploy_unchecked(session, FAILING, "failing")
        return start(session, "failing").id


def _act(instance_id: UUID, **outcome: object) -> None:
    """A person's act with a domain row of its own, in one transaction."""
    with database.transaction() as session:
        session.add(ProcessNote(instance_id=instance_id, rev=99, action="test", text="x", written_at=NOON))
        complete(session, the_task(session, instance_id), by=LEADER, **outcome)  # type: ignore[arg-type]  # outcome only


def test_a_stall_undoes_the_act_opens_an_incident_and_tells_the_person(stalling: UUID) -> None:
    with pytest.raises(EngineStalled) as told:
        _act(stalling)
    assert isinstance(told.value, Unavailable)
    assert "CHƯA được ghi nhận" in told.value.vi
    assert told.value.facts == {"instance_id": stalling, "element": "draft", "cause": "stalled"}
    with database.reading() as session:
        stored = fresh(session, stalling)
        assert the_task(session, stalling).element == "draft"
        assert session.get(ProcessNote, (stalling, 99)) is None
        assert (stored.status, stored.open_incidents, stored.rev) == (InstanceStatus.RUNNING, 1, 2)
        (incident,) = incidents_of(session, stalling)
        assert (incident.kind.value, incident.element, incident.error.split(":")[0]) == (
            "human_task",
            "draft",
            "stalled",
        )
        assert [event["action"] for event in events(session, stalling)] == [
            "instance.started",
            "incident.opened",
        ]


def test_a_condition_that_fails_is_an_incident_too(failing: UUID) -> None:
    with pytest.raises(EngineStalled) as told:
        _act(failing, decision="approve")
    assert told.value.facts["cause"] == "expression_failed"
    with database.reading() as session:
        assert len(incidents_of(session, failing)) == 1


def test_the_same_stall_again_is_counted_on_the_same_incident(stalling: UUID) -> None:
    for _ in range(3):
        with pytest.raises(EngineStalled):
            _act(stalling)
    with database.reading() as session:
        (incident,) = incidents_of(session, stalling)
        assert (incident.times, fresh(session, stalling).open_incidents, fresh(session, stalling).rev) == (
            3,
            1,
            2,
        )


def test_whoever_swallows_the_stall_cannot_commit_its_half(stalling: UUID) -> None:
    with pytest.raises(RuntimeError, match="never committed"), database.transaction() as session:
        found = tasks.lock(session, the_task(session, stalling).id)
        try:
            tasks.complete(session, found, outcome={}, by=LEADER, seat_id=None, at=NOON)
        except EngineStalled:
            session.execute(sa.text("UPDATE process_instance SET title = 'half'"))
    with database.reading() as session:
        assert fresh(session, stalling).title == "Giao ước 2019"
        assert len(incidents_of(session, stalling)) == 1


def test_a_returned_dossier_does_not_go_round_for_ever(noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy(session, approval())
        running = start(session, "approval").id
    with pytest.raises(EngineStalled) as told:
        for _ in range(60):
            with database.transaction() as session:
                complete(session, the_task(session, running))
                complete(session, the_task(session, running), by=OFFICER, decision="return")
    assert told.value.facts["cause"] == "loop_cap"
    with database.reading() as session:
        (incident,) = incidents_of(session, running)
        assert incident.error.startswith("loop_cap")
        assert the_task(session, running)


def test_an_operator_closes_an_incident_with_a_reason(stalling: UUID) -> None:
    with pytest.raises(EngineStalled):
        _act(stalling)
    with database.transaction() as session:
        (incident,) = incidents.open_incidents(session)
        with pytest.raises(ReasonMissing):
            resolve(session, incident.id, by=OFFICER, at=NOON, resolution=" ")
        resolve(session, incident.id, by=OFFICER, at=NOON, resolution="Đã sửa sơ đồ")
        assert (incident.resolved_by, incident.resolution) == (OFFICER, "Đã sửa sơ đồ")
    with database.transaction() as session:
        assert fresh(session, stalling).open_incidents == 0
        assert incidents.open_incidents(session) == []
        with pytest.raises(IncidentUnknown):
            resolve(session, incident.id, by=OFFICER, at=NOON, resolution="x")
        with pytest.raises(IncidentUnknown):
            retry_incident(session, new_id(), by=OFFICER, at=NOON)


def test_an_incident_of_a_suspended_instance_waits(stalling: UUID) -> None:
    with pytest.raises(EngineStalled):
        _act(stalling)
    with database.transaction() as session:
        instances.suspend(session, stalling, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceSuspended), database.transaction() as session:
        (incident,) = incidents.open_incidents(session)
        resolve(session, incident.id, by=OFFICER, at=NOON, resolution="x")


def test_cancelling_the_instance_closes_its_incidents(stalling: UUID) -> None:
    with pytest.raises(EngineStalled):
        _act(stalling)
    with database.transaction() as session:
        instances.cancel(session, stalling, reason="x", by=OFFICER, at=NOON)
    with database.reading() as session:
        assert fresh(session, stalling).open_incidents == 0
        assert [incident.resolution for incident in incidents_of(session, stalling)] == ["superseded"]


def test_incidents_are_listed_per_federation(stalling: UUID) -> None:
    with pytest.raises(EngineStalled):
        _act(stalling)
    with database.reading() as session:
        here = fresh(session, stalling).federation_id
        assert [
            incidents.facts(one)["element"] for one in incidents.open_incidents(session, federation_id=here)
        ] == ["draft"]
        assert incidents.open_incidents(session, federation_id=new_id()) == []


def test_an_incident_that_cannot_be_stored_is_at_least_logged(
    noon: ScriptedClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(EngineStalled), database.transaction() as session:
        deploy_unchecked(session, STALLING, "stalling")  # gone with the rollback, and the instance with it
        complete(session, the_task(session, start(session, "stalling")))
    assert "not stored: instance_unknown" in caplog.text
