"""A process for tests of the pages: a unit writes a letter, the federation approves or returns it."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Session

from tests.engine import diagrams as d
from workflow_app.core.errors import Conflict
from workflow_app.processes.forms import Count, Day, FormPart, Line, Lines, Number, Secret, TaskForm, Text
from workflow_app.processes.process import ActContext, Done, Process, TaskKind

Checkbox = Annotated[bool, BeforeValidator(lambda value: value in (True, "true", "on"))]


class Aim(FormPart):
    """One line of the letter."""

    key: str = Field(title="Mã")
    text: Line = Field(min_length=1, title="Việc sẽ làm")
    value: Number = Field(title="Con số")


class Place(FormPart):
    town: Line = Field(min_length=1, title="Nơi gửi")


class LetterDraft(TaskForm):
    """What the unit writes."""

    subject: Line = Field(min_length=1, title="Trích yếu", description="Một dòng.")
    body: Text = Field(default="", title="Nội dung")
    copies: Count = Field(default=1, title="Số bản")
    on: Day = Field(title="Ngày gửi")
    tone: Literal["plain", "urgent"] = Field(
        title="Mức độ", json_schema_extra={"options": [["plain", "Thường"], ["urgent", "Khẩn"]]}
    )
    aims: list[Aim] = Field(min_length=1, max_length=20, title="Chỉ tiêu")
    place: Place = Field(title="Địa điểm")
    readers: Lines = Field(default=[], title="Nơi nhận", description="Mỗi nơi một dòng.")
    agreed: Checkbox = Field(default=False, title="Đã hỏi ý kiến")


class LetterApproval(TaskForm):
    """What the federation says to it."""

    outcomes: ClassVar = frozenset({"decision"})
    choices: ClassVar = {"decision": ("approve", "return")}

    decision: Literal["approve", "return"] = Field(title="Kết quả")
    reason: Text = Field(default="", title="Lý do")
    secret: Secret = Field(default="", title="Mật khẩu")


class NotToday(Conflict):
    """A refusal of the domain for which the task stays open."""

    code = "not_today"
    vi_default = "Hôm nay không gửi được. Hãy chọn ngày khác."


def _draft(session: Session, context: ActContext, form: LetterDraft) -> Done:
    if form.subject == "hôm nay":
        raise NotToday("the letter may not go today")
    return Done({}, "letter.drafted", "letter", context.task.business_id, said="Đã gửi thư.")


def _approve(session: Session, context: ActContext, form: LetterApproval) -> Done:
    return Done(
        {"decision": form.decision}, "letter.approved", "letter", context.task.business_id, said="Đã duyệt."
    )


def _context(session: Session, task: Any, actor: Any) -> dict[str, Any]:
    if task.form_key != "letter_approval":
        return {"initial": {"subject": "Thư mẫu", "aims": [{"key": "a1", "text": "Một", "value": 1}]}}
    return {
        "ask": "Đề nghị duyệt thư",
        "lead": "Đơn vị gửi ngày 01/3.",
        "summary": [("Trích yếu", "Thư mẫu")],
        "acts": [
            {"label": "Duyệt", "name": "decision", "value": "approve", "consequence": "Thư được gửi đi."},
            {"label": "Trả lại", "name": "decision", "value": "return", "kind": "danger-line"},
        ],
    }


class LetterProcess(Process):
    """Says to the web what a real process says through its `pages` module."""

    task_context = staticmethod(_context)  # type: ignore[assignment]  # a property in the base class


LETTERS = LetterProcess(
    key="letter",
    title="Thư của đơn vị",
    business_type="letter",
    diagrams=("letter",),
    tasks={
        "letter_draft": TaskKind(LetterDraft, _draft, "draft"),
        "letter_approval": TaskKind(LetterApproval, _approve, "approve"),
    },
    operations=(),
    templates=(),
)


def diagram() -> bytes:
    """draft (unit) -> approve (federation) -> end, or back to the draft."""
    lanes = (
        '<bpmn:laneSet id="lanes"><bpmn:lane id="unit_chair" name="Đơn vị"><bpmn:flowNodeRef>draft</bpmn:flowNodeRef></bpmn:lane>'
        '<bpmn:lane id="federation_standing" name="Liên đoàn"><bpmn:flowNodeRef>approve</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    )
    return d.process(
        d.start(),
        d.user("draft", "letter_draft", "Soạn thư", due="draft_due", act="Soạn thư"),
        d.user("approve", "letter_approval", "Duyệt thư", act="Duyệt thư"),
        d.exclusive("decided", "decided_end"),
        d.end(),
        d.chain("start", "draft", "approve", "decided"),
        d.flow("decided", "draft", "decision == 'return'"),
        d.flow("decided", "end"),
        key="letter",
        name="Thư của đơn vị",
        inputs=["letter_id", "draft_due"],
        lanes=lanes,
    )


def filled(**changes: str) -> dict[str, str]:
    """A form as a browser sends it."""
    values = {
        "subject": "Thư về phong trào",
        "body": "Kính gửi Liên đoàn.",
        "copies": "2",
        "on-day": "5",
        "on-month": "3",
        "on-year": "2019",
        "tone": "plain",
        "aims-0-key": "a1",
        "aims-0-text": "Giới thiệu đoàn viên ưu tú",
        "aims-0-value": "1.000,5",
        "place-town": "An Giang",
        "readers": "LĐLĐ tỉnh\nLưu VT",
    }
    return values | changes


__all__ = ["LETTERS", "diagram", "filled"]
