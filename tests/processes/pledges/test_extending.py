"""The last day of signing is moved: tasks, watch, reminders and what people are told move with it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.processes.pledges.screens import Person
from tests.processes.pledges.way import sign
from tests.processes.pledges.world import World
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import digest_of
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Invalid
from workflow_app.core.vietnamese import end_of_day
from workflow_app.engine import instances, projection, timers
from workflow_app.engine.models import HumanTask, ProcessInstance, TaskStatus, Timer
from workflow_app.engine.refusals import InstanceSuspended
from workflow_app.notifications.models import Notification
from workflow_app.processes.pledges.handlers import reminding, rounds

At = Callable[[str], Person]
TO = date(2019, 3, 12)
REASON = "Hai đơn vị họp Ban Chấp hành muộn."


def extend(world: World, to: date = TO, reason: str = REASON) -> None:
    with transaction() as session:
        rounds.extend(
            session,
            world.actor("chair1"),
            world.pledge_id,  # type: ignore[arg-type]  # set by open
            to,
            reason=reason,
            op_id=uuid4(),
            at=clock.now(),
        )


def told(kind: str) -> list[Notification]:
    with reading() as session:
        query = select(Notification).where(Notification.event_key.startswith(f"{kind}:"))
        return list(session.scalars(query.order_by(Notification.id)))


def pass_day(scripted: clock.ScriptedClock, day: date) -> None:
    """The morning after, in Viet Nam; timers and jobs have run."""
    scripted.set(datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + timedelta(days=1))
    for _ in range(2):  # twice: what fires must fire once
        timers.fire_due()
        jobs.run_until_idle()


def watched(world: World) -> list[datetime]:
    with reading() as session:
        return list(session.scalars(select(Timer.due_at).where(Timer.element == "overdue")))


def child(world: World, number: int) -> UUID:
    with reading() as session:
        query = select(ProcessInstance.id).where(
            ProcessInstance.unit_id == world.unit_ids[number - 1],
            ProcessInstance.process_key == "pledge_signature",
        )
        return session.scalars(query.order_by(ProcessInstance.run.desc())).first()  # type: ignore[return-value]  # there is one


def first_day(world: World) -> date:
    day = world.pledge().sign_hard_due
    assert day is not None
    assert day < TO
    return day


def due_of(world: World, number: int) -> datetime | None:
    with reading() as session:
        query = select(HumanTask.due_at).where(
            HumanTask.instance_id == child(world, number),
            HumanTask.element == "sign",
            HumanTask.status == TaskStatus.OPEN,
        )
        return session.scalars(query).one()


def test_nobody_is_told_on_the_old_day_and_everybody_once_on_the_new(
    signing: World, february: clock.ScriptedClock
) -> None:
    old = first_day(signing)
    sign(signing, 1)
    extend(signing)
    pass_day(february, old)
    assert told("overdue") == []
    pass_day(february, TO)
    people = {note.person_id for note in told("overdue")}
    assert people == {signing.people["chair1"], signing.people["officer"]}
    assert len(told("overdue")) == 2


def test_an_extension_after_the_day_is_watched_again(signing: World, february: clock.ScriptedClock) -> None:
    old = first_day(signing)
    sign(signing, 1)
    pass_day(february, old)
    assert len(told("overdue")) == 2
    extend(signing)
    assert watched(signing) == [end_of_day(TO).replace(microsecond=0)]
    pass_day(february, TO)
    assert len(told("overdue")) == 4, "leader and officer, for each of the two days"
    sign(signing, 2)
    assert signing.task("witness"), "the round ends as it would without an extension"


def test_a_telling_that_comes_late_sees_that_the_day_was_moved(
    signing: World, february: clock.ScriptedClock
) -> None:
    old = first_day(signing)
    sign(signing, 1)
    february.set(datetime(old.year, old.month, old.day, 1, tzinfo=UTC) + timedelta(days=1))
    timers.fire_due()  # the job of the telling waits still
    extend(signing)
    jobs.run_until_idle()
    assert told("overdue") == []
    pass_day(february, TO)
    assert len(told("overdue")) == 2


def test_task_watch_and_reminder_name_the_same_new_day(signing: World) -> None:
    sign(signing, 1)
    extend(signing)
    moment = end_of_day(TO).replace(microsecond=0)
    assert due_of(signing, 2) == moment
    assert watched(signing) == [moment]
    with transaction() as session:
        pledge_id = signing.pledge().id
        reminding.remind(session, signing.actor("chair1"), pledge_id, op_id=uuid4(), at=clock.now())
    assert "đến hết thứ Ba 12/3/2019" in told("remind")[0].sentence
    with reading() as session:
        instance = session.get_one(ProcessInstance, child(signing, 2))
        assert projection.differences(session, instance) == []


def test_units_that_have_not_signed_hear_the_day_and_the_reason(signing: World) -> None:
    sign(signing, 1)
    extend(signing)
    (note,) = told("extended")
    assert note.person_id == signing.people["chair2"]
    assert "đến hết thứ Ba 12/3/2019" in note.sentence
    assert REASON in note.sentence


def test_the_record_holds_both_days_and_the_digest_of_the_reason(signing: World) -> None:
    old = first_day(signing)
    extend(signing)
    with reading() as session:
        body = session.scalar(select(AuditEvent.body).where(AuditEvent.action == "pledge.extended"))
    details = json.loads(body or b"{}")["details"]
    assert (details["before"], details["to"]) == (old.isoformat(), TO.isoformat())
    assert (details["reason"], details["units"]) == (digest_of(REASON), 2)


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_extension_needs_a_reason_and_changes_nothing_without(signing: World, reason: str) -> None:
    old, before = first_day(signing), watched(signing)
    with pytest.raises(Invalid) as refused:
        extend(signing, reason=reason)
    assert refused.value.errors[0].field == "reason"
    assert signing.pledge().sign_hard_due == old
    assert watched(signing) == before


def test_a_unit_invited_again_after_an_extension_gets_the_new_day(
    signing: World, february: clock.ScriptedClock
) -> None:
    old = first_day(signing)
    sign(signing, 1)
    unit, content_id = signing.unit_ids[1], signing.pledge().frozen_content_id or ""
    refusal = {"result": "refused", "content_id": content_id, "reason": "Chưa họp."}
    signing.complete("chair2", "sign", refusal, unit_id=unit)
    extend(signing)
    settled = {"settlement": "invite_again", "reply": "Mời ký lại."}
    signing.complete("chair1", "settle", settled, unit_id=unit)
    moment = end_of_day(TO).replace(microsecond=0)
    assert (due_of(signing, 2), watched(signing)) == (moment, [moment])
    pass_day(february, old)
    assert told("overdue") == []


def test_a_unit_readmitted_after_an_extension_is_not_overdue_at_once(
    signing: World, february: clock.ScriptedClock
) -> None:
    old = first_day(signing)
    unit = signing.unit_ids[1]
    with transaction() as session:
        pledge_id, leader = signing.pledge().id, signing.actor("chair1")
        rounds.close_without(session, leader, pledge_id, unit, reason="Vắng", op_id=uuid4(), at=clock.now())
    extend(signing)
    with transaction() as session:
        rounds.readmit(session, leader, pledge_id, unit, reason="Đã họp", op_id=uuid4(), at=clock.now())
    jobs.run_until_idle()
    assert due_of(signing, 2) == end_of_day(TO).replace(microsecond=0)
    pass_day(february, old)
    assert told("overdue") == []


def test_a_resting_round_is_not_extended_in_parts(signing: World) -> None:
    old, before = first_day(signing), watched(signing)
    with transaction() as session:
        instances.suspend(session, child(signing, 2), reason="x", by=None, at=clock.now())
    with pytest.raises(InstanceSuspended):
        extend(signing)
    assert (signing.pledge().sign_hard_due, watched(signing)) == (old, before)


def test_the_page_keeps_the_day_when_the_reason_is_missing(signing: World, at: At) -> None:
    leader = at("chair1")
    path = f"/pledges/{signing.pledge_id}/extension"
    leader.get(path)
    form = {"to-day": "12", "to-month": "3", "to-year": "2019", "reason": " "}
    assert leader.post(path, form).status_code == 422
    assert "Nhập lý do." in leader.words()
    assert leader.tree().xpath("//input[@name='to-month']/@value") == ["3"]
    assert leader.post(path, {**form, "reason": REASON}).status_code == 303
    leader.get(f"/pledges/{signing.pledge_id}")
    assert "gia hạn ký đến hết 12/3/2019" in leader.words()
