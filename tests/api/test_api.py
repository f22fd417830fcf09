"""REST v1: the same forms, rights and completion as the pages."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from tests.api.conftest import Call
from tests.processes.pledges import texts
from tests.processes.pledges.way import go_to_comments
from tests.processes.pledges.world import World
from workflow_app.processes.pledges.models import CommentState, PledgeState


def test_without_a_token_nothing_is_told(client: FlaskClient, world: World) -> None:
    for path in ("/api/v1/tasks", "/api/v1/pledges", f"/api/v1/documents/{uuid4()}"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"


def test_a_reading_token_cannot_change_anything(call: Call, world: World) -> None:
    world.open()
    task = world.task("draft")
    body = {"op_id": str(uuid4()), "values": texts.text()}
    answer = call("chair1", "POST", f"/tasks/{task}/completion", scopes=("read",), json=body)
    assert answer.status_code == 401
    assert world.pledge().state is PledgeState.DRAFTING


def test_a_program_opens_a_year_and_completes_a_task_with_the_form_it_was_told(
    call: Call, world: World
) -> None:
    opened = call(
        "officer",
        "POST",
        "/pledges",
        json={"op_id": str(uuid4()), "bloc_id": str(world.bloc_id), "year": 2019},
    )
    assert opened.status_code == 201
    world.pledge_id = opened.json["id"]
    listed = call("chair1", "GET", "/tasks").json["items"]
    assert [task["form_key"] for task in listed] == ["pledge_draft"]
    shown = call("chair1", "GET", f"/tasks/{listed[0]['id']}").json
    assert {"contents", "targets", "plan"} <= shown["form"]["properties"].keys()
    body = {"op_id": str(uuid4()), "values": texts.text()}
    done = call("chair1", "POST", f"/tasks/{listed[0]['id']}/completion", json=body)
    again = call("chair1", "POST", f"/tasks/{listed[0]['id']}/completion", json=body)
    assert (done.status_code, done.json["repeated"], again.json["repeated"]) == (200, False, True)


def test_bad_values_come_back_by_field_as_a_problem_document(call: Call, world: World) -> None:
    world.open()
    go_to_comments(world)
    task = world.task("comment", world.unit_ids[1])
    body = {"op_id": str(uuid4()), "values": {"verdict": "maybe", "typename": "x"}}
    answer = call("chair2", "POST", f"/tasks/{task}/completion", json=body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert {error["field"] for error in answer.json["errors"]} == {"verdict", "typename"}
    assert world.pledge().units[1].comment_state is CommentState.OPEN


@pytest.mark.parametrize(
    "body", [{}, {"op_id": "x", "values": {}}, {"op_id": str(uuid4()), "values": [], "more": 1}]
)
def test_a_body_of_another_shape_is_a_problem_document_too(
    call: Call, world: World, body: dict[str, object]
) -> None:
    world.open()
    answer = call("chair1", "POST", f"/tasks/{world.task('draft')}/completion", json=body)
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


def test_somebody_elses_task_and_pledge_do_not_exist(call: Call, world: World) -> None:
    world.open()
    go_to_comments(world)
    foreign = world.task("comment", world.unit_ids[0])
    assert call("chair2", "GET", f"/tasks/{foreign}").status_code in {403, 404}
    assert call("chair2", "GET", f"/tasks/{uuid4()}").status_code == 404
    assert call("chair2", "GET", f"/pledges/{uuid4()}").status_code == 404
    assert call(
        "chair1",
        "POST",
        "/pledges",
        json={"op_id": str(uuid4()), "bloc_id": str(world.bloc_id), "year": 2020},
    ).status_code in {403, 404}


def test_opening_again_under_the_same_id_answers_with_the_same_pledge(call: Call, world: World) -> None:
    body = {"op_id": str(uuid4()), "bloc_id": str(world.bloc_id), "year": 2019}
    first, again = (call("officer", "POST", "/pledges", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]
    other = call("officer", "POST", "/pledges", json={**body, "op_id": str(uuid4())})
    assert (other.status_code, other.json["code"]) == (409, "pledge_exists")


@pytest.mark.parametrize("year", [2021, 1999, 10**12])
def test_a_year_without_a_list_is_refused_by_the_api_as_by_the_page(
    call: Call, world: World, year: int
) -> None:
    body = {"op_id": str(uuid4()), "bloc_id": str(world.bloc_id), "year": year}
    answer = call("officer", "POST", "/pledges", json=body)
    assert answer.status_code == (404 if year == 2021 else 422)
    assert answer.content_type == "application/problem+json"


def test_numbers_and_days_of_a_program_are_held_to_the_same_bounds(call: Call, world: World) -> None:
    world.open()
    task = world.task("draft")
    text = texts.text()
    wrong = [
        ({"reporting": [{"name": "Quý I", "due": 5}]}, "reporting-0-due"),
        ({"targets": [{**text["targets"][1], "value": 10**40}]}, "targets-0-value"),
        ({"targets": [{**text["targets"][1], "value": float("nan")}]}, "targets-0-value"),
        ({"targets": {"0": "x"}}, "targets"),
        ({"closing": 7}, "closing"),
        ({"closing": "a\x00b"}, "closing"),
        ({"score_sheet": [{"key": "a", "group": 1, "text": "x", "max_points": "99"}]}, "score_sheet"),
    ]
    for changed, field in wrong:
        body = {"op_id": str(uuid4()), "values": {**text, **changed}}
        answer = call("chair1", "POST", f"/tasks/{task}/completion", json=body)
        assert answer.status_code == 422, changed
        assert [error["field"] for error in answer.json["errors"]] == [field], changed
    assert world.pledge().state is PledgeState.DRAFTING


def test_a_pledge_shows_units_and_typed_targets(call: Call, world: World) -> None:
    pledge_id = world.open()
    go_to_comments(world)
    shown = call("chair2", "GET", f"/pledges/{pledge_id}").json
    assert [unit["comment_state"] for unit in shown["units"]] == ["open", "open"]
    assert [(target["key"], target["kind"]) for target in shown["targets"]] == [
        ("grade", "grade"),
        ("party", "count"),
    ]
    assert [row["id"] for row in call("chair2", "GET", "/pledges").json["items"]] == [str(pledge_id)]


def test_instance_history_and_document_can_be_read(call: Call, world: World) -> None:
    pledge_id = world.open()
    go_to_comments(world)
    shown = call("chair1", "GET", f"/pledges/{pledge_id}").json
    instance = call("chair1", "GET", f"/instances/{shown['instance_id']}").json
    assert instance["elements"]["draft"] == {"state": "done", "count": 1}
    events = call("chair1", "GET", f"/instances/{shown['instance_id']}/history").json["items"]
    assert "pledge.drafted" in [event["action"] for event in events]
    document = call("chair1", "GET", f"/documents/{shown['document_id']}").json
    assert [version["number"] for version in document["versions"]] == [1]
    file = call("chair1", "GET", f"/documents/{shown['document_id']}/versions/1.docx")
    assert file.data[:2] == b"PK"


def test_lists_are_paged_and_limits_are_bounded(call: Call, world: World) -> None:
    world.open()
    assert call("chair1", "GET", "/tasks?limit=1").status_code == 200
    for bad in ("limit=0", "limit=1000", "limit=x", "after=nonsense"):
        assert call("chair1", "GET", f"/tasks?{bad}").status_code == 422


def test_the_description_is_openapi_three_one(client: FlaskClient) -> None:
    description = client.get("/api/v1/openapi.json").json
    assert description["openapi"].startswith("3.1")
    validate(description)
    assert "/api/v1/tasks/{task_id}/completion" in description["paths"]
    assert all(path.startswith("/api/v1/") for path in description["paths"])
