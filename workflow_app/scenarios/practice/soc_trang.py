"""Cluster 3 of the civil servants' union of Sóc Trăng in 2020: 16 unions of offices and associations.

Units, leader, deputy and the four contents are those of the news item of 9 June 2020. The article names no
targets: those below are invented after pledges of that time, as are people, telephone numbers and the plan.
"""

from typing import Any

from workflow_app.organisations.models.blocs import BlocKind
from workflow_app.scenarios.practice.plans import (
    CONFEDERATION,
    BlocPlan,
    BodyPlan,
    FederationPlan,
    officers,
    unions,
)

_UNIONS = """
mttq | Ủy ban MTTQ Việt Nam tỉnh | ông Khưu Thanh Phong | bà Lâm Thị Sô Phia
hlhpn | Hội Liên hiệp Phụ nữ tỉnh | bà Trương Thị Bích Liên | bà Nguyễn Thị Kim Thoa
dudncq | Đảng ủy Các cơ quan và Doanh nghiệp tỉnh | ông Nguyễn Hoàng Nam | bà Trần Thị Mỹ Dung
hccb | Hội Cựu chiến binh tỉnh | ông Trần Văn Út | ông Lê Hoàng Nhân
ldld | Liên đoàn Lao động tỉnh | bà Phan Thị Ngọc Lệ | ông Đỗ Minh Trí
tinhdoan | Tỉnh đoàn | ông Lâm Hoàng Mỹ | bà Thạch Thị Thu Thảo
hnd | Hội Nông dân tỉnh | ông Sơn Minh Hiếu | bà Ngô Thị Bé Tư
hctd | Hội Chữ thập đỏ tỉnh | bà Lý Thị Thu Vân | ông Huỳnh Văn Phúc
hhnnd | Hội Hữu nghị Nhân dân các nước tỉnh | ông Dương Quốc Việt | bà Quách Thị Yến
hvhnt | Hội Văn học Nghệ thuật tỉnh | ông Tăng Chí Tâm | bà Võ Thị Hồng Nhung
hnm | Hội Người mù tỉnh | ông Mã Văn Hòa | bà Đặng Thị Út Em
lmhtx | Liên minh Hợp tác xã tỉnh | bà Trịnh Thị Ngọc Mai | ông Kim Thanh Sang
lhhkhkt | Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh | ông Châu Minh Hoàng | bà Triệu Thị Phượng
kbnn | Kho bạc Nhà nước tỉnh | bà Vương Thị Kim Xuyến | ông Hứa Quốc Dũng
cthue | Cục Thuế tỉnh | ông Đinh Công Danh | bà Liêu Thị Mộng Thu
bhxh | Bảo hiểm xã hội tỉnh | bà Hồ Thị Thúy Kiều | ông Lưu Tấn Đạt
"""

_PROVINCE = BodyPlan(
    code="ST",
    name="Liên đoàn Lao động tỉnh Sóc Trăng",
    short_name="LĐLĐ tỉnh Sóc Trăng",
    kind="federation",
    letterhead_parent="Tổng Liên đoàn Lao động Việt Nam",
    letterhead_name="Liên đoàn Lao động tỉnh Sóc Trăng",
    symbol="LĐLĐ",
    place="Sóc Trăng",
)

PLAN = FederationPlan(
    slug="cdvcst",
    above=(CONFEDERATION, _PROVINCE),
    body=BodyPlan(
        code="ST-VC",
        name="Công đoàn Viên chức tỉnh Sóc Trăng",
        short_name="CĐVC tỉnh Sóc Trăng",
        kind="civil_servants_union",
        letterhead_parent="Liên đoàn Lao động tỉnh Sóc Trăng",
        letterhead_name="Công đoàn Viên chức tỉnh Sóc Trăng",
        symbol="CĐVC",
        place="Sóc Trăng",
    ),
    officers=officers(
        "chutich | federation_chair | bà Nguyễn Thị Ngọc Thanh",
        "phochutich | federation_vice_chair | ông Trần Hữu Nghĩa | Phó Chủ tịch Thường trực",
        "chuyenvien | federation_officer | ông Lưu Hoàng Tuấn",
        "vanthu | records_clerk | bà Danh Thị Ngọc Ánh",
        "quantri | administrator | ông Lý Quốc Cường",
        "quytrinh | process_author | bà Phạm Thị Thu Trang",
        "kiemsoat | auditor | ông Thạch Minh Đức",
    ),
    bloc=BlocPlan(
        code="03",
        name="Cụm thi đua số 3",
        kind=BlocKind.CLUSTER,
        symbol="CTĐ03",
        unions=unions(_UNIONS, prefix="Công đoàn"),
    ),
    help_phone="0299 3 000 003",
)


def text(year: int) -> dict[str, Any]:
    """The text of the pledge as the leader's form takes it."""
    return {
        "contents": _contents(),
        "targets": _targets(year),
        "clauses": [
            {
                "text": "Cụm trưởng phân công các thành viên trong cụm giám sát phong trào thi đua giữa các đơn vị"
            },
            {
                "text": "Đơn vị được phân công báo cáo kết quả giám sát vào cuối kỳ, trước hội nghị tổng kết phong trào thi đua toàn cụm"
            },
            {
                "text": "Hoạt động của cụm bảo đảm công khai, dân chủ, công bằng, tạo động lực cho sự phát triển"
            },
        ],
        "reporting": [
            {"name": "Báo cáo kết quả giám sát", "due": f"15/11/{year}"},
            {"name": "Báo cáo năm và bảng tự chấm điểm", "due": f"20/11/{year}"},
        ],
        "closing": "Các đơn vị trong cụm cam kết thực hiện tốt các nội dung giao ước trên",
        "plan": _plan(year),
    }


def _contents() -> list[dict[str, Any]]:
    titles = (
        "Đại diện, bảo vệ quyền, lợi ích hợp pháp, chính đáng của đoàn viên, người lao động và tham gia quản lý, thanh tra, kiểm tra, giám sát",
        "Xây dựng tổ chức Công đoàn",
        "Công tác tuyên truyền và các hoạt động khác",
        "Phấn đấu thực hiện đạt thành tích đặc biệt trong các nội dung ký kết giao ước thi đua",
    )
    return [{"title": title, "points": []} for title in titles]


def _targets(year: int) -> list[dict[str, Any]]:
    # Invented: the article names the contents only.
    return [
        {
            "key": "grade",
            "text": f"100% công đoàn cơ sở được xếp loại hoàn thành tốt nhiệm vụ trở lên năm {year}",
            "kind": "percent_of_units",
            "comparator": "exactly",
            "value": "100",
            "scope": "bloc",
        },
        {
            "key": "conference",
            "text": "100% công đoàn cơ sở phối hợp tổ chức Hội nghị cán bộ, công chức, viên chức đúng thời gian",
            "kind": "percent_of_units",
            "comparator": "exactly",
            "value": "100",
            "scope": "bloc",
        },
        {
            "key": "members",
            "text": "Ít nhất 95% cán bộ, công chức, viên chức, người lao động là đoàn viên công đoàn",
            "kind": "percent_of_people",
            "value": "95",
        },
        {
            "key": "party_members",
            "text": "Mỗi công đoàn cơ sở giới thiệu ít nhất 01 đoàn viên ưu tú cho Đảng xem xét kết nạp",
            "kind": "count",
            "value": "1",
            "measure": "đoàn viên",
            "condition": "nếu có nguồn",
        },
        {
            "key": "women",
            "text": "100% nữ đoàn viên đăng ký danh hiệu “Giỏi việc nước, đảm việc nhà”",
            "kind": "percent_of_people",
            "comparator": "exactly",
            "value": "100",
        },
        {
            "key": "press",
            "text": "Mỗi quý có ít nhất 01 tin, bài gửi Công đoàn Viên chức tỉnh",
            "kind": "count",
            "value": "4",
            "measure": "tin, bài",
        },
    ]


def _plan(year: int) -> dict[str, Any]:
    leader, deputy = PLAN.bloc.leader.name, PLAN.bloc.deputy.name
    return {
        "purposes": [
            "Đẩy mạnh phong trào thi đua yêu nước, tinh thần năng động, sáng tạo, thi đua lao động giỏi của cán bộ, công chức, viên chức",
            "Kịp thời phát hiện, biểu dương, khen thưởng và nhân rộng các điển hình tiên tiến",
        ],
        "requirements": [
            "Tạo điều kiện để các đơn vị giao lưu, trao đổi, học tập kinh nghiệm trong công tác thi đua, khen thưởng"
        ],
        "work_items": [
            {
                "name": f"Lễ ký kết giao ước thi đua năm {year}",
                "lead": leader,
                "partners": deputy,
                "due": "Quý II",
            },
            {
                "name": "Giám sát phong trào thi đua giữa các đơn vị",
                "lead": "Các đơn vị được phân công",
                "partners": leader,
                "due": "Quý III",
            },
            {
                "name": "Hội nghị tổng kết phong trào thi đua toàn cụm",
                "lead": leader,
                "partners": deputy,
                "due": f"Tháng 11/{year}",
            },
        ],
        "organisation": ["Cụm trưởng theo dõi, đôn đốc; Cụm phó tổng hợp báo cáo"],
    }
