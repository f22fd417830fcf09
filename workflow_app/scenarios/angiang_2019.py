"""An Giang, bloc 04, 2019: the pledge of 14 unions from the first draft to the issued document.

The day of the conference, its afternoon, the contents and the targets are the article's. Who remarked, was
absent, refused at first or had somebody sign in his place is invented, so that each of these is played.
"""

from datetime import date

from workflow_app.organisations.types import Capacity
from workflow_app.scenarios import acts
from workflow_app.scenarios.pledge_year import PledgeYear
from workflow_app.scenarios.practice.an_giang import WORKS, text

YEAR = 2019
BEGINS = "2019-01-07 08:30"
HALL = "Hội trường Sở Thông tin và Truyền thông tỉnh An Giang"

SILENT = ("sogtvt", "sonnptnt", "sovhttdl")
REMARKS = {
    "sotp": [
        ("target:party_members", "Đơn vị nhỏ, 02 đoàn viên ưu tú là khó."),
        ("target:party_members", "Đề nghị ghi rõ chỉ áp dụng khi có nguồn đoàn viên."),
    ],
    "sokhcn": [("target:party_members", "Đề nghị giảm còn 01 đoàn viên, đơn vị đa số đã là đảng viên.")],
    "soct": [("content:4", "Đề nghị bổ sung việc hưởng ứng Tháng Công nhân.")],
}


def play(year: PledgeYear) -> None:
    """The whole story; the clock stands at BEGINS."""
    draft_and_comment(year)
    approve(year)
    meet(year)
    sign(year)
    year.story.at("2019-03-12 09:00")
    year.witness("thuongvu")
    year.story.at("2019-03-13 08:15")
    year.issue(recipients=["Ban Tuyên giáo Liên đoàn Lao động tỉnh"], copies=16)


def draft_and_comment(year: PledgeYear) -> None:
    year.open()
    year.story.at("2019-01-10 14:05")
    year.draft(text(year.year, recommended=2, if_possible=False))
    year.story.at("2019-01-14 08:00")
    for slug in year.federation.unions:
        if slug in SILENT:
            continue
        works = [WORKS[slug]] if slug in WORKS else []
        if slug in REMARKS:
            year.remark(slug, REMARKS[slug], works=works, own={"party_members": "1"})
        else:
            year.agree(slug, works=works)


def approve(year: PledgeYear) -> None:
    year.story.at("2019-01-22 08:10")  # the round closed the evening before: three units kept silent
    year.consolidate(
        text(year.year),
        decision="submit",
        replies={
            "target:party_members": (True, "Tiếp thu: sửa còn ít nhất 01 đoàn viên, áp dụng nếu có nguồn."),
            "content:4": (True, "Đã có trong nhóm nội dung 4."),
        },
    )
    year.story.at("2019-01-23 10:00")
    year.return_with(
        [("target:work_item", "Ghi rõ công trình, phần việc chào mừng 90 năm Công đoàn Việt Nam.")]
    )
    year.story.at("2019-01-24 08:30")
    year.consolidate(
        text(year.year),
        decision="submit",
        replies={"target:work_item": (True, "Đã ghi rõ ở chỉ tiêu 8.")},
    )
    year.story.at("2019-01-25 09:20")
    year.approve()


def meet(year: PledgeYear) -> None:
    year.story.at("2019-02-18 08:00")
    year.invite(date(2019, 3, 1), "14:00", HALL, notes=["Đề nghị các đơn vị mang theo dấu (nếu có)"])
    year.story.at("2019-03-01 17:00")
    leader = year.federation.bloc.leader
    year.meet(
        {
            "day": date(2019, 3, 1),
            "started": "14:00",
            "ended": "16:40",
            "place": HALL,
            "chair_name": leader.chair.full_name,
            "chair_title": f"Chủ tịch {leader.name}, Khối trưởng",
            "secretary_name": leader.vice_chair.full_name,
            "secretary_title": f"Phó Chủ tịch {leader.name}",
            "guests": ["Đồng chí Lương Thị Hồng Vân, Ủy viên Ban Thường vụ Liên đoàn Lao động tỉnh"],
            "items": _proceedings(),
            "agree": 13,
            "disagree": 0,
            "conclusions": [
                f"Thông qua Giao ước thi đua năm {year.year} của Khối thi đua 04",
                f"Thông qua Kế hoạch hoạt động khối năm {year.year}",
                "Đơn vị vắng mặt ký giao ước trong 05 ngày làm việc",
            ],
        },
        absent={"songv": "Chủ tịch đi công tác, đã gửi ý kiến bằng văn bản"},
    )


def sign(year: PledgeYear) -> None:
    """12 sign after the conference: the leader first, one vice-chair for his chair; one refuses, one is away."""
    substitute = acts.let_vice_chair_sign(
        year.story, year.federation, "soldtbxh", capacity=Capacity.FOR_HEAD, paper="03/PC-CĐCS", days=10
    )
    for slug in year.federation.unions:
        if slug == "sotc":
            year.refuse(slug, "Ban Chấp hành chưa họp để thông qua chỉ tiêu 8 của đơn vị.")
        elif slug == "soldtbxh":
            year.sign(substitute)
        elif slug != "songv":
            year.sign(year.chairs[slug])
    year.story.at("2019-03-04 08:30")
    year.settle(
        "sotc", "invite_again", "Chỉ tiêu 8 chỉ cần 01 phần việc; đề nghị đơn vị họp Ban Chấp hành và ký."
    )
    year.story.at("2019-03-06 15:30")
    year.sign("chutich.sotc")
    year.story.at("2019-03-11 08:45")  # after the last day, 8 March: the leader and the federation were told
    year.sign("chutich.songv")


def _proceedings() -> list[dict[str, object]]:
    return [
        {
            "title": "Khối trưởng trình bày dự thảo Giao ước thi đua và Kế hoạch hoạt động khối",
            "paragraphs": [
                "Bản dự thảo đã tiếp thu ý kiến góp ý bằng văn bản; 03 đơn vị không có ý kiến thì coi là đồng ý"
            ],
        },
        {
            "title": "Thảo luận",
            "paragraphs": [
                "Các đơn vị thống nhất chỉ tiêu 3: ít nhất 01 đoàn viên ưu tú, áp dụng nếu có nguồn"
            ],
        },
        {
            "title": "Ý kiến chỉ đạo của Liên đoàn Lao động tỉnh",
            "paragraphs": [
                "Đồng chí Lương Thị Hồng Vân giải đáp ý kiến của các công đoàn về bảng điểm thi đua; đề nghị rà soát kiện toàn Ban Chấp hành, Ủy ban Kiểm tra, Ban Nữ công"
            ],
        },
    ]
