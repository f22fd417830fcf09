"""Who opens, sees, decides and cancels a dossier; what it asks for when its roles need a unit or a bloc."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.processes.dossiers.office import KEY, REQUEST, Office, example, form_of, with_form, with_xml
from tests.processes.pledges.screens import add_stranger
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Forbidden, Invalid, NotFound
from workflow_app.organisations import service as organisations
from workflow_app.organisations.errors import FourEyes
from workflow_app.processes.dossiers.errors import DossierClosed, DossierUnknown, ProcessNotOffered
from workflow_app.processes.dossiers.handlers.opening import cancel
from workflow_app.processes.dossiers.models import DossierState
from workflow_app.processes.dossiers.service import opening
from workflow_app.processes.dossiers.service.access import dossier_of
from workflow_app.processes.dossiers.views import listing

STANDING = 'id="federation_standing"'


def cancelled(office: Office, who: str, dossier_id: UUID, reason: str = "Mở nhầm") -> None:
    with transaction() as session:
        cancel(session, office.actor(who), dossier_id, reason=reason, op_id=uuid4(), at=clock.now())


def offered(office: Office, who: str) -> list[str]:
    with reading() as session:
        return [offer.drawn.key for offer in opening.offers(session, office.actor(who))]


def test_only_the_role_of_the_start_lane_is_offered_the_process(office: Office) -> None:
    assert offered(office, "chair1") == []
    office.deploy()
    assert offered(office, "chair1") == [KEY]
    assert offered(office, "officer") == offered(office, "clerk") == []
    with pytest.raises(ProcessNotOffered):
        office.start("officer")
    with pytest.raises(ProcessNotOffered):
        office.start("chair1", key="pledge")


def test_a_dossier_exists_for_its_unit_and_federation_and_for_nobody_else(office: Office) -> None:
    add_stranger(office)
    office.deploy()
    made = office.start("chair1")
    with reading() as session:
        for who in ("chair1", "officer", "standing"):
            assert dossier_of(session, made, office.actor(who)).id == made
            assert listing.rows(session, office.actor(who), listing.Wanted())[1] == 1
        for who in ("chair2", "stranger"):
            with pytest.raises(DossierUnknown):
                dossier_of(session, made, office.actor(who))
            assert listing.rows(session, office.actor(who), listing.Wanted()) == ([], 0)
    with pytest.raises(NotFound):
        cancelled(office, "chair2", made)


def test_who_asked_does_not_approve_not_even_in_another_office(office: Office) -> None:
    office.deploy()
    office.start("chair1")
    office.complete("chair1", "de_nghi", REQUEST)
    with transaction() as session:
        organisations.appoint(
            session, person_id=office.people["chair1"], unit_id=office.federation_id,
            office_code="federation_vice_chair", valid_from=clock.today(),
        )  # fmt: skip
    with pytest.raises(FourEyes):
        office.complete("chair1", "phe_duyet", {"ket_qua": "duyet", "muc_duyet": "500.000"})
    office.complete("standing", "phe_duyet", {"ket_qua": "duyet", "muc_duyet": "500.000"})


def test_a_dossier_is_cancelled_with_a_reason_and_once(office: Office) -> None:
    office.deploy()
    made = office.start("chair1")
    with pytest.raises(Invalid):
        cancelled(office, "chair1", made, "  ")
    with pytest.raises(Forbidden):
        cancelled(office, "clerk", made)
    cancelled(office, "chair1", made)
    assert office.dossier(made).state is DossierState.CANCELLED
    with pytest.raises(DossierClosed):
        cancelled(office, "officer", made)
    with pytest.raises(Exception, match="No row was found"):
        office.task("de_nghi")


def test_a_process_that_the_federation_starts_asks_which_unit_it_is_for(office: Office) -> None:
    package = with_xml(example(), STANDING, 'id="records_clerk"')
    package = with_xml(package, "<bpmn:flowNodeRef>mo</bpmn:flowNodeRef>\n", "")
    package = with_xml(package, "<bpmn:flowNodeRef>phe_duyet<", "<bpmn:flowNodeRef>mo</bpmn:flowNodeRef><bpmn:flowNodeRef>phe_duyet<")  # fmt: skip
    office.deploy(package)
    with pytest.raises(Invalid) as refused:
        office.start("clerk")
    assert [error.field for error in refused.value.errors] == ["unit"]
    with pytest.raises(Invalid):
        office.start("clerk", unit_id=office.federation_id)
    made = office.start("clerk", unit_id=office.unit_ids[1], title="Hỗ trợ đơn vị 2")
    assert office.dossier(made).unit_id == office.unit_ids[1]
    office.complete("chair2", "de_nghi", REQUEST)


def test_a_role_of_the_bloc_asks_for_a_bloc_of_the_starter(office: Office) -> None:
    office.deploy(with_xml(example(), STANDING, 'id="bloc_leader"'))
    with pytest.raises(Invalid) as refused:
        office.start("chair2")
    assert [error.field for error in refused.value.errors] == ["bloc"]
    made = office.start("chair2", bloc_id=office.bloc_id)
    office.complete("chair2", "de_nghi", REQUEST)
    office.complete("chair1", "phe_duyet", {"ket_qua": "khong_duyet", "y_kien": "Không đủ điều kiện"})
    assert office.dossier(made).state is DossierState.COMPLETED


@pytest.mark.parametrize(
    ("kind", "right", "wrong"), [("unit", "unit", "person"), ("person", "person", "unit")]
)
def test_a_unit_or_person_is_one_of_those_that_the_page_offers(
    office: Office, kind: str, right: str, wrong: str
) -> None:
    source: dict[str, Any] = form_of(example(), "de_nghi")
    source["properties"]["ai"] = {"type": "string", "format": "uuid", "x-kind": kind, "title": "Ai"}
    office.deploy(with_form(example(), "de_nghi", source))
    office.start("chair1")
    ids = {"unit": office.unit_ids[1], "person": office.people["chair2"]}
    for bad in (ids[wrong], uuid4()):
        with pytest.raises(Invalid) as refused:
            office.complete("chair1", "de_nghi", {**REQUEST, "ai": str(bad)})
        assert [error.vi for error in refused.value.errors] == ["Chọn ai trong danh sách."]
    office.complete("chair1", "de_nghi", {**REQUEST, "ai": str(ids[right])})


def test_the_list_is_found_by_words_without_marks_and_by_state(office: Office) -> None:
    office.deploy()
    office.start("chair1", title="Hỗ trợ anh Bình")
    office.start("chair1")
    with reading() as session:
        actor = office.actor("chair1")

        def found(**wanted: Any) -> list[str]:
            return [row.dossier.title for row in listing.rows(session, actor, listing.Wanted(**wanted))[0]]

        assert found() == ["Hỗ trợ đoàn viên khó khăn – CĐCS Sở số 1", "Hỗ trợ anh Bình"]
        assert found(words="binh") == ["Hỗ trợ anh Bình"]
        assert found(state=DossierState.COMPLETED) == []
        assert found(process="khac") == []
        assert listing.rows(session, actor, listing.Wanted())[0][0].waiting == "Lập đề nghị hỗ trợ"
