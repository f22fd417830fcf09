"""The conference: invitation and minutes."""

from typing import Any

from workflow_app.core.vietnamese import decree_date, local
from workflow_app.organisations.actors import officers_of
from workflow_app.organisations.settings_data import settings
from workflow_app.processes.pledges.models import PledgeConference, PledgeUnit
from workflow_app.processes.pledges.rules import quorum
from workflow_app.processes.pledges.service.rows import last_conference
from workflow_app.processes.pledges.views.asks.base import Ask, act, check

_AGENDA = (
    "Thông qua dự thảo Giao ước thi đua và Kế hoạch hoạt động khối",
    "Các đơn vị thảo luận, biểu quyết",
    "Ký kết giao ước",
    "Ý kiến của Liên đoàn Lao động",
)


def invite(ask: Ask) -> dict[str, Any]:
    """The leader convenes the conference."""
    pledge = ask.pledge
    days = settings(ask.session, ("pledge.invite_min_days",), unit_id=pledge.federation_id, on=ask.today)[
        "pledge.invite_min_days"
    ]
    earliest = ask.calendar.add_working_days(ask.today, days)
    return {
        "ask": f"Mời {len(pledge.units)} đơn vị họp hội nghị ký kết",
        "lead": f"{ask.federation} đã duyệt. Giấy mời được lập từ các ô dưới đây, lấy số và gửi ngay.",
        "summary": [
            ("Văn bản", ask.version_words()),
            ("Ngày họp sớm nhất", f"{decree_date(earliest)}, mời trước ít nhất {days} ngày làm việc"),
            ("Người nhận", f"{len(pledge.units)} đơn vị và {ask.federation}"),
        ],
        "initial": {
            "day": earliest,
            "time": "14:00",
            "chair": _chairman(ask),
            "agenda": list(_AGENDA),
        },
        "acts": [
            act(
                "Gửi giấy mời",
                "Giấy mời có số được gửi đến mọi đơn vị. Muốn đổi ngày sau đó thì báo lại từng đơn vị.",
                kind="primary",
                icon="mail",
            )
        ],
    }


def minutes(ask: Ask) -> dict[str, Any]:
    """Who came, what was said, how it voted."""
    pledge = ask.pledge
    conference = last_conference(ask.session, pledge.id)
    shares = settings(
        ask.session,
        ("pledge.quorum", "pledge.adoption_threshold"),
        unit_id=pledge.federation_id,
        on=ask.today,
    )
    needed = quorum(0, len(pledge.units), shares["pledge.quorum"]).needed
    over = shares["pledge.adoption_threshold"]
    started = conference.starts_at <= ask.now
    return {
        "ask": "Ghi biên bản hội nghị ký kết",
        "lead": "Có được thông qua hay không do hệ thống tính từ số đơn vị có mặt và số phiếu.",
        "summary": [
            ("Hội nghị", f"{local(conference.starts_at):%H:%M} ngày {_day(conference)}"),
            ("Địa điểm", conference.place),
            ("Đủ điều kiện họp", f"ít nhất {needed} trong {len(pledge.units)} đơn vị"),
            ("Thông qua khi", f"quá {over.numerator}/{over.denominator} đơn vị có mặt tán thành"),
        ],
        "readiness": [] if started else [check("stop", "Hội nghị chưa diễn ra, chưa ghi biên bản được")],
        "units": pledge.units,
        "unit_ids": [str(unit.unit_id) for unit in pledge.units],
        "initial": _initial_minutes(ask, conference),
        "acts": [_record_act()],
    }


def _record_act() -> dict[str, str]:
    return act(
        "Ghi biên bản",
        "Biên bản được lập, lấy số và phát hành. Nếu thông qua, các đơn vị được mời ký ngay;"
        " nếu không, số giao ước bị hủy và dự thảo trở lại để sửa.",
        kind="primary",
        icon="check",
    )


def _initial_minutes(ask: Ask, conference: PledgeConference) -> dict[str, Any]:
    invitation = conference.invitation
    leader = f"Chủ tịch {ask.leader.short_name}"
    return {
        "day": local(conference.starts_at).date(),
        "started": f"{local(conference.starts_at):%H:%M}",
        "place": conference.place,
        "chair_name": ask.actor.full_name,
        "chair_title": f"{leader}, {ask.leader_word}",
        "attendance": _attendance(ask),
        "items": [{"title": line} for line in invitation["agenda"]],
    }


def _attendance(ask: Ask) -> list[dict[str, Any]]:
    """Each unit with its chair; who came is for the leader to tick."""
    units = [unit.unit_id for unit in ask.pledge.units]
    chairs = officers_of(ask.session, "unit_chair", units, ask.today)
    return [_row(unit, chairs.get(unit.unit_id, [])) for unit in ask.pledge.units]


def _row(unit: PledgeUnit, officers: list[Any]) -> dict[str, Any]:
    own = next((officer for officer in officers if officer.seat.delegation_id is None), None)
    who = {"representative": own.full_name, "title": own.seat.title} if own else {}
    return {"unit_id": str(unit.unit_id), **who}


def _chairman(ask: Ask) -> str:
    return f"Đồng chí {ask.actor.full_name}, {ask.leader_word}"


def _day(conference: PledgeConference) -> str:
    return decree_date(local(conference.starts_at).date())
