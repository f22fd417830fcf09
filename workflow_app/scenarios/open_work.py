"""The practice room: one pledge that is issued, and open work at every step, with deadlines near today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from workflow_app.core import clock
from workflow_app.core.clock import HANOI, ScriptedClock
from workflow_app.core.database import reading, transaction
from workflow_app.core.working_days import WorkingCalendar
from workflow_app.organisations.settings_data import working_calendar
from workflow_app.scenarios import angiang_2019
from workflow_app.scenarios.pledge_year import PledgeYear
from workflow_app.scenarios.practice import accounts, an_giang, founding, more_blocs, soc_trang
from workflow_app.scenarios.practice.accounts import Secrets
from workflow_app.scenarios.practice.founding import Federation
from workflow_app.scenarios.story import Story

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Which bloc is taken how far, in words for the person who waits."""

    words: str
    federation: Federation
    begins: int
    play: "Callable[[_Days, PledgeYear], None]"


class _Days:
    """Working days before today, by the federation's own calendar."""

    def __init__(self, today: date, calendar: WorkingCalendar) -> None:
        self._today, self._calendar = today, calendar

    def day(self, before: int) -> date:
        return self._calendar.add_working_days(self._today, -before)

    def at(self, before: int, time: str) -> str:
        """ "2026-03-02 14:00", for `Story.at`."""
        return f"{self.day(before).isoformat()} {time}"


def make(secrets: Secrets, *, today: date, tell: Tell) -> None:
    """Makes all of it through the application's own services; takes some seconds.

    today: in Viet Nam; the open pledges are this year's. The caller's clock is back in place afterwards.
    """
    an_giang_, soc_trang_ = _found(secrets, today)
    tell("  Khối thi đua 04, An Giang, năm 2019: đã ban hành")
    _play(an_giang_, angiang_2019.YEAR, angiang_2019.BEGINS, angiang_2019.play, secrets)
    with reading() as session:
        days = _Days(today, working_calendar(session, unit_id=None, on=today))
    for stage in _stages(an_giang_, soc_trang_, secrets, today):
        tell(f"  {stage.federation.bloc.name}, năm {today.year}: {stage.words}")
        begins = days.at(stage.begins, "08:00")
        _play(stage.federation, today.year, begins, partial(stage.play, days), secrets)


def _found(secrets: Secrets, today: date) -> tuple[Federation, Federation]:
    with clock.use(ScriptedClock(_moment(angiang_2019.BEGINS))), transaction() as session:
        at = clock.now()
        first = founding.found(session, an_giang.PLAN, years=[angiang_2019.YEAR, today.year], at=at)
        second = founding.found(session, soc_trang.PLAN, years=[today.year], at=at)
        for federation in (first, second):
            accounts.open_accounts(session, federation.people, secrets, at=at)
    return first, second


def _stages(an_giang_: Federation, soc_trang_: Federation, secrets: Secrets, today: date) -> list[_Stage]:
    approve, witness, issue, draft = (
        _more(an_giang_, bloc, secrets, today)
        for bloc in (
            more_blocs.TO_APPROVE,
            more_blocs.TO_WITNESS,
            more_blocs.TO_ISSUE,
            more_blocs.TO_DRAFT,
        )
    )
    return [
        _Stage("12 trong 14 đơn vị đã ký, một đơn vị từ chối", an_giang_, 45, _until_signing),
        _Stage("các đơn vị đang góp ý", soc_trang_, 6, _until_commenting),
        _Stage("chờ Liên đoàn duyệt", approve, 14, _until_approving),
        _Stage("chờ Liên đoàn chứng kiến", witness, 30, _until_witnessing),
        _Stage("chờ văn thư ban hành", issue, 32, _until_issuing),
        _Stage("Khối trưởng đang soạn", draft, 10, lambda days, year: year.open()),
    ]


def _more(federation: Federation, bloc: Any, secrets: Secrets, today: date) -> Federation:
    with clock.use(ScriptedClock(_moment(angiang_2019.BEGINS))), transaction() as session:
        known = set(federation.people)
        seen = founding.add_bloc(session, federation, bloc, years=[today.year])
        fresh = {name: person for name, person in seen.people.items() if name not in known}
        accounts.open_accounts(session, fresh, secrets, at=clock.now())
    return seen


def _play(
    federation: Federation, year: int, begins: str, play: Callable[[PledgeYear], None], secrets: Secrets
) -> None:
    scripted = ScriptedClock(_moment(begins))
    with clock.use(scripted):
        play(PledgeYear(Story(scripted, federation.people), federation, year, pin=secrets.pin))


def _until_commenting(days: _Days, year: PledgeYear) -> None:
    year.open()
    year.story.at(days.at(4, "09:00"))
    year.draft(soc_trang.text(year.year))
    year.story.at(days.at(2, "08:00"))
    remarks = {
        "tinhdoan": [("target:members", "Đơn vị có nhiều hợp đồng ngắn hạn, đề nghị nêu rõ cách tính 95%.")],
        "bhxh": [("general", "Đề nghị tạo điều kiện để các đơn vị giao lưu, trao đổi kinh nghiệm.")],
    }
    for slug in (*list(year.federation.unions)[1:8], "bhxh"):
        if slug in remarks:
            year.remark(slug, remarks[slug])
        else:
            year.agree(slug)


def _until_signing(days: _Days, year: PledgeYear) -> None:
    year.open()
    year.story.at(days.at(43, "08:00"))
    year.draft(an_giang.text(year.year, recommended=2, if_possible=False))
    year.story.at(days.at(40, "08:00"))
    for slug in year.federation.unions:
        if slug == "sotp":
            said = [("target:party_members", "Đơn vị nhỏ, 02 đoàn viên ưu tú là khó.")]
            year.remark(slug, said, own={"party_members": "1"})
        elif slug not in angiang_2019.SILENT:
            year.agree(slug, works=[an_giang.WORKS[slug]] if slug in an_giang.WORKS else [])
    year.story.at(days.at(33, "08:00"))
    answer = {"target:party_members": (True, "Tiếp thu: sửa còn ít nhất 01 đoàn viên, áp dụng nếu có nguồn.")}
    year.consolidate(an_giang.text(year.year), decision="submit", replies=answer)
    year.story.at(days.at(31, "09:00"))
    year.approve()
    _meet(year, days, invited=20, held=2, absent={"songv": "Chủ tịch đi công tác"})
    for slug in year.federation.unions:
        if slug == "sotc":
            year.refuse(slug, "Ban Chấp hành chưa họp để thông qua chỉ tiêu 8 của đơn vị.")
        elif slug != "songv":
            year.sign(year.chairs[slug])


def _until_approving(days: _Days, year: PledgeYear) -> None:
    _agreed(year, days, drafted=12, asked=11)
    year.story.at(days.at(2, "08:00"))
    year.consolidate(an_giang.text(year.year, bloc=year.federation.bloc), decision="submit", replies={})


def _until_witnessing(days: _Days, year: PledgeYear) -> None:
    _signed(year, days)


def _until_issuing(days: _Days, year: PledgeYear) -> None:
    _signed(year, days)
    year.story.at(days.at(1, "10:00"))
    year.witness("phochutich")


def _signed(year: PledgeYear, days: _Days) -> None:
    _agreed(year, days, drafted=28, asked=27)
    year.story.at(days.at(19, "08:00"))
    year.consolidate(an_giang.text(year.year, bloc=year.federation.bloc), decision="submit", replies={})
    year.story.at(days.at(18, "09:00"))
    year.approve()
    _meet(year, days, invited=12, held=3, absent={})
    for slug in year.federation.unions:
        year.sign(year.chairs[slug])


def _agreed(year: PledgeYear, days: _Days, *, drafted: int, asked: int) -> None:
    year.open()
    year.story.at(days.at(drafted, "09:00"))
    year.draft(an_giang.text(year.year, bloc=year.federation.bloc))
    year.story.at(days.at(asked, "08:00"))
    for slug in year.federation.unions:
        year.agree(slug)


def _meet(year: PledgeYear, days: _Days, *, invited: int, held: int, absent: Mapping[str, str]) -> None:
    leader, place = year.federation.bloc.leader, f"Hội trường {year.federation.bloc.leader.short_name}"
    year.story.at(days.at(invited, "08:00"))
    year.invite(days.day(held), "14:00", place)
    year.story.at(days.at(held, "16:45"))
    came = len(year.federation.unions) - len(absent)
    year.meet(
        {
            "day": days.day(held),
            "started": "14:00",
            "ended": "16:30",
            "place": place,
            "chair_name": leader.chair.full_name,
            "chair_title": f"Chủ tịch {leader.name}, Khối trưởng",
            "secretary_name": leader.vice_chair.full_name,
            "secretary_title": f"Phó Chủ tịch {leader.name}",
            "items": [{"title": "Trình bày, thảo luận dự thảo Giao ước thi đua và Kế hoạch hoạt động khối"}],
            "agree": came,
            "conclusions": [f"Thông qua Giao ước thi đua năm {year.year} của {year.federation.bloc.name}"],
        },
        absent,
    )


def _moment(local_time: str) -> datetime:
    return datetime.fromisoformat(local_time).replace(tzinfo=HANOI)
