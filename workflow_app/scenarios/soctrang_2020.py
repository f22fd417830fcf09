"""Sóc Trăng, cluster 3, 2020: 16 unions, two rounds of comments, a chair replaced in between, one unit that
does not sign in the end.

The day of the ceremony, its morning, the units and the contents are the article's; the rest is invented.
"""

from datetime import date

from workflow_app.organisations.types import Capacity
from workflow_app.processes.pledges.handlers import rounds
from workflow_app.scenarios import acts
from workflow_app.scenarios.pledge_year import PledgeYear
from workflow_app.scenarios.practice.accounts import Secrets
from workflow_app.scenarios.practice.plans import PersonPlan
from workflow_app.scenarios.practice.soc_trang import text

YEAR = 2020
BEGINS = "2020-04-20 08:00"
HALL = "Hội trường Ủy ban MTTQ Việt Nam tỉnh Sóc Trăng"

REPLACED = "hnd"  # its chair goes between the two rounds
NEVER_SIGNS = "hnm"
SUBSTITUTED = "kbnn"
SILENT_FIRST = ("hhnnd", "lmhtx")
SILENT_LAST = ("hccb", "hvhnt", "lhhkhkt")


def play(year: PledgeYear, secrets: Secrets) -> None:
    """The whole story; the clock stands at BEGINS."""
    first_round(year)
    second_round(year, secrets)
    meet(year)
    sign(year)
    year.story.at("2020-06-18 08:30")
    year.witness("chutich")
    year.story.at("2020-06-19 08:00")
    year.issue(copies=18)


def first_round(year: PledgeYear) -> None:
    year.open()
    year.story.at("2020-04-22 09:00")
    year.draft(text(year.year))
    year.story.at("2020-04-24 08:00")
    for slug in year.federation.unions:
        if slug in SILENT_FIRST:
            continue
        if slug == "tinhdoan":
            year.remark(
                slug, [("target:members", "Tỉnh đoàn có nhiều hợp đồng ngắn hạn, đề nghị nêu rõ cách tính.")]
            )
        elif slug == "bhxh":
            year.remark(
                slug, [("general", "Đề nghị tạo điều kiện để các đơn vị giao lưu, trao đổi kinh nghiệm.")]
            )
        else:
            year.agree(slug)


def second_round(year: PledgeYear, secrets: Secrets) -> None:
    """The leader asks once more; in the middle of it one unit gets another chair, who answers in its name."""
    year.story.at("2020-05-07 08:00")
    year.consolidate(
        text(year.year),
        decision="new_round",
        replies={
            "target:members": (True, "Tính trên số người có hợp đồng từ 6 tháng trở lên."),
            "general": (True, "Đã đưa vào yêu cầu của kế hoạch hoạt động cụm."),
        },
    )
    year.story.at("2020-05-11 08:00")
    successor = PersonPlan.of("bà Lâm Thị Thanh Thúy")
    year.chairs[REPLACED] = acts.replace_chair(
        year.story,
        year.federation,
        REPLACED,
        successor,
        secrets=secrets,
        basis="Quyết định kiện toàn Ban Chấp hành, dữ liệu thực hành",
    )
    for slug in year.federation.unions:
        if slug not in SILENT_LAST:
            year.agree(slug)
    year.story.at("2020-05-19 08:00")
    year.consolidate(text(year.year), decision="submit", replies={})
    year.story.at("2020-05-20 09:00")
    year.approve()


def meet(year: PledgeYear) -> None:
    year.story.at("2020-05-25 08:00")
    year.invite(date(2020, 6, 9), "08:00", HALL)
    year.story.at("2020-06-09 10:30")
    leader = year.federation.bloc.leader
    year.meet(
        {
            "day": date(2020, 6, 9),
            "started": "08:00",
            "ended": "10:15",
            "place": HALL,
            "chair_name": leader.chair.full_name,
            "chair_title": f"Chủ tịch {leader.name}, Cụm trưởng",
            "secretary_name": leader.vice_chair.full_name,
            "secretary_title": f"Phó Chủ tịch {leader.name}",
            "guests": ["Đồng chí Nguyễn Thị Ngọc Thanh, Chủ tịch Công đoàn Viên chức tỉnh"],
            "items": [
                {
                    "title": "Triển khai Kế hoạch tổ chức phong trào thi đua, khen thưởng của cụm",
                    "paragraphs": [
                        "Các đơn vị đề nghị tạo điều kiện giao lưu, học tập kinh nghiệm; hoạt động thi đua bảo đảm công khai, dân chủ, công bằng"
                    ],
                }
            ],
            "agree": 15,
            "disagree": 1,
            "conclusions": [f"Thông qua Giao ước thi đua năm {year.year} của Cụm thi đua số 3"],
        },
        absent={},
    )


def sign(year: PledgeYear) -> None:
    """15 sign, one through a delegate with a written power; the round closes without the sixteenth."""
    delegate = acts.let_vice_chair_sign(
        year.story,
        year.federation,
        SUBSTITUTED,
        capacity=Capacity.BY_DELEGATION,
        paper="02/GUQ-CĐCS",
        days=10,
    )
    for slug in year.federation.unions:
        if slug == SUBSTITUTED:
            year.sign(delegate)
        elif slug != NEVER_SIGNS:
            year.sign(year.chairs[slug])
    year.story.at("2020-06-17 08:00")  # after the last day, 16 June
    hand = year.story.as_(year.leader)
    with hand.doing("pledge.not_signed", role="bloc_leader") as act:
        rounds.close_without(
            act.session,
            act.actor,
            year.pledge_id,
            year.federation.unions[NEVER_SIGNS].unit_id,
            reason="Đơn vị đang sáp nhập, chưa có người đại diện ký giao ước.",
            op_id=act.op_id,
            at=act.at,
        )
