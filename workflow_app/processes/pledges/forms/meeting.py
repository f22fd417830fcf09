"""The conference: invitation and minutes."""

from typing import ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from workflow_app.processes.forms import Count, Day, FieldFault, FormPart, Line, Lines, TaskForm
from workflow_app.processes.pledges.forms.parts import Checkbox, Clock, clock_minutes


class PledgeInvite(TaskForm):
    """The leader convenes the conference."""

    day: Day = Field(title="Ngày họp")
    time: Clock = Field(title="Giờ họp", description="Ví dụ 14:00.")
    place: Line = Field(min_length=1, title="Địa điểm")
    chair: Line = Field(default="", title="Người chủ trì")
    agenda: Lines = Field(min_length=1, title="Chương trình", description="Mỗi nội dung một dòng.")
    notes: Lines = Field(default=[], title="Đề nghị, lưu ý", description="Mỗi ý một dòng.")


class Attendance(FormPart):
    """Whether one unit came to the conference."""

    unit_id: UUID = Field(title="Đơn vị")
    present: Checkbox = Field(default=False, title="Có mặt")
    representative: Line = Field(default="", title="Người dự")
    title: Line = Field(default="", title="Chức vụ")
    reason: Line = Field(default="", title="Lý do vắng")

    @model_validator(mode="after")
    def _who_came(self) -> Self:
        if self.present and not self.representative:
            raise FieldFault("representative", "Nhập họ tên người dự của đơn vị có mặt.")
        return self


class Minute(FormPart):
    """One item of the minutes (diễn biến)."""

    title: Line = Field(min_length=1, title="Nội dung")
    paragraphs: Lines = Field(default=[], title="Diễn biến, ý kiến", description="Mỗi đoạn một dòng.")


class PledgeMinutes(TaskForm):
    """The minutes of the conference: who came, what was said, how it voted."""

    outcomes: ClassVar = frozenset({"adopted_by_conference", "sign_due", "sign_hard_due"})
    choices: ClassVar = {"adopted_by_conference": ("yes", "no")}

    day: Day = Field(title="Ngày họp")
    started: Clock = Field(title="Giờ bắt đầu", description="Ví dụ 14:00.")
    ended: Clock = Field(title="Giờ kết thúc", description="Ví dụ 16:30.")
    place: Line = Field(min_length=1, title="Địa điểm")
    chair_name: Line = Field(min_length=1, title="Người chủ trì")
    chair_title: Line = Field(min_length=1, title="Chức vụ người chủ trì")
    secretary_name: Line = Field(min_length=1, title="Thư ký")
    secretary_title: Line = Field(min_length=1, title="Chức vụ thư ký")
    attendance: list[Attendance] = Field(min_length=1, title="Các đơn vị dự họp")
    guests: Lines = Field(default=[], title="Khách mời", description="Mỗi người một dòng.")
    items: list[Minute] = Field(min_length=1, max_length=30, title="Diễn biến")
    agree: Count = Field(title="Số phiếu tán thành")
    disagree: Count = Field(default=0, title="Số phiếu không tán thành")
    conclusions: Lines = Field(default=[], title="Kết luận", description="Mỗi ý một dòng.")

    @model_validator(mode="after")
    def _votes_add_up(self) -> Self:
        present = sum(row.present for row in self.attendance)
        if self.agree + self.disagree > present:
            raise FieldFault(
                "agree", f"Có {present} đơn vị dự họp, số phiếu không thể nhiều hơn. Kiểm tra lại số phiếu."
            )
        if clock_minutes(self.ended) <= clock_minutes(self.started):
            raise FieldFault("ended", "Giờ kết thúc phải sau giờ bắt đầu.")
        return self
