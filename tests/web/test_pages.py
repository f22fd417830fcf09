"""Documents, organisations, diagrams, the record, appearance: what these pages do."""

import json
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from storage.errors import StorageUnavailable
from storage.files import FileStore
from tests.support.statements import counted
from tests.web import letters
from tests.web.house import Browser, House
from workflow_app.audit.export import check_export
from workflow_app.audit.models import AuditEvent
from workflow_app.core import clock, database
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.documents import objects, templates
from workflow_app.documents import service as documents
from workflow_app.documents.rendering import render
from workflow_app.engine.models import DefinitionStatus, ProcessDefinition
from workflow_app.organisations import service as organisations
from workflow_app.organisations.models.people import Appointment, Delegation, Person

Browse = Callable[[str], Browser]


@pytest.fixture
def pledge_paper(house: House, tmp_path: Path) -> UUID:
    """A pledge of the bloc in two versions, the second frozen with its number 01."""
    objects.bind(FileStore(tmp_path / "objects"))
    from document_templates import template_files

    files = next(iter(files for files in template_files() if files.key == "pledge"))
    sample = next(iter(files.samples().values()))
    with transaction() as session:
        templates.register_builtin(session, objects.store(), at=clock.now())
        template = templates.load(session, "pledge")
        document = documents.create(
            session,
            kind="GƯ",
            title="Giao ước thi đua năm 2019",
            owner_type="pledge",
            owner_id=new_id(),
            issuing_unit_id=house.units["two"],
            federation_id=house.units["federation"],
            bloc_id=house.bloc_id,
            by=house.people["leader"],
            at=clock.now(),
        )
        for text in ("đoàn viên ưu tú", "đoàn viên"):
            data = json.loads(json.dumps(sample))
            data["targets"][0]["text"] = f"Giới thiệu ít nhất 01 {text} cho Đảng"
            rendered = render(template, data, at=clock.now())
            version = documents.add_version(
                session, document, rendered, documents.put(rendered), template=template, data=data, by=house.people["leader"], at=clock.now()
            )  # fmt: skip
        documents.freeze(session, version, at=clock.now())
        documents.open_book(
            session, owner_unit_id=house.units["federation"], code="KTĐ04", name="Sổ văn bản khối 04", year=2019, symbol_pattern="{kind}-KTĐ04"
        )  # fmt: skip
        documents.take_number(
            session, owner_unit_id=house.units["federation"], book="KTĐ04", kind="GƯ", on=clock.today(), document_id=document.id
        )  # fmt: skip
        return document.id


def test_a_document_shows_its_text_its_state_and_what_changed(pledge_paper: UUID, browse: Browse) -> None:
    page = browse("chair").get(f"/documents/{pledge_paper}").get_data(as_text=True)
    assert "Giao ước thi đua năm 2019" in page
    assert "01/GƯ-KTĐ04" in page
    assert "Đang ký" in page
    assert 'class="gu-doc"' in page
    assert "Khác bản 1" in page
    assert re.search(r"<del>.*ưu tú", page)
    assert page.count("<h1") == 1


def test_the_word_file_is_the_stored_one_under_a_vietnamese_name(pledge_paper: UUID, browse: Browse) -> None:
    answer = browse("chair").get(f"/documents/{pledge_paper}/2.docx")
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    name = unquote(answer.headers["Content-Disposition"].split("filename*=UTF-8''")[1])
    assert name == "01_GƯ-KTĐ04 Giao ước thi đua năm 2019 (bản 2).docx"
    with reading() as session:
        version = documents.get(session, pledge_paper).versions[1]
        assert answer.data == documents.file_of(version)
        assert answer.headers["ETag"].strip('"') == version.file_sha256
    assert answer.headers["Repr-Digest"].startswith("sha-256=:")


def test_a_changed_file_is_never_sent(pledge_paper: UUID, browse: Browse, tmp_path: Path) -> None:
    with reading() as session:
        key = documents.get(session, pledge_paper).versions[1].object_key
    stored = next(
        path
        for path in (tmp_path / "objects").rglob("*")
        if path.is_file() and key.split("/")[-1] in path.name
    )
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes().replace(b"PK", b"KP", 1))
    answer = browse("chair").get(f"/documents/{pledge_paper}/2.docx")
    assert answer.status_code == 500
    assert b"KP" not in answer.data[:4]


def test_a_store_that_is_away_takes_only_the_preview_with_it(
    pledge_paper: UUID, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflow_app.web.papers import papers

    class Away:
        def get(self, *_args: object, **_options: object) -> bytes:
            raise StorageUnavailable("cable cut")

    objects.bind(Away())  # type: ignore[arg-type]  # the one method that is asked
    monkeypatch.setattr(papers, "_previews", papers._Previews())
    browser = browse("chair")
    answer = browser.get(f"/documents/{pledge_paper}")
    assert answer.status_code == 200
    assert "chưa xem trước được" in answer.get_data(as_text=True)
    assert browser.get(f"/documents/{pledge_paper}/2.docx").status_code == 503


def test_two_versions_are_compared_in_words(pledge_paper: UUID, browse: Browse) -> None:
    page = browse("chair").get(f"/documents/{pledge_paper}/compare?old=1&new=2").get_data(as_text=True)
    assert "So bản 2 với bản 1" in page
    assert "ưu tú" in page
    assert browse("chair").get(f"/documents/{pledge_paper}/compare?old=1&new=9").status_code == 404


def test_documents_are_found_without_diacritics(pledge_paper: UUID, browse: Browse) -> None:
    browser = browse("chair")
    assert "Giao ước thi đua năm 2019" in browser.get("/documents?q=giao uoc").get_data(as_text=True)
    assert "01/GƯ-KTĐ04" in browser.get("/documents?q=ktd04").get_data(as_text=True)
    page = browser.get("/documents?q=khong co dau").get_data(as_text=True)
    assert "Không tìm thấy văn bản nào" in page
    assert "Xóa bộ lọc" in page


def test_the_register_is_a_page_a_word_file_and_a_workbook(pledge_paper: UUID, browse: Browse) -> None:
    browser = browse("clerk")
    page = browser.get("/registers").get_data(as_text=True)
    path = re.search(r'href="(/registers/[^"]+)"', page)
    assert path
    shown = browser.get(path[1]).get_data(as_text=True)
    assert "01/GƯ-KTĐ04" in shown
    assert "01/3/2019" in shown
    book = browser.get(path[1] + ".xlsx")
    assert book.data[:2] == b"PK"
    assert "spreadsheetml" in book.mimetype
    printed = browser.get(path[1] + ".docx")
    assert printed.data[:2] == b"PK", printed.get_data(as_text=True)
    assert "wordprocessingml" in printed.mimetype


def test_an_issued_document_notes_when_a_recipient_opened_it(
    house: House, pledge_paper: UUID, browse: Browse
) -> None:
    with transaction() as session:
        document = documents.get(session, pledge_paper)
        documents.issue(session, document.versions[1], at=clock.now())
        recipient = documents.Recipient("CĐCS Sở Nội vụ", house.units["one"])
        documents.distribute(session, document, [recipient], at=clock.now())
    browser = browse("chair")
    assert "Chưa mở" in browser.get(f"/documents/{pledge_paper}").get_data(as_text=True)
    assert "Chưa mở" not in browser.get(f"/documents/{pledge_paper}").get_data(as_text=True)


def test_anybody_verifies_an_issued_paper_by_its_code_and_learns_no_name(
    app: Flask, house: House, pledge_paper: UUID
) -> None:
    visitor = Browser(app)
    with reading() as session:
        code = documents.get(session, pledge_paper).versions[1].content_id
    assert visitor.get(f"/verify?code={code[:8]}").status_code == 404, (
        "what is not issued is nobody's business"
    )
    with transaction() as session:
        documents.issue(session, documents.get(session, pledge_paper).versions[1], at=clock.now())
    page = visitor.get(f"/verify?code={code[:4].upper()}+{code[4:8].upper()}").get_data(as_text=True)
    assert "<h1>Còn hiệu lực</h1>" in page
    assert "01/GƯ-KTĐ04" in page
    with reading() as session:
        versions = documents.get(session, pledge_paper).versions
        known = json.loads(re.search(r"data-known=\"([^\"]+)\"", page)[1].replace("&#34;", '"'))  # type: ignore[index]  # it is there
        assert known == {versions[0].file_sha256: "old", versions[1].file_sha256: "good"}
    with transaction() as session:
        documents.withdraw(
            session, documents.get(session, pledge_paper), reason="Sai thẩm quyền ký", at=clock.now()
        )
    page = visitor.get(f"/verify?code={code[:8]}").get_data(as_text=True)
    assert "Đã thu hồi" in page
    assert "Sai thẩm quyền ký" in page
    for name in ("Nguyễn Thị Minh An", "Trần Quốc Bảo"):
        assert name not in page


@pytest.mark.parametrize(
    "code", ["zzzzzzzz", "1234567", "0" * 65, "%00", "' OR 1=1", "ffffffff", "ffff ffff", "<b>"]
)
def test_a_code_that_is_none_says_so(app: Flask, code: str) -> None:
    assert Browser(app).get("/verify", query_string={"code": code}).status_code in {400, 404}


def test_a_document_page_costs_few_statements(pledge_paper: UUID, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(f"/documents/{pledge_paper}")
    with counted(database.engine()) as work:
        browser.get(f"/documents/{pledge_paper}")
    assert len(work) <= 11, str(work)


def test_the_tree_stands_as_it_was_on_the_day_asked_for(house: House, browse: Browse) -> None:
    with transaction() as session:
        organisations.rename_unit(
            session, house.units["three"], effective=date(2019, 6, 1), basis="QĐ 9", name="Công đoàn cơ sở Sở Xây dựng và Nhà ở"
        )  # fmt: skip
    browser = browse("chair")
    assert "Nhà ở" not in browser.get("/units").get_data(as_text=True)
    assert "Nhà ở" in browser.get("/units?on=1/6/2019").get_data(as_text=True)
    assert "Sóc Trăng" not in browser.get("/units").get_data(as_text=True)
    assert "Công đoàn cơ sở Sở Nội vụ" in browser.get("/units?q=so noi vu").get_data(as_text=True)


def test_people_are_found_by_the_beginnings_of_their_names(browse: Browse) -> None:
    browser = browse("chair")
    assert "Nguyễn Thị Minh An" in browser.get("/people?q=minh an").get_data(as_text=True)
    assert "Lâm Quang Vinh" not in browser.get("/people?q=vinh").get_data(as_text=True), (
        "he is of another federation"
    )
    assert "Không có ai khớp" in browser.get("/people?q=zzz").get_data(as_text=True)


def test_lists_of_people_cost_the_same_for_any_number(house: House, browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/people")
    with counted(database.engine()) as few:
        browser.get("/people")
    with transaction() as session:
        for number in range(40):
            person = organisations.add_person(session, full_name=f"Lê Văn {number}")
            organisations.appoint(
                session, person_id=person.id, unit_id=house.units["three"], office_code="committee_member", valid_from=clock.today()
            )  # fmt: skip
    with counted(database.engine()) as many:
        browser.get("/people")
    assert len(few) == len(many) <= 6


def test_a_chair_lets_his_deputy_sign_and_takes_it_back(house: House, browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/people/delegations/new")
    form = {"delegate": str(house.seats["deputy"]), "scope": ["draft", "approve"], "valid_to-day": "31", "valid_to-month": "3", "valid_to-year": "2019"}  # fmt: skip
    assert browser.post("/people/delegations", form).status_code == 303
    with reading() as session:
        given = session.scalars(select(Delegation)).one()
        assert (given.capacity.value, given.scope, given.valid_to) == (
            "KT.",
            ["approve", "draft"],
            date(2019, 4, 1),
        )
        deputy = organisations.load_actor(session, house.people["deputy"], on=clock.today())
        assert ("unit_chair", house.units["one"]) in deputy.pairs
    page = browser.get("/people/me")
    assert page.status_code == 302
    page = browser.get(page.location).get_data(as_text=True)
    assert "Trần Quốc Bảo → Phạm Ngọc Diệp" in page
    assert browser.post(f"/people/delegations/{given.id}/revocation").status_code == 303
    with reading() as session:
        assert (
            organisations.load_actor(session, house.people["deputy"], on=clock.today()).pairs == frozenset()
        )


def test_an_act_that_no_process_has_is_refused_rather_than_read_as_everything(
    house: House, browse: Browse
) -> None:
    browser = browse("chair")
    browser.get("/people/delegations/new")
    answer = browser.post("/people/delegations", {"delegate": str(house.seats["deputy"]), "scope": ["fly"]})
    assert answer.status_code == 422
    with reading() as session:
        assert session.scalars(select(Delegation)).all() == []


def test_only_the_giver_takes_a_delegation_back(house: House, browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/people/delegations/new")
    browser.post("/people/delegations", {"delegate": str(house.seats["deputy"])})
    with reading() as session:
        given = session.scalars(select(Delegation.id)).one()
    other = browse("leader")
    other.get("/")
    assert other.post(f"/people/delegations/{given}/revocation").status_code == 404


def test_a_wrong_delegation_is_explained_and_the_typed_values_stay(house: House, browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/people/delegations/new")
    answer = browser.post(
        "/people/delegations",
        {"delegate": "x", "valid_to-day": "31", "valid_to-month": "2", "valid_to-year": "2019"},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Tháng 2 năm 2019 không có ngày 31" in page
    assert "Chọn người được ủy quyền" in page
    assert 'value="31"' in page


def test_an_administrator_appoints_a_known_and_a_new_person(house: House, browse: Browse) -> None:
    browser = browse("admin")
    path = f"/administration/units/{house.units['three']}/appointments"
    browser.get(path + "/new")
    assert (
        browser.post(
            path, {"office": "vice_chair", "person": str(house.people["deputy"]), "basis": "QĐ 15"}
        ).status_code
        == 303
    )
    browser.get(path + "/new")
    assert (
        browser.post(
            path, {"office": "committee_member", "new_name": "Ngô  Đình Phúc", "phone": "0912"}
        ).status_code
        == 303
    )
    with reading() as session:
        person = session.scalars(select(Person).where(Person.full_name == "Ngô Đình Phúc")).one()
        assert (
            session.scalars(select(Appointment).where(Appointment.person_id == person.id)).one().unit_id
            == house.units["three"]
        )
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {"person.added", "appointment.begun"} <= actions
    browser.get(path + "/new")
    answer = browser.post(path, {"office": "vice_chair", "person": str(house.people["deputy"])})
    assert answer.status_code == 422
    assert "trùng với một khoảng đã ghi" in answer.get_data(as_text=True)


def test_an_administrator_reaches_his_own_federation_only(house: House, browse: Browse) -> None:
    browser = browse("stranger_admin")
    assert browser.get(f"/administration/units/{house.units['three']}/appointments/new").status_code == 404
    assert browser.get(f"/administration/appointments/{house.seats['chair']}/ending").status_code == 404


def test_a_term_is_ended_with_a_basis(house: House, browse: Browse) -> None:
    browser = browse("admin")
    path = f"/administration/appointments/{house.seats['third']}/ending"
    browser.get(path)
    assert browser.post(path, {}).status_code == 422
    assert (
        browser.post(
            path, {"basis": "Nghị quyết đại hội", "on-day": "1", "on-month": "3", "on-year": "2019"}
        ).status_code
        == 303
    )
    with reading() as session:
        assert session.get_one(Appointment, house.seats["third"]).valid_to == date(2019, 3, 1)


def test_one_decision_rearranges_the_tree_or_nothing(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get("/administration/reorganisation")
    day = {"effective-day": "1", "effective-month": "7", "effective-year": "2019"}
    good = {
        "basis": "120/QĐ-LĐLĐ",
        **day,
        "changes-0-kind": "rename",
        "changes-0-unit": str(house.units["one"]),
        "changes-0-name": "Công đoàn cơ sở Sở Nội vụ và Lao động",
        "changes-1-kind": "merge",
        "changes-1-unit": str(house.units["three"]),
        "changes-1-other": str(house.units["one"]),
        "changes-2-kind": "none",
    }
    bad = good | {
        "changes-2-kind": "move",
        "changes-2-unit": str(house.units["far"]),
        "changes-2-other": str(house.units["one"]),
    }
    assert browser.post("/administration/reorganisation", bad).status_code == 422
    with reading() as session:
        assert organisations.unit_at(session, house.units["three"], date(2019, 7, 1))
    answer = browser.post("/administration/reorganisation", good)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with reading() as session:
        assert organisations.unit_at(session, house.units["one"], date(2019, 7, 1)).name.endswith("Lao động")
        assert organisations.unit_at(session, house.units["three"], date(2019, 6, 30))
    page = browser.get(answer.location).get_data(as_text=True)
    assert "Sở Xây dựng" not in page


def test_a_diagram_is_checked_stored_and_brought_into_force_by_somebody_else(
    house: House, browse: Browse
) -> None:
    author, second = browse("author"), browse("author2")
    author.get("/definitions")
    changed = letters.diagram().replace("Soạn thư".encode(), "Soạn thư mới".encode())
    answer = author.post("/definitions", {"diagram": (BytesIO(changed), "letter.bpmn")})
    assert answer.status_code == 303
    path = answer.location
    page = author.get(path).get_data(as_text=True)
    assert "Chờ kích hoạt" in page
    assert "cần người khác kiểm tra" in page
    assert author.post(path + "/activation").status_code == 403
    second.get(path)
    assert second.post(path + "/activation").status_code == 303
    with reading() as session:
        rows = session.execute(select(ProcessDefinition.version, ProcessDefinition.status)).all()
        assert set(rows) == {(1, DefinitionStatus.RETIRED), (2, DefinitionStatus.ACTIVE)}


def test_the_faults_of_a_diagram_are_listed_by_element(browse: Browse) -> None:
    browser = browse("author")
    browser.get("/definitions")
    broken = letters.diagram().replace(b'value="letter_draft"', b'value="no_such_form"')
    answer = browser.post("/definitions", {"diagram": (BytesIO(broken), "letter.bpmn")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "(draft)" in page
    for junk in (b"", b"<x/>", b"<!DOCTYPE a><a/>", b"\xff\xfe", b"PK\x03\x04"):
        browser.get("/definitions")
        assert browser.post("/definitions", {"diagram": (BytesIO(junk), "a.bpmn")}).status_code == 422


def test_the_diagram_of_an_instance_is_the_version_it_runs_on_with_its_marks(
    house: House, browse: Browse
) -> None:
    instance = house.letter()
    browser = browse("chair")
    page = browser.get(f"/instances/{instance}").get_data(as_text=True)
    assert "Ai phải làm gì" in page
    assert page.index("Các bước") < page.index("data-diagram")
    assert 'aria-current="step"' in page
    assert browser.get(f"/instances/{instance}/diagram.bpmn").data == letters.diagram()
    marks = browser.get(f"/instances/{instance}/marks.json").get_json()
    assert marks["elements"]["draft"]["state"] == "active"
    assert marks["elements"]["start"]["state"] == "done"
    assert "start_draft" in marks["flows"]
    assert "draft_approve" not in marks["flows"]


def test_the_record_of_a_federation_is_exported_whole_and_checkable(house: House, browse: Browse) -> None:
    instance = house.letter()
    chair = browse("chair")
    path = f"/tasks/{house.task()}"
    chair.get(path)
    chair.post(path, letters.filled())
    browser = browse("auditor")
    assert "Nhật ký" in browser.get("/history").get_data(as_text=True)
    answer = browser.get("/history/export.jsonl")
    assert answer.mimetype == "application/jsonl"
    lines = answer.data.splitlines(keepends=True)
    report = check_export(lines)
    assert report.ok, report.faults
    told = [json.loads(line)["body"] for line in lines]
    assert {"letter.drafted", "audit.exported"} <= {body["action"] for body in told}
    assert str(instance) in {body["instance_id"] for body in told}
    assert "soạn" not in answer.data.decode().lower()


def test_a_stranger_watches_his_own_federation_only(house: House, browse: Browse) -> None:
    house.letter(title="Thư riêng")
    page = browse("stranger_admin").get("/history").get_data(as_text=True)
    assert "letter" not in page
    assert "Lê Thị Thu Hà" not in page


def test_the_history_of_a_dossier_comes_in_pages(house: House, browse: Browse) -> None:
    instance = house.letter()
    with transaction() as session:
        from workflow_app.engine import tasks

        for number in range(60):
            act = tasks.claim if number % 2 == 0 else tasks.unclaim
            act(session, house.task(), by=house.people["chair"], at=clock.now())
    browser = browse("chair")
    first = browser.get(f"/history/instances/{instance}").get_data(as_text=True)
    assert first.count('<li class="gu-item" id="sk-') == 50
    after = re.search(r"after=(\d+)", first)
    assert after
    second = browser.get(f"/history/instances/{instance}?after={after[1]}").get_data(as_text=True)
    assert second.count('<li class="gu-item" id="sk-') == 11


def test_theme_and_text_size_hold_before_and_after_signing_in(app: Flask, browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/preferences")
    answer = browser.post("/preferences", {"theme": "dark", "text_size": "large", "language": "klingon"})
    assert answer.status_code == 303
    page = browser.get("/").get_data(as_text=True)
    assert 'data-bs-theme="dark" data-text="large"' in page
    assert browser.client.get_cookie("language") is None
    visitor = Browser(app)
    visitor.client.set_cookie("theme", '"><script>')
    assert 'data-bs-theme="auto"' in visitor.get("/login").get_data(as_text=True)


def test_the_frame_names_federation_office_and_help(browse: Browse) -> None:
    page = browse("chair").get("/").get_data(as_text=True)
    assert "LĐLĐ tỉnh An Giang" in page
    assert "Cần giúp?" in page
    assert 'aria-current="page">Việc của tôi' in page
    assert "Khối thi đua 04" in page
