"""A process nobody programmed: brought on the screen, walked to the numbered Word document."""

from collections.abc import Callable
from uuid import uuid4

from tests.processes.dossiers.office import KEY, REQUEST, Office, example, posted, words_of
from tests.processes.pledges.screens import Person
from tests.support.statements import counted
from workflow_app.audit import history
from workflow_app.core import clock, database, jobs
from workflow_app.core.database import reading
from workflow_app.documents import service as documents
from workflow_app.documents.models import Document, DocumentState
from workflow_app.processes.completion import complete_task
from workflow_app.processes.dossiers.models import DossierState

At = Callable[[str], Person]


def test_a_request_is_returned_mended_approved_and_becomes_a_numbered_document(office: Office) -> None:
    office.deploy()
    dossier_id = office.start("chair1", title="Hỗ trợ anh Bình")
    office.complete("chair1", "de_nghi", REQUEST)
    office.complete("standing", "phe_duyet", {"ket_qua": "tra_lai", "y_kien": "Bổ sung giấy xác nhận"})
    office.complete("chair1", "de_nghi", {**REQUEST, "so_tien": "6.000.000"})
    done = office.complete("standing", "phe_duyet", {"ket_qua": "duyet", "muc_duyet": "6.000.000"})
    assert done.said == "Đã ghi nhận: Duyệt hỗ trợ."
    assert office.dossier(dossier_id).state is DossierState.COMPLETED
    with reading() as session:
        document = session.query(Document).filter_by(owner_id=dossier_id).one()
        version = document.versions[-1]
        entry = document.register_entry
        assert entry is not None
        assert (document.state, entry.full_symbol, entry.signer) == (
            DocumentState.ISSUED,
            "01/QĐ-LĐLĐ",
            "Phạm Ngọc Diệp",
        )
        acts = [event.action for event in history.of_object(session, dossier_id).events]
    text = words_of(documents.file_of(version))
    for words in (
        "Số: 01/QĐ-LĐLĐ",
        "Nguyễn Văn Bình",
        "6.000.000 đồng (Sáu triệu đồng)",
        "ngày 12/02/2019",
        "Giấy xác nhận của xã",
        "Phạm Ngọc Diệp",
    ):
        assert words in text
    assert acts == ["dossier.opened", "dossier.filled", "dossier.decided", "dossier.filled", "dossier.decided", "dossier.numbered", "dossier.issued"]  # fmt: skip


def test_an_administrator_brings_it_and_people_walk_it_on_the_pages(office: Office, at: At) -> None:
    author = at("author")
    author.get("/definitions")
    answer = author.post("/definitions", posted(example()))
    assert answer.status_code == 303, author.words()
    shown = answer.headers["Location"]
    author.get(shown)
    assert "de_nghi.so_tien" in author.words()
    refused = author.post(f"{shown}/activation")
    assert refused.status_code == 403
    checker = at("author2")
    checker.get(shown)
    assert checker.post(f"{shown}/activation").status_code == 303
    chair = at("chair1")
    chair.get(f"/dossiers/new/{KEY}")
    opened = chair.post(f"/dossiers/new/{KEY}", {"title": ""})
    assert opened.status_code == 303, chair.words()
    task = opened.headers["Location"]
    assert task.startswith("/tasks/")
    chair.get(task)
    empty = chair.submit(task)
    assert empty.status_code == 422
    assert "Nhập họ và tên đoàn viên." in chair.words()
    assert "Chọn hoàn cảnh." in chair.words()
    typed = {
        "doan_vien": "Nguyễn Văn Bình",
        "hoan_canh": "om_dau",
        "trinh_bay": REQUEST["trinh_bay"],
        "tu_ngay-day": "12",
        "tu_ngay-month": "2",
        "tu_ngay-year": "2019",
        "so_tien": "5 000 000",
    }
    assert chair.submit(task, typed).status_code == 303, chair.words()
    jobs.run_until_idle()
    standing = at("standing")
    path = standing.open("phe_duyet")
    assert "Ốm đau dài ngày" in standing.words()
    assert "5.000.000 đồng" in standing.words()
    assert standing.submit(path, {}, "ket_qua=duyet").status_code == 422
    assert "Nhập mức hỗ trợ được duyệt khi chọn “Duyệt hỗ trợ”." in standing.words()
    assert standing.submit(path, {"muc_duyet": "4.000.000"}, "ket_qua=duyet").status_code == 303
    jobs.run_until_idle()
    chair.get("/dossiers/")
    assert "Đã xong" in chair.words()
    chair.get(chair.tree().xpath("//main//a[contains(@href, '/dossiers/0')]/@href")[0])
    assert "01/QĐ-LĐLĐ" in chair.words()


def test_a_dossier_is_opened_once_however_often_the_button_is_pressed(office: Office, at: At) -> None:
    office.deploy()
    chair, places = at("chair1"), set()
    chair.get(f"/dossiers/new/{KEY}")
    op_id = chair.tree().xpath("//input[@name='op_id']/@value")[0]
    for _ in range(2):
        chair.get(f"/dossiers/new/{KEY}")
        answer = chair.post(f"/dossiers/new/{KEY}", {"title": "Hai lần", "op_id": op_id})
        places.add((answer.status_code, answer.headers["Location"]))
    assert places == {(303, f"/tasks/{office.task('de_nghi')}")}


def test_a_form_that_was_brought_costs_no_more_than_a_programmed_one(office: Office) -> None:
    office.deploy()
    office.start("chair1")
    actor, task = office.actor("chair1"), office.task("de_nghi")
    with counted(database.engine()) as found:
        complete_task(actor, task, REQUEST, op_id=uuid4(), at=clock.now())
    assert (len(found) <= 12, found.commits) == (True, 1), str(found)
