"""Dossiers over REST: the same forms, rights and completion as the pages."""

from uuid import uuid4

import pytest

from tests.api.conftest import Call
from tests.processes.dossiers.office import KEY, REQUEST, Office, add_authors
from tests.processes.pledges.world import World
from workflow_app.core import jobs
from workflow_app.core.database import transaction


@pytest.fixture
def office(world: World) -> Office:
    with transaction() as session:
        add_authors(session, world)
    office = Office(world.federation_id, world.bloc_id, world.unit_ids, world.people)
    office.deploy()
    return office


def test_a_program_opens_a_dossier_and_fills_in_the_form_it_was_told(call: Call, office: Office) -> None:
    offered = call("chair1", "GET", "/dossiers/processes").json["items"]
    assert offered == [
        {"key": KEY, "name": "Hỗ trợ đoàn viên khó khăn", "needs_unit": False, "needs_bloc": False}
    ]
    body = {"op_id": str(uuid4()), "process_key": KEY, "title": "Hỗ trợ anh Bình"}
    opened = call("chair1", "POST", "/dossiers", json=body)
    assert opened.status_code == 201, opened.json
    assert call("chair1", "POST", "/dossiers", json=body).json["id"] == opened.json["id"], (
        "asked twice, opened once"
    )
    task = call("chair1", "GET", "/tasks").json["items"][0]
    shown = call("chair1", "GET", f"/tasks/{task['id']}").json["form"]
    assert shown["properties"]["so_tien"]["title"] == "Số tiền đề nghị"
    assert {"doan_vien", "hoan_canh"} <= set(shown["required"])
    wrong = call("chair1", "POST", f"/tasks/{task['id']}/completion", json={"op_id": str(uuid4()), "values": {**REQUEST, "so_tien": 1}})  # fmt: skip
    assert wrong.status_code == 422
    assert wrong.json["errors"] == [
        {"field": "so_tien", "detail": "Nhập số tiền đề nghị không nhỏ hơn 500.000."}
    ]
    done = call(
        "chair1", "POST", f"/tasks/{task['id']}/completion", json={"op_id": str(uuid4()), "values": REQUEST}
    )
    assert done.status_code == 200, done.json
    judged = call("standing", "GET", "/tasks").json["items"][0]
    values = {"ket_qua": "duyet", "muc_duyet": 5_000_000}
    assert call("standing", "POST", f"/tasks/{judged['id']}/completion", json={"op_id": str(uuid4()), "values": values}).status_code == 200  # fmt: skip
    jobs.run_until_idle()
    detail = call("chair1", "GET", f"/dossiers/{opened.json['id']}").json
    assert (detail["state"], [part["form_key"] for part in detail["parts"]]) == (
        "completed",
        ["de_nghi", "phe_duyet"],
    )
    document = call("chair1", "GET", f"/documents/{detail['document_ids'][0]}").json
    assert document["number"] == "01/QĐ-LĐLĐ"


def test_a_foreign_dossier_does_not_exist_over_rest_either(call: Call, office: Office) -> None:
    made = office.start("chair1")
    assert call("chair2", "GET", f"/dossiers/{made}").status_code == 404
    assert call("chair2", "GET", "/dossiers").json == {"items": []}
    body = {"op_id": str(uuid4()), "process_key": KEY}
    assert call("officer", "POST", "/dossiers", json=body).status_code == 404
