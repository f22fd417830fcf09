"""Bringing a process on the screen: a version is its drawing, its forms and its Word templates, checked together."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.documents.support import docx
from tests.processes.dossiers.office import KEY, REQUEST, Office, example, form_of, with_form, with_xml
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Invalid
from workflow_app.documents import template_changes, templates
from workflow_app.documents.models import TemplateStatus
from workflow_app.engine.errors import DiagramRefused, Finding
from workflow_app.engine.models import DefinitionStatus
from workflow_app.organisations.errors import FourEyes
from workflow_app.processes import deployment
from workflow_app.processes.dossiers.errors import TemplateReturned
from workflow_app.processes.process import Package

Change = Callable[[Package], Package]
TEMPLATE = f"{KEY}.quyet_dinh"


def refused(office: Office, package: Package) -> list[Finding]:
    with pytest.raises(DiagramRefused) as caught, transaction() as session:
        deployment.deploy(session, package, actor=ActorRef(office.people["author"]), at=clock.now())
    assert office.versions() == []
    return list(caught.value.findings)


def _xml(old: str, new: str) -> Change:
    return lambda package: with_xml(package, old, new)


def _without_form(package: Package) -> Package:
    return replace(package, forms={"de_nghi": package.forms["de_nghi"]})


def _without_label(package: Package) -> Package:
    source = form_of(package, "de_nghi")
    del source["properties"]["so_tien"]["title"]
    return with_form(package, "de_nghi", source)


def _no_decision(package: Package) -> Package:
    source = form_of(package, "phe_duyet")
    source["properties"]["ket_qua"]["x-decision"] = False
    return with_form(package, "phe_duyet", source)


def _word(text: str) -> Change:
    from document_templates.ooxml import paragraph

    return lambda package: replace(package, templates={"quyet_dinh": docx(paragraph("BodyText", text))})


@pytest.mark.parametrize(
    ("change", "where", "sentence"),
    [
        (_without_label, "de_nghi.json#so_tien", "ô chưa có nhãn"),
        (lambda package: with_form(package, "thua", form_of(package, "de_nghi")), "thua.json", "không việc nào trong sơ đồ dùng"),
        (lambda package: with_form(package, "de_nghi", b"{"), "de_nghi.json#", "không phải một đối tượng JSON"),
        (_without_form, "phe_duyet", "Hãy tải lên cùng sơ đồ tệp phe_duyet.json"),
        (_no_decision, "tra_lai", "biến «ket_qua» chưa được khai báo"),
        (_xml("ket_qua == 'tra_lai'", "ket_qua == 'sua_lai'"), "tra_lai", "không bao giờ là 'sua_lai'"),
        (_xml("ket_qua == 'tra_lai'", "so_tien &gt; 5"), "tra_lai", "biến «so_tien» chưa được khai báo"),
        (_xml("ket_qua == 'tra_lai'", "__import__('os')"), "tra_lai", ""),
        (_xml("<bpmn:flowNodeRef>mo</bpmn:flowNodeRef>", ""), "mo", "điểm bắt đầu chưa nằm trong làn"),
        (_xml('id="unit_chair"', 'id="chu_tich"'), "mo", "điểm bắt đầu chưa nằm trong làn"),
        (_xml('id="federation_standing"', 'id="ban_thuong_vu"'), "ban_thuong_vu", "không phải vai trò của hệ thống"),
        (_xml('id="dossier.issue_document"', 'id="pledge.freeze"'), "ban_hanh", "thao tác «pledge.freeze» không có"),
        (_xml('value="de_nghi"', 'value="pledge_sign"'), "de_nghi", "chưa có biểu mẫu «pledge_sign»"),
        (_xml("'quyet_dinh'", "quyet_dinh"), "ban_hanh", "dấu nháy đơn"),
        (_xml("'quyet_dinh'", "'khac'"), "quyet_dinh.docx", "không bước nào trong sơ đồ dùng mẫu này"),
        (_xml("id=\"kind\" type=\"str\" value=\"'QĐ'\"", "id=\"loai\" type=\"str\" value=\"'QĐ'\""), "ban_hanh", "tham số «loai» không có tác dụng"),
        (_xml("'phe_duyet'", "'ai_do'"), "ban_hanh", "signed_by nêu biểu mẫu «ai_do»"),
        (lambda package: replace(package, templates={}), "ban_hanh", "chưa có mẫu văn bản «quyet_dinh»"),
        (_word("{{ de_nghi.khong_co }}"), "quyet_dinh.docx", "khong_co"),
        (_word("{{ la.gi }}"), "quyet_dinh.docx", "Mẫu dùng tên “la”"),
        (_word("{{ de_nghi.tu_ngay }}"), "quyet_dinh.docx", "Hãy thêm bộ lọc ngày"),
        (_word("{% for a in de_nghi.giay_to %}"), "quyet_dinh.docx", "Thẻ trong mẫu viết sai"),
        (_word("{{ ''.__class__ }}"), "quyet_dinh.docx", "không được phép"),
        (lambda package: replace(package, templates={"quyet_dinh": b"PK"}), "quyet_dinh.docx", "không nguyên vẹn"),
        (_xml('<bpmn:process id="ho_tro_kho_khan"', '<bpmn:process id="Ho-Tro"'), "Ho-Tro", "mã quy trình"),
    ],
)  # fmt: skip
def test_a_broken_package_is_refused_in_a_sentence_that_names_what_to_mend(
    office: Office, change: Change, where: str, sentence: str
) -> None:
    found = refused(office, change(example()))
    told = [finding.vi for finding in found if finding.element == where]
    assert any(sentence in text for text in told), [(each.element, each.vi) for each in found]


def test_the_version_before_lends_what_was_not_brought_again(office: Office) -> None:
    first = office.deploy()
    changed = with_xml(example(), "Xét duyệt đề nghị", "Xét duyệt đề nghị hỗ trợ")
    second = office.deploy(Package(changed.xml))
    assert first != second
    with reading() as session:
        old, new = (deployment.brought(session, version) for version in office.versions())
    assert [form.key for form in new.forms] == ["de_nghi", "phe_duyet"]
    assert new.templates == old.templates


def test_the_same_package_is_the_same_version_and_another_form_is_another(office: Office) -> None:
    first = office.deploy()
    assert office.deploy() == first
    source = form_of(example(), "de_nghi")
    source["properties"]["so_tien"]["maximum"] = 30_000_000
    assert office.deploy(with_form(example(), "de_nghi", source)) != first
    assert [version.status for version in office.versions()] == [
        DefinitionStatus.RETIRED, DefinitionStatus.ACTIVE,
    ]  # fmt: skip


def test_a_running_dossier_keeps_the_forms_it_began_with(office: Office) -> None:
    office.deploy()
    office.start()
    source = form_of(example(), "de_nghi")
    source["properties"]["ly_do_khac"] = {"type": "string", "title": "Lý do khác"}
    source["required"].append("ly_do_khac")
    office.deploy(with_form(example(), "de_nghi", source))
    office.complete("chair1", "de_nghi", REQUEST)
    office.start("chair2")
    with pytest.raises(Invalid, match="ly_do_khac"):
        office.complete("chair2", "de_nghi", REQUEST, unit_id=office.unit_ids[1])


def test_who_brought_it_does_not_put_it_into_force_and_its_template_comes_along(office: Office) -> None:
    with transaction() as session:
        made = deployment.deploy(session, example(), actor=ActorRef(office.people["author"]), at=clock.now())
        made_id = made.id
    with pytest.raises(FourEyes), transaction() as session:
        deployment.activate(session, made_id, actor=ActorRef(office.people["author"]), at=clock.now())
    with reading() as session:
        assert [row.status for row in templates.versions(session, TEMPLATE)] == [TemplateStatus.DRAFT]
    with transaction() as session:
        deployment.activate(session, made_id, actor=ActorRef(office.people["author2"]), at=clock.now())
    with reading() as session:
        assert [row.status for row in templates.versions(session, TEMPLATE)] == [TemplateStatus.ACTIVE]


def test_a_version_whose_template_was_returned_does_not_come_into_force(office: Office) -> None:
    author, checker = ActorRef(office.people["author"]), ActorRef(office.people["author2"])
    with transaction() as session:
        made_id = deployment.deploy(session, example(), actor=author, at=clock.now()).id
        row = templates.versions(session, TEMPLATE)[0]
        template_changes.send_back(session, row.id, reason="Sai căn cứ", actor=checker, at=clock.now())
    with pytest.raises(TemplateReturned), transaction() as session:
        deployment.activate(session, made_id, actor=checker, at=clock.now())
    assert [version.status for version in office.versions()] == [DefinitionStatus.DRAFT]


def test_a_process_of_the_program_takes_no_forms(office: Office) -> None:
    import bpmn

    package = Package(bpmn.diagram("pledge"), example().forms)
    with pytest.raises(DiagramRefused, match="files_not_taken"), transaction() as session:
        deployment.deploy(session, package, actor=ActorRef(office.people["author"]), at=clock.now())


def test_what_was_downloaded_can_be_brought_again(office: Office) -> None:
    first = office.deploy()
    with reading() as session:
        from workflow_app.engine import diagram

        stored = diagram.xml_of(session, first)
    assert b"<?giao-uoc brought=" in stored
    assert office.deploy(replace(example(), xml=stored)) == first


def test_a_reworded_template_is_used_at_once_and_one_with_other_data_only_by_its_version(
    office: Office,
) -> None:
    office.deploy()
    with reading() as session:
        pinned = templates.versions(session, TEMPLATE)[0]
    reworded = docx_with(example().templates["quyet_dinh"], "chi từ ngân sách", "trích từ ngân sách")
    with transaction() as session:
        by, check = ActorRef(office.people["author"]), ActorRef(office.people["author2"])
        row = template_changes.upload(session, key=TEMPLATE, data=reworded, actor=by, at=clock.now())
        template_changes.activate(session, row.id, actor=check, at=clock.now())
    with reading() as session:
        assert templates.load_like(session, pinned.id).version == 2
    source = form_of(example(), "de_nghi")
    source["properties"]["them"] = {"type": "string", "title": "Thêm"}
    office.deploy(with_form(example(), "de_nghi", source))
    with reading() as session:
        assert templates.load_like(session, pinned.id).version == 1  # version 3 asks for data that it has not
        assert {row.version for row in templates.versions(session, TEMPLATE)} == {1, 2, 3}


def docx_with(data: bytes, old: str, new: str) -> bytes:
    from tests.documents.support import with_parts
    from workflow_app.documents.package import Package as Zip

    part = Zip.read(data).parts["word/document.xml"]
    assert old.encode() in part
    return with_parts(data, {"word/document.xml": part.replace(old.encode(), new.encode())})


def test_a_number_or_a_yes_can_decide_too(office: Office) -> None:
    """A condition on an amount and on a yes/no: both are variables because the form says so."""
    source: dict[str, Any] = form_of(example(), "phe_duyet")
    source["properties"]["vuot"] = {"type": "boolean", "title": "Vượt mức", "x-outcome": True}
    request = form_of(example(), "de_nghi")
    request["properties"]["so_tien"]["x-outcome"] = True
    package = with_form(with_form(example(), "phe_duyet", source), "de_nghi", request)
    package = with_xml(
        package, "ket_qua == 'tra_lai'", "ket_qua == 'tra_lai' or vuot or so_tien &gt; 10000000"
    )
    office.deploy(package)
    office.start()
    office.complete("chair1", "de_nghi", {**REQUEST, "so_tien": "15.000.000"})
    office.complete("standing", "phe_duyet", {"ket_qua": "duyet", "muc_duyet": "500.000"})
    assert office.task("de_nghi")
