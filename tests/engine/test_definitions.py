"""Diagrams have versions; what runs stays on its own."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine.diagrams import chain, end, process, start, user
from tests.engine.runtime import KNOWN, NOON, OFFICER, approval, complete, deploy, fresh, lanes, the_task
from tests.engine.runtime import start as begin
from workflow_app.engine import definitions
from workflow_app.engine.errors import DiagramRefused
from workflow_app.engine.models import DefinitionStatus, ProcessDefinition
from workflow_app.engine.refusals import DefinitionNotActive, DefinitionUnknown


def test_the_same_bytes_are_the_same_version(session: Session) -> None:
    first = deploy(session, approval())
    assert deploy(session, approval()) is first
    assert session.scalar(sa.select(sa.func.count()).select_from(ProcessDefinition)) == 1


def test_a_changed_diagram_is_the_next_version_and_comes_into_force(session: Session) -> None:
    first, second = deploy(session, approval()), deploy(session, approval("Phê duyệt, sửa đổi"))
    assert (first.version, second.version) == (1, 2)
    assert (first.status, second.status) == (DefinitionStatus.RETIRED, DefinitionStatus.ACTIVE)
    assert definitions.active(session, "approval") is second
    assert [one.version for one in definitions.versions(session, "approval")] == [2, 1]


def test_a_draft_waits_for_somebody_to_activate_it(session: Session) -> None:
    first = deploy(session, approval())
    second = definitions.deploy(session, approval("Bản 2"), by=OFFICER, at=NOON, known=KNOWN, activate=False)
    assert second.status == DefinitionStatus.DRAFT
    assert definitions.active(session, "approval") is first
    definitions.activate(session, second.id, by=OFFICER, at=NOON)
    assert definitions.active(session, "approval") is second


def test_an_earlier_version_can_be_brought_back(session: Session) -> None:
    first, second = deploy(session, approval()), deploy(session, approval("Bản 2"))
    definitions.activate(session, first.id, by=OFFICER, at=NOON)
    assert definitions.active(session, "approval") is first
    assert second.status == DefinitionStatus.RETIRED


def test_after_retirement_nothing_starts(session: Session) -> None:
    definition = deploy(session, approval())
    definitions.retire(session, definition.id, by=OFFICER, at=NOON)
    with pytest.raises(DefinitionUnknown, match="no active definition approval"):
        begin(session, "approval")
    with pytest.raises(DefinitionNotActive):
        definitions.retire(session, definition.id, by=OFFICER, at=NOON)


def test_a_running_instance_stays_on_its_version(session: Session) -> None:
    old = deploy(session, approval())
    running = begin(session, "approval")
    shorter = process(
        start(), user("draft", "draft_form"), end(), chain("start", "draft", "end"), key="approval",
        inputs=["deadline"], lanes=lanes(bloc_leader=("draft",)),
    )  # fmt: skip
    new = deploy(session, shorter)
    step = complete(session, the_task(session, running))
    assert [task.element for task in step.new_tasks] == ["approve"]
    assert fresh(session, running).definition_id == old.id
    assert complete(session, the_task(session, begin(session, "approval"))).ended
    assert definitions.active(session, "approval") is new


def test_a_faulty_diagram_is_refused_with_its_element_and_nothing_is_stored(session: Session) -> None:
    nowhere = process(start(), user("draft", "no_such_form"), end(), chain("start", "draft", "end"))
    with pytest.raises(DiagramRefused) as refused:
        deploy(session, nowhere)
    assert ("form_unknown", "draft") in {(one.code, one.element) for one in refused.value.findings}
    assert session.scalar(sa.select(sa.func.count()).select_from(ProcessDefinition)) == 0


@pytest.mark.parametrize("change", [{"xml": b""}, {"key": "other"}, {"version": 7}, {"sha256": "x"}])
def test_the_database_keeps_a_version_as_it_was_deployed(session: Session, change: dict[str, Any]) -> None:
    deploy(session, approval())
    with pytest.raises(sa.exc.IntegrityError, match="is final"):
        session.execute(sa.update(ProcessDefinition).values(change))


def test_the_database_lets_no_version_go(session: Session) -> None:
    definition = deploy(session, approval())
    with pytest.raises(sa.exc.IntegrityError, match="is final"):
        session.execute(sa.delete(ProcessDefinition).where(ProcessDefinition.id == definition.id))


def test_a_compiled_diagram_costs_no_query(session: Session) -> None:
    definition = deploy(session, approval())
    definitions.compiled(session, definition.id)
    session.expunge_all()
    assert definitions.compiled(None, definition.id).key == "approval"  # type: ignore[arg-type]  # no session is the point


def test_an_unknown_version_is_named(session: Session) -> None:
    with pytest.raises(DefinitionUnknown):
        definitions.compiled(session, OFFICER)
    with pytest.raises(DefinitionUnknown):
        definitions.activate(session, OFFICER, by=OFFICER, at=NOON)
