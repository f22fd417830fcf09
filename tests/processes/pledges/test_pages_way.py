"""A whole pledge through its pages: every form is sent as it stands, with what a person adds."""

from collections.abc import Callable
from uuid import UUID

from tests.processes.pledges.screens import Person
from tests.processes.pledges.way import CONFERENCE
from tests.processes.pledges.world import PIN, World
from workflow_app.audit import history
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading
from workflow_app.processes.pledges.models import CommentState, PledgeState, SignState

At = Callable[[str], Person]


def do(
    person: Person, element: str, changed: dict[str, str], button: str = "", unit: UUID | None = None
) -> None:
    """Opens a task, sends its form with the changes and one button."""
    path = person.open(element, unit)
    answer = person.submit(path, changed, button)
    assert answer.status_code == 303, person.words()
    jobs.run_until_idle()


def test_a_pledge_goes_from_opening_to_issue_by_pages_alone(
    world: World, at: At, february: clock.ScriptedClock
) -> None:
    officer, leader, second = at("officer"), at("chair1"), at("chair2")
    officer.get("/pledges/new")
    choice = officer.tree().xpath("//input[@name='bloc']/@value")[0]
    answer = officer.post("/pledges/new", {"bloc": choice})
    assert answer.status_code == 303
    world.pledge_id = UUID(answer.location.rpartition("/")[2])
    jobs.run_until_idle()

    do(leader, "draft", {})
    do(leader, "comment", {}, "verdict=agree", world.unit_ids[0])
    path = second.open("comment", world.unit_ids[1])
    remark = second.tree().xpath("//input[@value='target:party_members' and contains(@name, 'ref')]/@name")[0]
    second.submit(path, {remark.replace("ref", "text"): "Đơn vị nhỏ, khó đạt."}, "verdict=comment")
    jobs.run_until_idle()
    assert [unit.comment_state for unit in world.pledge().units] == [
        CommentState.AGREED,
        CommentState.REMARKED,
    ]

    path = leader.open("consolidate")
    assert "Đơn vị nhỏ, khó đạt." in leader.words()
    leader.submit(path, {"replies-0-reply": "Giữ, chỉ áp dụng nếu có nguồn."}, "decision=submit")
    jobs.run_until_idle()
    do(at("standing"), "approve", {}, "verdict=approve")
    do(leader, "invite", {"place": "Hội trường Sở"})
    february.set(CONFERENCE)
    leader, second = at("chair1"), at("chair2")
    ticks = {f"attendance-{number}-present": "true" for number in range(2)}
    minutes = {
        "ended": "16:30",
        "secretary_name": "Ngô Đình Phúc",
        "secretary_title": "Ủy viên",
        "agree": "2",
    }
    day = {"day-day": "1", "day-month": "3", "day-year": "2019"}
    do(leader, "conference", {**ticks, **minutes, **day})
    for person, unit in ((leader, world.unit_ids[0]), (second, world.unit_ids[1])):
        do(person, "sign", {"read": "true", "secret": PIN}, "result=signed", unit)
    assert [unit.sign_state for unit in world.pledge().units] == [SignState.SIGNED] * 2
    do(at("standing"), "witness", {"read": "true", "secret": PIN})
    do(at("clerk"), "issue", {"recipients": "Ban Tuyên giáo"})
    assert world.pledge().state is PledgeState.ISSUED

    with reading() as session:
        events = history.of_object(session, world.pledge_id, limit=200).events
    assert events[0].action == "pledge.opened"
    leader.get(f"/pledges/{world.pledge_id}")
    words = leader.words()
    assert "Đã ban hành" in words
    assert "01/GƯ-KTĐ04" in words
