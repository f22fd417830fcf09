"""A stored instance goes over to another version of its diagram: safely, in one transaction, or not at all."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine import diagrams as d
from tests.engine.runtime import (
    KNOWN,
    LEADER,
    NOON,
    OFFICER,
    approval,
    children,
    complete,
    deploy,
    events,
    fresh,
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
from workflow_app.engine import definitions, instances, migration, projection, tasks
from workflow_app.engine.models import InstanceStatus, ProcessDefinition, ProcessInstance, ProcessNote, Timer
from workflow_app.engine.refusals import (
    DefinitionUnknown,
    InstanceEnded,
    InstanceUnknown,
    MigrationPointless,
    MigrationUnsafe,
    ReasonMissing,
    VersionNotReleased,
)

CHECKED = approval(name="Phê duyệt, bản 2").replace(
    b'<bpmn:exclusiveGateway id="decided"',
    d.user("check", "draft_form", "Rà soát").encode() + b'<bpmn:exclusiveGateway id="decided"',
)
for _old, _new in (
    (d.flow("approve", "decided"), d.flow("approve", "check") + d.flow("check", "decided")),
    ("<bpmn:flowNodeRef>approve</bpmn:flowNodeRef>", "<bpmn:flowNodeRef>approve</bpmn:flowNodeRef><bpmn:flowNodeRef>check</bpmn:flowNodeRef>"),
):  # fmt: skip
    assert _old.encode() in CHECKED
    CHECKED = CHECKED.replace(_old.encode(), _new.encode())
RENAMED = approval(name="Phê duyệt, bản 3").replace("Soạn dự thảo".encode(), "Viết dự thảo".encode())
OTHER_FORM = approval(name="Phê duyệt, bản 4").replace(b'"draft_form"', b'"conclude_form"')
# The join waits for a branch that nobody begins: whoever stands before it would never get on.
STALLS = d.process(
    d.start(), d.user("draft", "draft_form", "Soạn dự thảo", due="deadline"), d.user("approve", "approve_form", "Phê duyệt"),
    d.exclusive("either", "either_join"), d.user("other", "draft_form"), d.parallel("join"), d.end(),
    d.chain("start", "draft", "approve", "either"), d.flow("either", "join", id_="either_join"),
    d.flow("either", "other", "decision == 'return'"), d.chain("other", "join", "end"), key="approval",
    inputs=["deadline"], lanes=lanes(bloc_leader=("draft", "other"), federation_officer=("approve",)),
)  # fmt: skip


@pytest.fixture
def running(session: Session, noon: ScriptedClock) -> ProcessInstance:
    """A draft is being written on version 1."""
    deploy(session, approval())
    return start(session, "approval")


def migrate(
    session: Session, instance: ProcessInstance | UUID, to: ProcessDefinition, reason: str = "Bổ sung rà soát"
) -> ProcessInstance:
    identity = instance if isinstance(instance, UUID) else instance.id
    moved = migration.migrate(session, identity, to.id, reason=reason, by=OFFICER, at=NOON, known=KNOWN)
    assert projection.differences(session, moved) == []
    return moved


def found(session: Session, instance: ProcessInstance | UUID, to: ProcessDefinition) -> set[tuple[str, str]]:
    identity = instance if isinstance(instance, UUID) else instance.id
    seen = migration.preview(session, identity, to.id, known=KNOWN)
    return {(each.code, each.element) for each in seen}


def test_a_migrated_instance_does_the_new_step_and_runs_to_its_end(
    committed: None, noon: ScriptedClock
) -> None:
    with database.transaction() as session:
        deploy(session, approval())
        instance_id = start(session, "approval").id
        newer = deploy(session, CHECKED)
        assert found(session, instance_id, newer) == set()
        migrate(session, instance_id, newer)
    with database.transaction() as session:
        complete(session, the_task(session, instance_id))
        complete(session, the_task(session, instance_id), by=OFFICER, decision="approve")
        assert the_task(session, instance_id).element == "check"
        complete(session, the_task(session, instance_id), by=OFFICER)
        service = the_service(session, instance_id)
        live = projection.load(session, fresh(session, instance_id))
        live.machine.complete_service(service.id, "d1")
        projection.save(session, live, by=None, at=NOON, done=None)
    with database.reading() as session:
        ended = fresh(session, instance_id)
        assert (ended.status, ended.outcome) == (InstanceStatus.COMPLETED, "end")


def test_one_event_says_from_which_version_to_which_and_why(
    session: Session, running: ProcessInstance
) -> None:
    newer = deploy(session, CHECKED)
    rev = running.rev
    migrate(session, running, newer)
    assert [event["action"] for event in events(session, running.id)][rev:] == ["instance.migrated"]
    assert fresh(session, running).rev == rev + 1
    note = session.get_one(ProcessNote, (running.id, rev + 1))
    assert (note.text, note.written_by) == ("Bổ sung rà soát", OFFICER)
    assert fresh(session, running).definition_id == newer.id


def test_claims_and_deadlines_stay_and_an_open_task_gets_its_new_name(
    session: Session, running: ProcessInstance
) -> None:
    task = the_task(session, running)
    tasks.claim(session, task.id, by=LEADER, at=NOON)
    before = (task.id, task.due_at, task.created_at, task.order_at)
    migrate(session, running, deploy(session, RENAMED))
    after = the_task(session, running)
    assert (after.id, after.due_at, after.created_at, after.order_at) == before
    assert (after.name, after.assignee_id, after.claimed_at) == ("Viết dự thảo", LEADER, NOON)


@pytest.mark.parametrize(
    ("completed", "newer", "codes"),
    [
        (0, OTHER_FORM, {("running_changed", "draft")}),
        (1, OTHER_FORM, {("behind_changed", "draft")}),
        (1, RENAMED, set()),
        (1, CHECKED, set()),
    ],
)
def test_what_has_been_reached_may_not_change(
    session: Session, running: ProcessInstance, completed: int, newer: bytes, codes: set[tuple[str, str]]
) -> None:
    for _ in range(completed):
        complete(session, the_task(session, running))
    target = deploy(session, newer)
    assert found(session, running, target) == codes
    if codes:
        state = fresh(session, running).state
        with pytest.raises(MigrationUnsafe) as refused:
            migrate(session, running, target)
        assert "«Soạn dự thảo»" in refused.value.vi
        assert refused.value.facts["findings"] == [each.vi for each in refused.value.findings]
        assert fresh(session, running).state == state
        assert fresh(session, running).definition_id != target.id


def test_a_way_ahead_that_stalls_is_found_by_walking_it(session: Session, running: ProcessInstance) -> None:
    target = ProcessDefinition(
        key="approval", version=2, name="x", sha256="s", xml=STALLS, status="retired", deployed_at=NOON
    )
    session.add(target)
    session.flush()
    assert ("stalls", "join") in found(session, running, target)
    with pytest.raises(MigrationUnsafe, match="stalls"):
        migrate(session, running, target)


def test_a_variable_that_nobody_has_set_for_this_instance_is_found(
    session: Session, running: ProcessInstance
) -> None:
    asks = approval(name="Hỏi").replace(b"decision == 'return'", b"strict == 1")
    asks = asks.replace(b'name="inputs" value="deadline"', b'name="inputs" value="deadline,strict"')
    assert found(session, running, deploy(session, asks)) == {("variable_unset", "decided")}


def test_running_children_stay_and_what_follows_them_changes(committed: None, noon: ScriptedClock) -> None:
    newer = signing().replace("Kết luận".encode(), "Kết luận vòng ký".encode())
    assert newer != signing()
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 2).id
    run_jobs()
    with database.transaction() as session:
        target = deploy(session, newer)
        before = [(child.id, child.rev, child.status) for child in children(session, parent)]
        due = session.scalars(sa.select(Timer.due_at).where(Timer.instance_id == parent)).one()
        migrate(session, parent, target)
        assert [(child.id, child.rev, child.status) for child in children(session, parent)] == before
        assert session.scalars(sa.select(Timer.due_at).where(Timer.instance_id == parent)).one() == due
        assert fresh(session, parent).open_children == 2
    with database.reading() as session:
        signers = children(session, parent)
    for child in signers:
        sign_as(child)
    run_jobs()
    with database.transaction() as session:
        assert the_task(session, parent).name == "Kết luận vòng ký"
        assert complete(session, the_task(session, parent)).ended


def test_a_fan_out_whose_children_run_may_not_change(committed: None, noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signature(key="signature2"), signing())
        parent = start_signing(session, 1).id
    run_jobs()
    with database.transaction() as session:
        known = signing().replace(b'calledElement="signature"', b'calledElement="signature2"')
        target = ProcessDefinition(
            key="signing", version=2, name="x", sha256="s", xml=known, status="active", deployed_at=NOON
        )
        definitions.retire(session, definitions.active(session, "signing").id, by=OFFICER, at=NOON)
        session.add(target)
        session.flush()
        with pytest.raises(MigrationUnsafe) as refused:
            migrate(session, parent, target)
        assert [(each.code, each.element) for each in refused.value.findings] == [
            ("children_running", "sign_all")
        ]
        assert "đang chạy" in refused.value.vi


def test_a_child_goes_over_by_itself_and_its_parent_does_not_notice(
    committed: None, noon: ScriptedClock
) -> None:
    newer = signature().replace("Ký giao ước".encode(), "Ký bản giao ước".encode())
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 2).id
    run_jobs()
    with database.transaction() as session:
        target = deploy(session, newer)
        rev = fresh(session, parent).rev
        first, second = children(session, parent)
        migrate(session, first, target)
        assert the_task(session, first).name == "Ký bản giao ước"
        assert the_task(session, second).name == "Ký giao ước"
        assert fresh(session, parent).rev == rev
    for child in (first, second):
        sign_as(child)
    run_jobs()
    with database.reading() as session:
        assert the_task(session, parent).element == "conclude"


def test_whoever_dies_in_between_has_changed_nothing(committed: None, noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy(session, approval())
        instance_id = start(session, "approval").id
        target = deploy(session, CHECKED)
    with database.reading() as session:
        before = fresh(session, instance_id)
        kept = (before.state, before.rev, before.definition_id, events(session, instance_id))
    with pytest.raises(KeyboardInterrupt), database.transaction() as session:
        migrate(session, instance_id, target)
        raise KeyboardInterrupt
    with database.reading() as session:
        after = fresh(session, instance_id)
        assert (after.state, after.rev, after.definition_id, events(session, instance_id)) == kept


def test_a_suspended_instance_rests_on_its_new_version_too(
    session: Session, running: ProcessInstance
) -> None:
    instances.suspend(session, running.id, reason="x", by=OFFICER, at=NOON)
    migrate(session, running, deploy(session, CHECKED))
    assert open_tasks(session, running) == []
    instances.resume(session, running.id, reason="x", by=OFFICER, at=NOON)
    assert the_task(session, running).element == "draft"


def test_refusals_have_names(session: Session, running: ProcessInstance) -> None:
    first = definitions.active(session, "approval")
    draft = definitions.deploy(session, CHECKED, by=OFFICER, at=NOON, known=KNOWN, activate=False)
    foreign = deploy(session, signature())
    with pytest.raises(MigrationPointless):
        migrate(session, running, first)
    with pytest.raises(VersionNotReleased):
        migrate(session, running, draft)
    with pytest.raises(DefinitionUnknown):
        migrate(session, running, foreign)
    with pytest.raises(InstanceUnknown):
        migrate(session, new_id(), first)
    with pytest.raises(ReasonMissing):
        migrate(session, running, first, reason=" ")
    instances.cancel(session, running.id, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceEnded):
        migrate(session, running, definitions.activate(session, draft.id, by=LEADER, at=NOON))


def test_what_runs_on_earlier_versions_is_listed(session: Session, running: ProcessInstance) -> None:
    newer = deploy(session, CHECKED)
    start(session, "approval")
    assert [each.id for each in migration.outdated(session, newer)] == [running.id]
    assert migration.outdated(session, newer, federation_id=new_id()) == []
    assert migration.outdated(session, session.get_one(ProcessDefinition, running.definition_id)) == []
    assert migration.version(session, running.id, 2).id == newer.id
    with pytest.raises(DefinitionUnknown):
        migration.version(session, running.id, 3)
