"""From the draft to the federation's word: draft, comment, consolidate, approve."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from workflow_app.processes.forms import FieldFault, FormPart, Lines, OptionalNumber, TaskForm, Text
from workflow_app.processes.pledges.forms.parts import Checkbox, Key, labelled
from workflow_app.processes.pledges.forms.text import PledgeText


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
        json_schema_extra=labelled(
            submit="Trình Liên đoàn Lao động duyệt", new_round="Lấy ý kiến các đơn vị thêm một đợt"
        ),
    )


class Point(FormPart):
    """One remark, pinned to a part of the pledge: `target:KEY`, `content:2`, `clause:1`, `closing`, `general`.

    `monitoring` and `score_sheet` are the parts of those names.
    """

    ref: Annotated[
        str,
        Field(
            pattern=r"^(target:[a-z0-9_]{1,40}|content:\d+|clause:\d+|monitoring|closing|score_sheet|plan|general)$"
        ),
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
        json_schema_extra=labelled(agree="Đồng ý với dự thảo", comment="Có ý kiến cần sửa"),
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
        json_schema_extra=labelled(approve="Duyệt", **{"return": "Trả lại để sửa"}),
    )
    points: list[Point] = Field(default=[], max_length=100, title="Chỗ cần sửa")

    @model_validator(mode="after")
    def _return_says_what(self) -> Self:
        if self.verdict == "return" and not self.points:
            raise FieldFault(
                "points", "Trả lại thì ghi ít nhất một chỗ cần sửa, để Khối trưởng biết phải sửa gì."
            )
        return self
