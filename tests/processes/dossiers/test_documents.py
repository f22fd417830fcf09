"""The machine's steps: a draft beside the decision, one number whatever happens, trouble that can be mended."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.processes.dossiers.office import REQUEST, Office, example, with_xml
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.documents.models import Document, DocumentState, RegisterBook, RegisterEntry
from workflow_app.engine import repair
from workflow_app.engine.models import Incident, ServiceTask
from workflow_app.engine.operations import OperationJob
from workflow_app.engine.operations import get as operation
from workflow_app.notifications.models import Notification
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.processes.dossiers.models import DossierState

APPROVED = {"ket_qua": "duyet", "muc_duyet": "5.000.000"}


def walked(office: Office) -> UUID:
    made = office.start("chair1")
    office.complete("chair1", "de_nghi", REQUEST)
    office.complete("standing", "phe_duyet", APPROVED)
    return made


def test_a_step_that_runs_twice_takes_one_number_and_makes_one_document(office: Office) -> None:
    office.deploy()
    made = walked(office)
    with reading() as session:
        task = session.scalars(sa.select(ServiceTask)).one()
        dossier = office.dossier(made)
        job = OperationJob(
            task_id=task.id, instance_id=task.instance_id, element=task.element, params=task.params,
            scope=dossier.scope, business_type="dossier", business_id=made, at=task.created_at, attempt=2, data={},
        )  # fmt: skip
    result = operation(task.operation).work(job)  # a worker was killed after its commit and asks again
    with reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RegisterEntry)) == 1
        document = session.scalars(sa.select(Document)).one()
        assert result["made"].rendered.file_sha256 == document.versions[-1].file_sha256


def test_numbers_of_a_unit_go_on_without_holes(office: Office) -> None:
    office.deploy()
    for _ in range(3):
        walked(office)
    with reading() as session:
        entries = session.scalars(sa.select(RegisterEntry).order_by(RegisterEntry.number)).all()
        assert [entry.full_symbol for entry in entries] == ["01/QĐ-LĐLĐ", "02/QĐ-LĐLĐ", "03/QĐ-LĐLĐ"]
        book = session.scalars(sa.select(RegisterBook)).one()
        assert (book.owner_unit_id, book.year, book.last_number) == (office.federation_id, 2019, 3)


def test_who_opened_it_is_told_and_the_unit_receives_it(office: Office) -> None:
    office.deploy()
    made = walked(office)
    with reading() as session:
        document = session.scalars(sa.select(Document)).one()
        told = session.scalars(sa.select(Notification)).all()
        assert [(each.person_id, each.target) for each in told if each.target.startswith("/documents")] == [
            (office.people["chair1"], f"/documents/{document.id}")
        ]
        assert document.owner_id == made
        assert office.unit_ids[0] in _recipients(document.id)


def _recipients(document_id: UUID) -> set[UUID | None]:
    from workflow_app.documents.models import Distribution

    with reading() as session:
        query = sa.select(Distribution.recipient_unit_id).where(Distribution.document_id == document_id)
        return set(session.scalars(query))


def test_a_unit_without_a_symbol_is_trouble_that_an_operator_mends_and_tries_again(
    office: Office, march: clock.ScriptedClock
) -> None:
    office.deploy()
    with transaction() as session:
        session.execute(sa.update(UnitPeriod).values(symbol=""))
    made = walked(office)
    for _ in range(6):  # the waits between the attempts
        march.advance(seconds=3600)
        jobs.run_until_idle()
    with reading() as session:
        incident = session.scalars(sa.select(Incident)).one()
        assert incident.error.startswith("symbol_missing")
        assert session.scalar(sa.select(sa.func.count()).select_from(RegisterEntry)) == 0
    with transaction() as session:
        session.execute(sa.update(UnitPeriod).values(symbol="LĐLĐ"))
    with transaction() as session:
        repair.retry(session, incident.subject_id, by=office.people["admin"], at=clock.now())
    jobs.run_until_idle()
    assert office.dossier(made).state is DossierState.COMPLETED


def test_a_draft_stands_beside_the_decision_and_becomes_the_issued_text(office: Office) -> None:
    package = with_xml(
        example(),
        '<bpmn:sequenceFlow id="f_gui" sourceRef="de_nghi" targetRef="phe_duyet"/>',
        '<bpmn:sequenceFlow id="f_gui" sourceRef="de_nghi" targetRef="thao"/>'
        '<bpmn:sequenceFlow id="f_thao" sourceRef="thao" targetRef="phe_duyet"/>',
    )
    package = with_xml(
        package, "<bpmn:incoming>f_gui</bpmn:incoming>", "<bpmn:incoming>f_thao</bpmn:incoming>"
    )
    step = (
        example()
        .xml.decode()
        .split('<bpmn:serviceTask id="ban_hanh"')[1]
        .split("</bpmn:extensionElements>")[0]
    )
    step = step.replace("dossier.issue_document", "dossier.draft_document").replace("van_ban", "du_thao")
    made = '<bpmn:serviceTask id="thao"' + step + "</bpmn:extensionElements><bpmn:incoming>f_gui</bpmn:incoming><bpmn:outgoing>f_thao</bpmn:outgoing></bpmn:serviceTask>"  # fmt: skip
    package = with_xml(package, '<bpmn:endEvent id="da_ho_tro"', made + '<bpmn:endEvent id="da_ho_tro"')
    office.deploy(package)
    office.start("chair1")
    office.complete("chair1", "de_nghi", REQUEST)
    with reading() as session:
        document = session.scalars(sa.select(Document)).one()
        assert (document.state, len(document.versions), document.register_entry_id) == (
            DocumentState.DRAFT,
            1,
            None,
        )
    office.complete("standing", "phe_duyet", APPROVED)
    with reading() as session:
        document = session.scalars(sa.select(Document)).one()
        assert (document.state, len(document.versions)) == (DocumentState.ISSUED, 2)


@pytest.mark.parametrize("issuer", ["unit", "federation"])
def test_the_diagram_says_whose_document_it_is(office: Office, issuer: str) -> None:
    parameter = f'<spiffworkflow:parameter id="issuer" type="str" value="\'{issuer}\'"/>'
    marker = '<spiffworkflow:parameter id="signed_by"'
    office.deploy(with_xml(example(), marker, parameter + marker))
    with transaction() as session:
        session.execute(
            sa.update(UnitPeriod).where(UnitPeriod.unit_id == office.unit_ids[0]).values(symbol="CĐCS1")
        )
    walked(office)
    with reading() as session:
        entry = session.scalars(sa.select(RegisterEntry)).one()
    assert entry.full_symbol == {"unit": "01/QĐ-CĐCS1", "federation": "01/QĐ-LĐLĐ"}[issuer]
