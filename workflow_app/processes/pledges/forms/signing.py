"""From the signing round to the issue: sign, settle, witness, issue."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from workflow_app.processes.forms import Count, FieldFault, Lines, Secret, TaskForm, Text
from workflow_app.processes.pledges.forms.parts import Checkbox, ContentId, labelled


class PledgeSign(TaskForm):
    """One chair signs the frozen version, or refuses with a reason."""

    outcomes: ClassVar = frozenset({"result"})
    choices: ClassVar = {"result": ("signed", "refused")}

    result: Literal["signed", "refused"] = Field(
        title="Quyết định", json_schema_extra=labelled(signed="Đồng ý và ký", refused="Từ chối ký")
    )
    read: Checkbox = Field(default=False, title="Đã đọc bản ký")
    content_id: ContentId = Field(title="Mã nội dung")
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
        json_schema_extra=labelled(invite_again="Mời đơn vị ký lại", record="Ghi nhận đơn vị không ký"),
    )
    reply: Text = Field(min_length=1, title="Trả lời đơn vị")


class PledgeWitness(TaskForm):
    """The federation witnesses what the units signed."""

    read: Checkbox = Field(default=False, title="Đã đọc bản ký")
    content_id: ContentId = Field(title="Mã nội dung")
    secret: Secret = Field(default="", title="Mật khẩu hoặc mã PIN")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _ready_to_sign(read=self.read, secret=self.secret)
        return self


class PledgeIssue(TaskForm):
    """The clerk issues: recipients beyond the units and the federation, and the number of paper copies."""

    recipients: Lines = Field(default=[], title="Nơi nhận khác", description="Mỗi nơi một dòng.")
    copies: Count = Field(default=0, title="Số bản giấy")


def _ready_to_sign(*, read: bool, secret: str) -> None:
    if not read:
        raise FieldFault("read", "Đánh dấu “Tôi đã đọc” sau khi xem văn bản.")
    if not secret:
        raise FieldFault("secret", "Nhập mật khẩu hoặc mã PIN để ký.")
