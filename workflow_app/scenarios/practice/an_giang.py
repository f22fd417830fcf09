"""Bloc 04 of An Giang in 2019: 14 unions of provincial departments.

Units, leader, deputy, contents and targets are those of the news item of the Department of Information
and Communications of An Giang, 5 March 2019. People, user names, telephone numbers and the plan are invented.
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
sotttt | Sở Thông tin và Truyền thông | bà Nguyễn Thị Minh An | ông Đoàn Minh Thuận
sonv | Sở Nội vụ | ông Trần Quốc Bảo | bà Lê Thị Hồng Gấm
songv | Sở Ngoại vụ | bà Đặng Thị Ngọc Bích | ông Trương Hoài Phong
soct | Sở Công Thương | ông Lê Văn Chí | bà Nguyễn Thị Kim Loan
soxd | Sở Xây dựng | ông Phạm Thanh Dũng | bà Trần Thị Mỹ Hạnh
soldtbxh | Sở Lao động - Thương binh và Xã hội | bà Huỳnh Ngọc Hà | ông Nguyễn Hữu Tài
sotnmt | Sở Tài nguyên và Môi trường | ông Võ Thành Khang | bà Phạm Thị Cẩm Tú
sokhdt | Sở Kế hoạch và Đầu tư | bà Bùi Thị Lan | ông Lâm Quốc Thái
sotp | Sở Tư pháp | ông Ngô Gia Mẫn | bà Dương Thị Bảo Châu
sotc | Sở Tài chính | bà Đỗ Kim Ngân | ông Huỳnh Tấn Lộc
sokhcn | Sở Khoa học và Công nghệ | ông Phan Hữu Phước | bà Võ Thị Thanh Nhàn
sogtvt | Sở Giao thông Vận tải | ông Hồ Văn Quý | bà Mai Thị Tuyết Nga
sonnptnt | Sở Nông nghiệp và Phát triển nông thôn | bà Lý Thị Thùy Trang | ông Cao Văn Sáng
sovhttdl | Sở Văn hóa, Thể thao và Du lịch | ông Mai Anh Vũ | bà Tô Thị Diễm Hương
"""

PLAN = FederationPlan(
    slug="ldldag",
    above=(CONFEDERATION,),
    body=BodyPlan(
        code="AG",
        name="Liên đoàn Lao động tỉnh An Giang",
        short_name="LĐLĐ tỉnh An Giang",
        kind="federation",
        letterhead_parent="Tổng Liên đoàn Lao động Việt Nam",
        letterhead_name="Liên đoàn Lao động tỉnh An Giang",
        symbol="LĐLĐ",
        place="An Giang",
    ),
    officers=officers(
        "chutich | federation_chair | ông Nguyễn Thiện Phát",
        "phochutich | federation_vice_chair | bà Lâm Thị Bích Thủy",
        "thuongvu | standing_member | bà Lương Thị Hồng Vân | Ủy viên Ban Thường vụ",
        "chuyenvien | federation_officer | bà Lê Thị Thu Hà",
        "vanthu | records_clerk | bà Trần Thị Mộng Cầm",
        "quantri | administrator | ông Nguyễn Hoàng Khôi",
        "quytrinh | process_author | ông Phạm Đăng Khoa",
        "kiemsoat | auditor | bà Huỳnh Thị Yến Nhi",
    ),
    bloc=BlocPlan(
        code="04",
        name="Khối thi đua 04",
        kind=BlocKind.BLOC,
        symbol="KTĐ04",
        unions=unions(_UNIONS, prefix="CĐCS"),
    ),
    help_phone="0296 3 000 004",
)

_HIGHLIGHTS = [
    "Có phát động và thực hiện nổi bật các phong trào thi đua theo giai đoạn hoặc đột xuất do Liên đoàn Lao động tỉnh phát động và được khen thưởng",
    "Đăng ký với Liên đoàn Lao động tỉnh các công trình, sản phẩm thi đua, mô hình hoạt động chào mừng kỷ niệm các ngày lễ lớn, mang lại hiệu quả thiết thực và được công nhận",
    "Hằng tháng, quý tham gia cộng tác viết tin, bài gửi về Ban Tuyên giáo Liên đoàn Lao động tỉnh (ít nhất 01 tin, bài)",
    "Nộp kinh phí, đoàn phí đạt kế hoạch; sử dụng kinh phí và quyết toán tài chính với công đoàn cấp trên đúng nguyên tắc và thời gian quy định",
    "Có nhiều hoạt động thiết thực hưởng ứng Tháng Công nhân được công đoàn cấp trên khen thưởng, biểu dương hoặc chính quyền cùng cấp tặng giấy khen",
    "Tham dự các cuộc họp, hội nghị sơ kết, tổng kết đầy đủ, đúng thành phần do Liên đoàn Lao động tỉnh tổ chức",
    "Gửi báo cáo đúng thời gian và theo biểu mẫu hướng dẫn của công đoàn cấp trên",
    "Hằng năm xây dựng kế hoạch kiểm tra và thực hiện kiểm tra chấp hành Điều lệ, nghị quyết Ban Chấp hành cùng cấp, kiểm tra công tác quản lý, sử dụng tài chính công đoàn, có biên bản kiểm tra",
    "Có sáng kiến, mô hình mới trong tổ chức hoạt động chăm lo cho nữ đoàn viên, công nhân, viên chức, lao động hoặc con em nữ đoàn viên tại đơn vị",
]


def text(
    year: int, *, recommended: int = 1, if_possible: bool = True, bloc: BlocPlan | None = None
) -> dict[str, Any]:
    """The text of the pledge as the leader's form takes it.

    recommended: members each unit recommends to the Party (target 3). if_possible: with its condition.
    bloc: another bloc of the federation, whose plan then names its own units.
    """
    return {
        "contents": _contents(),
        "targets": _targets(year, recommended, if_possible=if_possible),
        "clauses": _clauses(),
        "reporting": _reporting(year),
        "closing": (
            f"Giao ước này có hiệu lực từ ngày ký đến hết ngày 31 tháng 12 năm {year},"
            " được gửi đến các đơn vị trong khối và Liên đoàn Lao động tỉnh"
        ),
        "score_sheet": _score_sheet(),
        "attachments": [f"Kế hoạch hoạt động khối năm {year}"],
        "plan": _plan(year, bloc or PLAN.bloc),
    }


def _contents() -> list[dict[str, Any]]:
    return [
        {
            "title": "Đại diện, bảo vệ quyền, lợi ích hợp pháp, chính đáng của công chức, viên chức, lao động và tham gia quản lý",
            "points": [],
        },
        {"title": "Xây dựng tổ chức công đoàn", "points": []},
        {"title": "Công tác tuyên truyền và các hoạt động khác", "points": []},
        {"title": "Một số nội dung nổi bật", "points": _HIGHLIGHTS},
    ]


def _targets(year: int, recommended: int, *, if_possible: bool) -> list[dict[str, Any]]:
    # The union was founded in 1929: the article's year is its ninetieth.
    work = f"Đăng ký ít nhất 01 công trình hoặc phần việc công đoàn chào mừng {year - 1929} năm Công đoàn Việt Nam đồng hành cùng đất nước"
    condition = "giới thiệu nếu có nguồn đoàn viên công đoàn không phải là đoàn viên chi đoàn"
    return [
        _target("grade", f"Xếp loại hoạt động công đoàn năm {year} đạt vững mạnh", "grade"),
        _target(
            "training",
            f"Cán bộ công đoàn tham gia đầy đủ các lớp đào tạo, bồi dưỡng, tập huấn nghiệp vụ công đoàn năm {year} do Liên đoàn Lao động tổ chức",
            "done",
        ),
        _target(
            "party_members",
            f"Giới thiệu hoặc tham gia giới thiệu ít nhất {recommended:02} đoàn viên công đoàn ưu tú cho Đảng xem xét kết nạp",
            "count",
            value=str(recommended),
            measure="đoàn viên",
            condition=condition if if_possible else "",
        ),
        _target("dues", "Đóng kinh phí công đoàn, đoàn phí công đoàn đầy đủ", "done"),
        _target("finance_check", "Thực hiện kiểm tra tài chính đồng cấp", "done"),
        _target(
            "staff_conference",
            "Tổ chức Hội nghị cán bộ, công chức, viên chức đúng quy định hiện hành",
            "event",
        ),
        _target("democracy_rules", "Tham gia xây dựng và ban hành quy chế dân chủ ở cơ quan, đơn vị", "done"),
        _target("work_item", work, "count", value="1", measure="công trình, phần việc"),
    ]


def _target(key: str, sentence: str, kind: str, **more: str) -> dict[str, Any]:
    return {"key": key, "text": sentence, "kind": kind, **more}


def _clauses() -> list[dict[str, Any]]:
    return [
        {
            "text": "Khối trưởng điều hành hoạt động chung của khối, triệu tập hội nghị, tổng hợp báo cáo của các đơn vị; Khối phó thay mặt Khối trưởng khi được ủy quyền"
        },
        {
            "text": "Các đơn vị trong khối có trách nhiệm",
            "points": [
                "Phổ biến giao ước đến toàn thể đoàn viên và phát động đoàn viên đăng ký thi đua với Ban Chấp hành",
                "Thực hiện đầy đủ các chỉ tiêu đã ký kết, tự chấm điểm theo bảng điểm của Liên đoàn Lao động tỉnh",
                "Tham gia đầy đủ, đúng thành phần các hoạt động phong trào, hội thi, lớp bồi dưỡng do Liên đoàn Lao động tỉnh tổ chức",
            ],
        },
        {
            "text": "Khi cần sửa đổi, bổ sung giao ước, đơn vị đề nghị bằng văn bản gửi Khối trưởng; nội dung sửa đổi có hiệu lực khi các đơn vị liên quan ký lại"
        },
    ]


def _reporting(year: int) -> list[dict[str, Any]]:
    names = (("Báo cáo quý I", "05/4"), ("Báo cáo 6 tháng đầu năm", "15/6"), ("Báo cáo quý III", "05/10"))
    last = {"name": "Báo cáo năm và bảng tự chấm điểm", "due": f"15/11/{year}"}
    return [*({"name": name, "due": f"{day}/{year}"} for name, day in names), last]


def _score_sheet() -> list[dict[str, Any]]:
    """The four groups weigh 40, 40, 15 and 5 as in the national guidance; the criteria are the targets'."""
    yearly, late = "thiếu một việc trừ 2,5 điểm", "chậm trừ 0,5 điểm mỗi lần"
    return [
        _criterion(1, "staff_conference", "Hội nghị cán bộ, công chức, viên chức đúng quy định", "15"),
        _criterion(1, "democracy", "Xây dựng, thực hiện quy chế dân chủ", "12,5", yearly),
        _criterion(1, "care", "Chăm lo, thăm hỏi đoàn viên; giám sát chế độ, chính sách", "12,5", yearly),
        _criterion(2, "dues", "Đóng kinh phí, đoàn phí công đoàn đầy đủ", "15", "tính theo tỷ lệ đóng"),
        _criterion(2, "finance_check", "Kiểm tra tài chính đồng cấp, có biên bản", "10"),
        _criterion(2, "training", "Cán bộ công đoàn dự đủ các lớp tập huấn", "7,5", "tính theo tỷ lệ dự"),
        _criterion(2, "party_members", "Giới thiệu đoàn viên ưu tú cho Đảng", "7,5"),
        _criterion(
            3, "news", "Tin, bài gửi Ban Tuyên giáo hằng tháng, quý", "7,5", "mỗi quý thiếu trừ 2 điểm"
        ),
        _criterion(3, "reports", "Báo cáo đúng thời gian, đúng biểu mẫu", "7,5", late),
        _criterion(4, "works", "Công trình, sáng kiến, mô hình được công nhận", "5", "điểm thưởng"),
    ]


def _criterion(group: int, key: str, sentence: str, points: str, how: str = "") -> dict[str, Any]:
    return {"key": key, "group": group, "text": sentence, "max_points": points, "how": how}


def _plan(year: int, bloc: BlocPlan) -> dict[str, Any]:
    leader, deputy = bloc.leader.name, bloc.deputy.name
    return {
        "purposes": [
            "Đẩy mạnh phong trào thi đua yêu nước trong công chức, viên chức, lao động, góp phần thực hiện thắng lợi nhiệm vụ chính trị của cơ quan, đơn vị",
            "Kịp thời phát hiện, biểu dương, nhân rộng các điển hình tiên tiến",
        ],
        "requirements": ["Hoạt động của khối bảo đảm công khai, dân chủ, công bằng, tiết kiệm"],
        "work_items": [
            _work(f"Hội nghị ký kết giao ước thi đua năm {year}", leader, deputy, "Quý I"),
            _work(
                "Hoạt động hưởng ứng Tháng Công nhân", bloc.unions[4].name, "Các đơn vị", f"Tháng 5/{year}"
            ),
            _work("Hội nghị sơ kết 6 tháng đầu năm", leader, deputy, f"Trước ngày 30/6/{year}"),
            _work(
                "Tự chấm điểm, chấm chéo, tổng hợp kết quả", "Các đơn vị", leader, f"Trước ngày 30/11/{year}"
            ),
            _work("Hội nghị tổng kết, suy tôn đơn vị dẫn đầu", leader, deputy, f"Tháng 12/{year}"),
        ],
        "organisation": [
            "Khối trưởng theo dõi, đôn đốc việc thực hiện kế hoạch; Khối phó phối hợp tổng hợp báo cáo",
            "Các đơn vị căn cứ kế hoạch này xây dựng chương trình công tác của đơn vị mình",
        ],
    }


def _work(name: str, lead: str, partners: str, due: str) -> dict[str, str]:
    return {"name": name, "lead": lead, "partners": partners, "due": due}


WORKS = {
    "sotttt": "Vườn hoa công đoàn trước trụ sở",
    "sonv": "Tủ sách pháp luật cho đoàn viên",
    "songv": "Phòng vắt sữa cho nữ đoàn viên",
    "soct": "Ngày thứ Bảy tình nguyện",
    "soxd": "Mái ấm Công đoàn tặng 01 đoàn viên khó khăn",
    "soldtbxh": "Quỹ học bổng cho con đoàn viên khó khăn",
    "sotnmt": "Cơ quan không rác thải nhựa",
    "sokhdt": "Bếp ăn tập thể an toàn",
    "sotc": "Tuyến đường hoa cơ quan xanh, sạch, đẹp",
    "sokhcn": "Câu lạc bộ sáng kiến đoàn viên",
    "sogtvt": "Cổng trường an toàn giao thông",
}
