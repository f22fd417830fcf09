"""What the diagram side of the engine refuses; refusals of stored tasks and instances are in `refusals.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_app.core.errors import Conflict, Refusal


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a diagram: the element, and in both languages what to mend.

    code: stable name of the rule. element: id in the diagram, "" when the file as a whole is meant.
    """

    code: str
    element: str
    vi: str
    en: str


class DiagramRefused(Refusal):
    """The diagram cannot be deployed; `findings` lists every fault that was found, never empty."""

    code = "diagram_refused"
    vi_default = "Sơ đồ quy trình có lỗi cần sửa trước khi đưa vào dùng."

    def __init__(self, findings: Sequence[Finding]) -> None:
        codes = ", ".join(f"{finding.code}({finding.element})" for finding in findings)
        vi = findings[0].vi if len(findings) == 1 else None
        super().__init__(f"diagram refused: {codes}", vi=vi, findings=[finding.vi for finding in findings])
        self.findings = tuple(findings)


class DiagramUnreadable(Refusal):
    """The bytes are not a BPMN file that we read: too large, no UTF-8, DOCTYPE, broken XML."""

    code = "diagram_unreadable"
    vi_default = "Không đọc được tệp sơ đồ. Hãy lưu lại tệp .bpmn từ phần mềm vẽ và tải lên lần nữa."


class ExpressionRefused(Refusal):
    """An expression that is not on the whitelist: it is never evaluated."""

    code = "expression_refused"
    vi_default = "Biểu thức trong sơ đồ dùng phép tính không được phép."


class ExpressionFailed(Refusal):
    """A permitted expression met data it cannot work with: a missing name, text compared with a number."""

    code = "expression_failed"
    vi_default = "Quy trình không tính được một điều kiện. Quản trị viên cần kiểm tra sơ đồ và dữ liệu."


class VariableMissing(ExpressionFailed):
    """An expression reads a variable that no step has set yet. facts: name, and element where it is known."""

    code = "variable_missing"


class OutcomeRefused(Refusal):
    """Values that may not enter a process: reserved names, no JSON, too large."""

    code = "outcome_refused"
    vi_default = "Dữ liệu gửi lên có trường không hợp lệ nên chưa được ghi nhận."


class MomentRefused(Refusal):
    """A date, time or duration that is not clear: no ISO text, or a time of day without an offset."""

    code = "moment_refused"
    vi_default = "Thời hạn trong quy trình không rõ ràng. Quản trị viên cần ghi ngày hoặc giờ kèm múi giờ."


class TaskNotActive(Conflict):
    """This task cannot be completed now: it is over, was cancelled, or has not been reached."""

    code = "task_not_active"
    vi_default = "Việc này không còn chờ xử lý: có thể đã được làm xong hoặc đã bị hủy. Hãy tải lại trang."


class FaultNotCaught(Conflict):
    """A business fault for which the diagram has no boundary event on the element."""

    code = "fault_not_caught"
    vi_default = "Sơ đồ chưa có nhánh xử lý cho lỗi nghiệp vụ này. Quản trị viên cần xem lại sơ đồ."


class MessageNotExpected(Conflict):
    """Nothing in the instance waits for this message now."""

    code = "message_not_expected"
    vi_default = "Hồ sơ hiện không chờ thông báo này."


class TimerNotWaiting(Conflict):
    """The element has no timer that can be moved: none waits, and none that has gone off can be set again."""

    code = "timer_not_waiting"
    vi_default = "Hạn này không dời được nữa, vì việc gắn với hạn đã kết thúc. Hãy tải lại trang."


class WrongDiagram(Conflict):
    """A stored state was opened with another diagram than the one that wrote it."""

    code = "wrong_diagram"
    vi_default = "Trạng thái hồ sơ không khớp với phiên bản sơ đồ. Quản trị viên cần kiểm tra."


class Stalled(Refusal):
    """After a step nothing is ready, waits or works, and yet the instance is not at its end."""

    code = "stalled"
    vi_default = "Quy trình bị dừng giữa chừng. Quản trị viên đã được báo để xử lý."


class LoopCap(Refusal):
    """One element was passed more often than the cap allows."""

    code = "loop_cap"
    vi_default = "Hồ sơ đã quay lại cùng một bước quá nhiều lần. Quản trị viên đã được báo để xử lý."


class StepFailed(Refusal):
    """The engine could not take a step; nothing of it may be stored."""

    code = "step_failed"
    vi_default = "Quy trình không chuyển bước được. Chưa có gì thay đổi; quản trị viên cần kiểm tra sơ đồ."
