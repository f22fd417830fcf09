"""The text of a pledge as its leader writes it: contents, targets, organisation, score sheet, plan."""

from collections.abc import Iterable
from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from workflow_app.processes.forms import (
    Count,
    Day,
    FieldFault,
    FormPart,
    Line,
    Lines,
    Number,
    OptionalDay,
    OptionalNumber,
)
from workflow_app.processes.pledges.forms.parts import Key
from workflow_app.processes.pledges.rules import (
    Comparator,
    TargetKind,
    TargetScope,
    points_fault,
    target_fault,
)


def _no_unit(value: object) -> object:
    return None if value in {"", "none"} else value


OptionalUnit = Annotated[UUID | None, BeforeValidator(_no_unit)]


class ContentGroup(FormPart):
    """One group of contents (nhóm nội dung thi đua) with its points."""

    title: Line = Field(min_length=1, title="Tên nhóm nội dung")
    points: Lines = Field(default=[], title="Các ý", description="Mỗi ý một dòng.")


class Target(FormPart):
    """One target (chỉ tiêu): the sentence that is printed and the typed value that results are compared with."""

    key: Key = Field(title="Mã chỉ tiêu")
    text: Line = Field(min_length=1, title="Câu chỉ tiêu")
    kind: TargetKind = Field(title="Loại chỉ tiêu")
    comparator: Comparator = Field(default=Comparator.AT_LEAST, title="So sánh")
    value: OptionalNumber = Field(default=None, title="Giá trị")
    measure: Line = Field(default="", title="Đơn vị tính")
    scope: TargetScope = Field(default=TargetScope.EACH_UNIT, title="Phạm vi")
    condition: Line = Field(default="", title="Điều kiện áp dụng", description="Ví dụ: nếu có nguồn.")
    due: OptionalDay = Field(default=None, title="Hạn hoàn thành")

    @model_validator(mode="after")
    def _value_fits_kind(self) -> Self:
        if fault := target_fault(self.kind, self.value, self.measure):
            raise FieldFault("value", fault)
        return self


class Clause(FormPart):
    """One clause of part III (khoản, tổ chức thực hiện)."""

    text: Line = Field(min_length=1, title="Nội dung khoản")
    points: Lines = Field(default=[], title="Các điểm", description="Mỗi điểm một dòng.")


class Reporting(FormPart):
    """One reporting date (kỳ báo cáo)."""

    name: Line = Field(min_length=1, title="Tên kỳ báo cáo")
    due: Day = Field(title="Hạn gửi")


class WorkItem(FormPart):
    """One line of the bloc's plan (việc trong kế hoạch)."""

    name: Line = Field(min_length=1, title="Nội dung công việc")
    lead: Line = Field(min_length=1, title="Đơn vị chủ trì")
    partners: Line = Field(default="", title="Đơn vị phối hợp")
    due: Line = Field(min_length=1, title="Thời gian")


class Plan(FormPart):
    """The bloc's plan (kế hoạch hoạt động khối), written together with the pledge."""

    purposes: Lines = Field(min_length=1, title="Mục đích", description="Mỗi ý một dòng.")
    requirements: Lines = Field(default=[], title="Yêu cầu", description="Mỗi ý một dòng.")
    work_items: list[WorkItem] = Field(min_length=1, max_length=100, title="Việc trong kế hoạch")
    organisation: Lines = Field(default=[], title="Tổ chức thực hiện", description="Mỗi khoản một dòng.")


class MonitoringPair(FormPart):
    """One line of the cross-monitoring (giám sát chéo): `unit_id` watches how `monitored_id` keeps the pledge."""

    unit_id: UUID = Field(title="Đơn vị giám sát")
    monitored_id: OptionalUnit = Field(default=None, title="Đơn vị được giám sát")


class Criterion(FormPart):
    """One criterion of the score sheet (tiêu chí, bảng điểm). group: number of the group in part I."""

    key: Key = Field(title="Mã tiêu chí")
    group: Count = Field(ge=1, title="Thuộc nhóm nội dung số")
    text: Line = Field(min_length=1, title="Tiêu chí")
    max_points: Number = Field(title="Điểm tối đa")
    how: Line = Field(default="", title="Cách chấm", description="Ví dụ: chậm báo cáo trừ 0,5 điểm mỗi lần.")

    @model_validator(mode="after")
    def _points_can_be_given(self) -> Self:
        if fault := points_fault(self.max_points):
            raise FieldFault("max_points", fault)
        return self


class PledgeText(FormPart):
    """The text of a pledge: everything in it that the bloc itself decides."""

    contents: list[ContentGroup] = Field(min_length=1, max_length=10, title="Nhóm nội dung")
    targets: list[Target] = Field(min_length=1, max_length=60, title="Chỉ tiêu")
    clauses: list[Clause] = Field(min_length=1, max_length=30, title="Khoản tổ chức thực hiện")
    reporting: list[Reporting] = Field(default=[], max_length=20, title="Kỳ báo cáo")
    monitoring: list[MonitoringPair] = Field(default=[], max_length=200, title="Phân công giám sát chéo")
    closing: Line = Field(min_length=1, title="Câu kết")
    score_sheet: list[Criterion] = Field(default=[], max_length=100, title="Bảng điểm")
    attachments: Lines = Field(
        default=[],
        title="Tài liệu kèm theo khác",
        description="Ngoài các phụ lục của giao ước. Mỗi tài liệu một dòng, ví dụ: Quy chế hoạt động khối.",
    )
    plan: Plan = Field(title="Kế hoạch hoạt động khối")

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        if _repeated(target.key for target in self.targets):
            raise FieldFault("targets", "Hai chỉ tiêu trùng mã. Hãy tải lại trang và nhập lại chỉ tiêu mới.")
        if _repeated(criterion.key for criterion in self.score_sheet):
            raise FieldFault(
                "score_sheet", "Hai tiêu chí trùng mã. Hãy tải lại trang và nhập lại tiêu chí mới."
            )
        return self

    @model_validator(mode="after")
    def _criteria_have_their_group(self) -> Self:
        last = len(self.contents)
        for row, criterion in enumerate(self.score_sheet):
            if criterion.group > last:
                raise FieldFault(
                    f"score_sheet-{row}-group",
                    f"Phần I chỉ có {last} nhóm nội dung. Nhập số từ 1 đến {last}.",
                )
        return self


def _repeated(keys: Iterable[str]) -> bool:
    found = list(keys)
    return len(set(found)) != len(found)
