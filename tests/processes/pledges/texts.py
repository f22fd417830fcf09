"""Filled forms of a pledge, as a person would send them."""

from typing import Any
from uuid import UUID

from tests.processes.pledges.world import PIN


def text() -> dict[str, Any]:
    return {
        "contents": [
            {"title": "Đại diện, bảo vệ quyền, lợi ích hợp pháp, chính đáng", "points": "Tham gia quản lý"},
            {"title": "Xây dựng tổ chức công đoàn", "points": "Rà soát Ban Chấp hành\nỦy ban kiểm tra"},
        ],
        "targets": [
            {"key": "grade", "text": "Xếp loại hoạt động công đoàn đạt vững mạnh", "kind": "grade"},
            {
                "key": "party",
                "text": "Giới thiệu ít nhất 02 đoàn viên ưu tú cho Đảng xem xét kết nạp",
                "kind": "count",
                "value": "2",
                "measure": "đoàn viên",
            },
        ],
        "clauses": [{"text": "Khối trưởng điều hành hoạt động của khối"}],
        "reporting": [{"name": "Báo cáo quý I", "due": "2019-04-05"}],
        "closing": "Giao ước có hiệu lực từ ngày ký",
        "plan": {
            "purposes": "Phát động phong trào thi đua",
            "work_items": [{"name": "Hội nghị ký kết", "lead": "Khối trưởng", "due": "Tháng 3"}],
        },
    }


def minutes(units: list[UUID], *, absent: tuple[int, ...] = (), agree: int | None = None) -> dict[str, Any]:
    present = len(units) - len(absent)
    return {
        "day": "01/03/2019",
        "started": "14:00",
        "ended": "16:30",
        "place": "Hội trường Sở Thông tin và Truyền thông",
        "chair_name": "Nguyễn Thị Minh An",
        "chair_title": "Chủ tịch CĐCS Sở số 1",
        "secretary_name": "Ngô Đình Phúc",
        "secretary_title": "Ủy viên Ban Chấp hành",
        "attendance": [
            {
                "unit_id": str(unit_id),
                "present": "on",
                "representative": f"Đại diện {number}",
                "title": "Chủ tịch",
            }
            if number not in absent
            else {"unit_id": str(unit_id), "reason": "đi công tác"}
            for number, unit_id in enumerate(units, start=1)
        ],
        "items": [{"title": "Thảo luận giao ước", "paragraphs": "Các đơn vị thống nhất cao"}],
        "agree": str(present if agree is None else agree),
        "disagree": "0",
    }


def invitation(day: str = "01/03/2019") -> dict[str, Any]:
    return {"day": day, "time": "14:00", "place": "Hội trường", "agenda": "Thảo luận giao ước\nKý kết"}


def signature(content_id: str) -> dict[str, Any]:
    return {"result": "signed", "read": "on", "content_id": content_id, "secret": PIN}


def witness(content_id: str) -> dict[str, Any]:
    return {"read": "on", "content_id": content_id, "secret": PIN}
