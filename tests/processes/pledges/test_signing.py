"""Conference, signing round, witness, issue."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.processes.pledges import texts
from tests.processes.pledges.way import CONFERENCE, go_to_approval, go_to_conference, sign
from tests.processes.pledges.world import SINCE, World
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Invalid
from workflow_app.documents.issued_copies import IssuedCopy
from workflow_app.documents.models import Document, DocumentState, EntryStatus, RegisterEntry
from workflow_app.engine import timers
from workflow_app.notifications.models import Notification
from workflow_app.organisations import service as organisations
from workflow_app.organisations.errors import PinRefused
from workflow_app.organisations.types import Capacity
from workflow_app.processes.pledges.errors import NotYourTurn
from workflow_app.processes.pledges.handlers import rounds
from workflow_app.processes.pledges.models import PledgeState, SignState
from workflow_app.signatures.errors import OtherContent
from workflow_app.signatures.models import Signature


def test_an_invitation_too_late_says_from_which_day(world: World) -> None:
    world.open()
    go_to_approval(world)
    world.complete("standing", "approve", {"verdict": "approve"})
    with pytest.raises(Invalid) as refused:
        world.complete("chair1", "invite", texts.invitation("12/02/2019"))
    assert "14/02/2019" in refused.value.vi or "14/2/2019" in refused.value.vi


def test_a_conference_that_does_not_adopt_cancels_the_number_and_keeps_it(
    world: World, february: clock.ScriptedClock
) -> None:
    world.open()
    go_to_conference(world)
    february.set(CONFERENCE)
    world.complete("chair1", "conference", texts.minutes(world.unit_ids, agree=0))
    assert world.pledge().state is PledgeState.CONSOLIDATING
    world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    world.complete("standing", "approve", {"verdict": "approve"})
    with reading() as session:
        entries = session.scalars(select(RegisterEntry).order_by(RegisterEntry.number)).all()
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1)), "gapless"
    cancelled = [entry for entry in entries if entry.status is EntryStatus.CANCELLED]
    assert [entry.reason for entry in cancelled] == ["Hội nghị chưa thông qua giao ước"]


def test_without_a_quorum_nothing_is_adopted(world: World, february: clock.ScriptedClock) -> None:
    world.open()
    go_to_conference(world)
    february.set(CONFERENCE)
    world.complete("chair1", "conference", texts.minutes(world.unit_ids, absent=(2,)))
    assert world.pledge().state is PledgeState.CONSOLIDATING


def test_minutes_before_the_conference_has_ended_are_refused(world: World) -> None:
    world.open()
    go_to_conference(world)
    with pytest.raises(Invalid, match="invalid"):
        world.complete("chair1", "conference", texts.minutes(world.unit_ids))


def test_the_leader_signs_first(signing: World) -> None:
    with pytest.raises(NotYourTurn):
        sign(signing, 2)
    sign(signing, 1)
    sign(signing, 2)
    assert [unit.sign_state for unit in signing.pledge().units] == [SignState.SIGNED] * 2


def test_a_page_with_another_text_cannot_sign(signing: World) -> None:
    form = texts.signature("0" * 64)
    with pytest.raises(OtherContent):
        signing.complete("chair1", "sign", form, unit_id=signing.unit_ids[0])
    assert signing.pledge().units[0].sign_state is SignState.OPEN


def test_a_wrong_pin_signs_nothing_and_is_counted(signing: World) -> None:
    content_id = signing.pledge().frozen_content_id or ""
    form = {**texts.signature(content_id), "secret": "000000"}
    for _ in range(5):
        with pytest.raises(PinRefused):
            signing.complete("chair1", "sign", form, unit_id=signing.unit_ids[0])
    with pytest.raises(PinRefused):
        signing.complete("chair1", "sign", texts.signature(content_id), unit_id=signing.unit_ids[0])
    assert signing.pledge().units[0].sign_state is SignState.OPEN


def test_a_refusal_needs_a_reason_and_the_leader_may_invite_again(signing: World) -> None:
    sign(signing, 1)
    unit, content_id = signing.unit_ids[1], signing.pledge().frozen_content_id or ""
    refusal = {"result": "refused", "content_id": content_id}
    with pytest.raises(Invalid) as refused:
        signing.complete("chair2", "sign", refusal, unit_id=unit)
    assert "lý do từ chối" in refused.value.vi
    signing.complete("chair2", "sign", {**refusal, "reason": "Chưa họp Ban Chấp hành."}, unit_id=unit)
    assert signing.pledge().units[1].sign_state is SignState.REFUSED
    signing.complete("chair1", "settle", {"settlement": "invite_again", "reply": "Mời ký lại."}, unit_id=unit)
    sign(signing, 2)
    assert signing.task("witness")


def test_a_recorded_refusal_stands_on_the_issued_copy_with_its_reason(signing: World) -> None:
    sign(signing, 1)
    unit, content_id = signing.unit_ids[1], signing.pledge().frozen_content_id or ""
    form = {"result": "refused", "content_id": content_id, "reason": "Chưa họp Ban Chấp hành."}
    signing.complete("chair2", "sign", form, unit_id=unit)
    signing.complete("chair1", "settle", {"settlement": "record", "reply": "Đã ghi nhận."}, unit_id=unit)
    signing.complete("standing", "witness", texts.witness(content_id))
    signing.complete("clerk", "issue", {"copies": "3"})
    with reading() as session:
        copy = session.scalars(select(IssuedCopy)).one()
    states = [(signer["state"], signer["reason"]) for signer in copy.data["signers"]]
    assert states == [("signed", ""), ("refused", "Chưa họp Ban Chấp hành.")]
    assert copy.data["witness"]["state"] == "signed"


def test_the_leader_closes_the_round_without_a_unit(signing: World) -> None:
    sign(signing, 1)
    with transaction() as session:
        rounds.close_without(
            session,
            signing.actor("chair1"),
            signing.pledge_id,  # type: ignore[arg-type]  # set by open
            signing.unit_ids[1],
            reason="Đơn vị đang kiện toàn Ban Chấp hành",
            op_id=uuid4(),
            at=clock.now(),
        )
    jobs.run_until_idle()
    assert signing.pledge().units[1].sign_state is SignState.NOT_SIGNED
    assert signing.task("witness")


def test_a_delegate_signs_with_the_right_capacity(signing: World) -> None:
    sign(signing, 1)
    with transaction() as session:
        deputy = organisations.add_person(session, full_name="Phan Thị Mai")
        own = organisations.appoint(
            session,
            person_id=deputy.id,
            unit_id=signing.unit_ids[1],
            office_code="vice_chair",
            valid_from=SINCE,
        )
        organisations.open_account(session, deputy.id, username="phochutich2", at=clock.now())
        organisations.set_pin(session, deputy.id, pin="271828")
        principal = signing.actor("chair2").seats[0]
        organisations.delegate(
            session,
            principal_appointment_id=principal.id,
            delegate_person_id=deputy.id,
            delegate_appointment_id=own.id,
            valid_from=date(2019, 3, 1),
            valid_to=None,
            scope=["sign"],
            capacity=Capacity.FOR_HEAD,
        )
        signing.people["deputy2"] = deputy.id
    content_id = signing.pledge().frozen_content_id or ""
    signing.complete("deputy2", "sign", texts.signature(content_id), unit_id=signing.unit_ids[1])
    with reading() as session:
        found = session.scalars(select(Signature).where(Signature.signer_name == "Phan Thị Mai")).one()
    assert found.authority[-2:] == ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    assert found.principal_name == "Trần Quốc Bảo"


def test_a_new_chair_takes_over_in_mid_round(signing: World) -> None:
    sign(signing, 1)
    with transaction() as session:
        old = signing.actor("chair2").seats[0]
        organisations.end_appointment(session, old.id, on=date(2019, 3, 1), basis="QĐ 15")
        new = organisations.add_person(session, full_name="Hồ Gia Hân")
        organisations.appoint(
            session,
            person_id=new.id,
            unit_id=signing.unit_ids[1],
            office_code="chair",
            valid_from=date(2019, 3, 1),
        )
        organisations.open_account(session, new.id, username="chutich2moi", at=clock.now())
        organisations.set_pin(session, new.id, pin="271828")
        signing.people["chair2"] = new.id
    sign(signing, 2)
    assert signing.pledge().units[1].sign_state is SignState.SIGNED


def let_vice_chair_convene(world: World) -> None:
    """The vice-chair of the leader unit acts for its chair, as "vice1"."""
    with transaction() as session:
        vice = organisations.add_person(session, full_name="Đỗ Thị Hạnh")
        unit_id = world.unit_ids[0]
        own = organisations.appoint(
            session, person_id=vice.id, unit_id=unit_id, office_code="vice_chair", valid_from=SINCE
        )
        organisations.open_account(session, vice.id, username="phochutich1", at=clock.now())
        organisations.delegate(
            session,
            principal_appointment_id=world.actor("chair1").seats[0].id,
            delegate_person_id=vice.id,
            delegate_appointment_id=own.id,
            valid_from=date(2019, 2, 1),
            valid_to=None,
            scope=["convene"],
            capacity=Capacity.FOR_HEAD,
        )
        world.people["vice1"] = vice.id


def test_who_convenes_in_place_of_the_leader_stands_on_the_invitation_with_that_power(world: World) -> None:
    world.open()
    let_vice_chair_convene(world)
    go_to_approval(world)
    world.complete("standing", "approve", {"verdict": "approve"})
    world.complete("vice1", "invite", texts.invitation())
    with reading() as session:
        document = session.scalars(select(Document).where(Document.kind == "GM")).one()
        block, entry = document.versions[0].data["signature"], document.register_entry
        assert entry is not None
    assert block["authority"] == [
        "TM. KHỐI THI ĐUA 04",
        "KT. KHỐI TRƯỞNG",
        "PHÓ CHỦ TỊCH CÔNG ĐOÀN CƠ SỞ SỞ SỐ 1",
    ]
    assert (block["full_name"], entry.signer) == ("Đỗ Thị Hạnh", "Đỗ Thị Hạnh")


def test_papers_of_the_conference_stand_in_the_register_with_type_signer_and_recipients(
    signing: World,
) -> None:
    with reading() as session:
        entries = session.scalars(select(RegisterEntry).order_by(RegisterEntry.number)).all()
    assert [(entry.symbol, entry.subject, entry.signer) for entry in entries[1:]] == [
        ("GM-KTĐ04", "Giấy mời dự Hội nghị ký kết giao ước thi đua năm 2019", "Nguyễn Thị Minh An"),
        ("BB-KTĐ04", "Biên bản hội nghị ký kết giao ước thi đua năm 2019", "Nguyễn Thị Minh An"),
        ("KH-KTĐ04", "Kế hoạch hoạt động Khối thi đua 04 năm 2019", "Nguyễn Thị Minh An"),
    ]
    sent = "Công đoàn cơ sở Sở số 1; Công đoàn cơ sở Sở số 2; Liên đoàn Lao động tỉnh An Giang"
    assert {entry.recipients for entry in entries[1:]} == {sent}
    assert all(entry.sent_on is not None and entry.file_copy for entry in entries[1:])


def test_an_overdue_unit_is_told_to_the_leader_and_the_federation_and_may_still_sign(
    signing: World, february: clock.ScriptedClock
) -> None:
    sign(signing, 1)
    february.advance(seconds=timedelta(days=14).total_seconds())
    timers.fire_due()
    jobs.run_until_idle()
    with reading() as session:
        told = session.scalars(
            select(Notification).where(Notification.event_key.startswith("overdue:"))
        ).all()
    assert {note.person_id for note in told} == {signing.people["chair1"], signing.people["officer"]}
    sign(signing, 2)
    assert signing.pledge().units[1].is_late


def test_issuing_registers_and_distributes(signing: World) -> None:
    sign(signing, 1)
    sign(signing, 2)
    content_id = signing.pledge().frozen_content_id or ""
    signing.complete("standing", "witness", texts.witness(content_id))
    signing.complete("clerk", "issue", {"recipients": "Ban Tuyên giáo", "copies": "2"})
    with reading() as session:
        document = session.get_one(Document, signing.pledge().document_id)
        entry = session.get_one(RegisterEntry, document.register_entry_id)
    assert document.state is DocumentState.ISSUED
    assert (entry.full_symbol, entry.signer, entry.copies) == ("01/GƯ-KTĐ04", "Phạm Ngọc Diệp", 2)
    assert "Ban Tuyên giáo" in entry.recipients
