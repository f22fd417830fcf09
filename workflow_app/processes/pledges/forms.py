"""What each task of a pledge asks for."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from pydantic.config import JsonDict

from workflow_app.processes.forms import (
    Count,
    Day,
    FieldFault,
    FormPart,
    Line,
    Lines,
    OptionalDay,
    OptionalNumber,
    Secret,
    TaskForm,
    Text,
)
from workflow_app.processes.pledges.rules import Comparator, TargetKind, TargetScope, target_fault


def _checked(value: object) -> object:
    return value in {"on", "yes", "true", "1"} if isinstance(value, str) else value


def _choices(**labels: str) -> JsonDict:
    """What a page shows for the values of a field, in this order."""
    return {"options": [[value, label] for value, label in labels.items()]}


Checkbox = Annotated[bool, BeforeValidator(_checked)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Clock = Annotated[str, Field(pattern=r"^([01]?\d|2[0-3])[:hg][0-5]\d$")]


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


class PledgeText(FormPart):
    """The text of a pledge: everything in it that the bloc itself decides."""

    contents: list[ContentGroup] = Field(min_length=1, max_length=10, title="Nhóm nội dung")
    targets: list[Target] = Field(min_length=1, max_length=60, title="Chỉ tiêu")
    clauses: list[Clause] = Field(min_length=1, max_length=30, title="Khoản tổ chức thực hiện")
    reporting: list[Reporting] = Field(default=[], max_length=20, title="Kỳ báo cáo")
    closing: Line = Field(min_length=1, title="Câu kết")
    plan: Plan = Field(title="Kế hoạch hoạt động khối")

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [target.key for target in self.targets]
        if len(set(keys)) != len(keys):
            raise FieldFault("targets", "Hai chỉ tiêu trùng mã. Hãy tải lại trang và nhập lại chỉ tiêu mới.")
        return self


class PledgeDraft(TaskForm, PledgeText):
    """The leader writes the first version."""

    outcomes: ClassVar = frozenset({"comment_due"})


class Reply(FormPart):
    """The leader's answer to one remark of a unit or of the federation."""

    point_id: UUID = Field(title="Ý kiến")
    accepted: Checkbox = Field(default=False, title="Tiếp thu")
    reply: Text = Field(default="", title="Trả lời")


class PledgeConsolidate(TaskForm, PledgeText):
    """The leader merges what the units said, and sends it on or asks once more."""

    outcomes: ClassVar = frozenset({"decision", "comment_due", "approve_due"})
    choices: ClassVar = {"decision": ("submit", "new_round")}

    replies: list[Reply] = Field(default=[], max_length=500, title="Trả lời ý kiến")
    decision: Literal["submit", "new_round"] = Field(
        title="Bước tiếp theo",
        json_schema_extra=_choices(
            submit="Trình Liên đoàn Lao động duyệt", new_round="Lấy ý kiến các đơn vị thêm một đợt"
        ),
    )


class Point(FormPart):
    """One remark, pinned to a part of the pledge: `target:KEY`, `content:2`, `clause:1`, `closing`, `general`."""

    ref: Annotated[
        str, Field(pattern=r"^(target:[a-z0-9_]{1,40}|content:\d+|clause:\d+|plan|closing|general)$")
    ] = Field(title="Phần của giao ước")
    text: Text = Field(min_length=1, title="Ý kiến")


class RegisteredValue(FormPart):
    """What a unit promises for one target of its own."""

    target_key: Key = Field(title="Chỉ tiêu")
    value: OptionalNumber = Field(default=None, title="Giá trị đăng ký")


class PledgeComment(TaskForm):
    """One unit agrees or remarks, and registers its values, titles and work items."""

    verdict: Literal["agree", "comment"] = Field(
        title="Ý kiến của đơn vị",
        json_schema_extra=_choices(agree="Đồng ý với dự thảo", comment="Có ý kiến cần sửa"),
    )
    points: list[Point] = Field(default=[], max_length=100, title="Ý kiến theo từng phần")
    values: list[RegisteredValue] = Field(default=[], max_length=60, title="Chỉ tiêu đăng ký")
    titles: Lines = Field(default=[], title="Danh hiệu đăng ký", description="Mỗi danh hiệu một dòng.")
    works: Lines = Field(
        default=[], title="Công trình, phần việc", description="Mỗi công trình, phần việc một dòng."
    )

    @model_validator(mode="after")
    def _remark_is_given(self) -> Self:
        if self.verdict == "comment" and not self.points:
            raise FieldFault("points", "Ghi ít nhất một ý kiến, hoặc chọn “Đồng ý với dự thảo”.")
        if self.verdict == "agree" and self.points:
            raise FieldFault("points", "Đơn vị có ghi ý kiến. Chọn “Gửi ý kiến”, hoặc xóa ý kiến rồi đồng ý.")
        return self


class PledgeApprove(TaskForm):
    """The federation approves, or returns with pinned points."""

    outcomes: ClassVar = frozenset({"verdict"})
    choices: ClassVar = {"verdict": ("approve", "return")}

    verdict: Literal["approve", "return"] = Field(
        title="Kết quả duyệt",
        json_schema_extra=_choices(approve="Duyệt", **{"return": "Trả lại để sửa"}),
    )
    points: list[Point] = Field(default=[], max_length=100, title="Chỗ cần sửa")

    @model_validator(mode="after")
    def _return_says_what(self) -> Self:
        if self.verdict == "return" and not self.points:
            raise FieldFault(
                "points", "Trả lại thì ghi ít nhất một chỗ cần sửa, để Khối trưởng biết phải sửa gì."
            )
        return self


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


class PledgeSign(TaskForm):
    """One chair signs the frozen version, or refuses with a reason."""

    outcomes: ClassVar = frozenset({"result"})
    choices: ClassVar = {"result": ("signed", "refused")}

    result: Literal["signed", "refused"] = Field(
        title="Quyết định", json_schema_extra=_choices(signed="Đồng ý và ký", refused="Từ chối ký")
    )
    read: Checkbox = Field(default=False, title="Đã đọc bản ký")
    content_id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(title="Mã nội dung")
    secret: Secret = Field(default="", title="Mật khẩu hoặc mã PIN")
    reason: Text = Field(default="", title="Lý do từ chối")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.result == "refused" and not self.reason:
            raise FieldFault("reason", "Nhập lý do từ chối ký, để Khối trưởng và Liên đoàn Lao động biết.")
        if self.result == "signed":
            _ready_to_sign(read=self.read, secret=self.secret)
        return self


class PledgeSettle(TaskForm):
    """The leader answers a refusal: invites again, or records it."""

    outcomes: ClassVar = frozenset({"settlement", "sign_due", "sign_hard_due"})
    choices: ClassVar = {"settlement": ("invite_again", "record")}

    settlement: Literal["invite_again", "record"] = Field(
        title="Cách xử lý",
        json_schema_extra=_choices(invite_again="Mời đơn vị ký lại", record="Ghi nhận đơn vị không ký"),
    )
    reply: Text = Field(min_length=1, title="Trả lời đơn vị")


class PledgeWitness(TaskForm):
    """The federation witnesses what the units signed."""

    read: Checkbox = Field(default=False, title="Đã đọc bản ký")
    content_id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(title="Mã nội dung")
    secret: Secret = Field(default="", title="Mật khẩu hoặc mã PIN")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _ready_to_sign(read=self.read, secret=self.secret)
        return self


class PledgeIssue(TaskForm):
    """The clerk issues: recipients beyond the units and the federation, and the number of paper copies."""

    recipients: Lines = Field(default=[], title="Nơi nhận khác", description="Mỗi nơi một dòng.")
    copies: Count = Field(default=0, title="Số bản giấy")


FORMS: dict[str, type[TaskForm]] = {
    "pledge_draft": PledgeDraft,
    "pledge_comment": PledgeComment,
    "pledge_consolidate": PledgeConsolidate,
    "pledge_approve": PledgeApprove,
    "pledge_invite": PledgeInvite,
    "pledge_minutes": PledgeMinutes,
    "pledge_sign": PledgeSign,
    "pledge_settle": PledgeSettle,
    "pledge_witness": PledgeWitness,
    "pledge_issue": PledgeIssue,
}


def _ready_to_sign(*, read: bool, secret: str) -> None:
    if not read:
        raise FieldFault("read", "Đánh dấu “Tôi đã đọc” sau khi xem văn bản.")
    if not secret:
        raise FieldFault("secret", "Nhập mật khẩu hoặc mã PIN để ký.")


def clock_minutes(clock: str) -> int:
    """Minutes since midnight of "14:00", "14h00" or "14g00"."""
    hours, minutes = clock.replace("h", ":").replace("g", ":").split(":")
    return int(hours) * 60 + int(minutes)
