"""Incidents in plain words: what happened, what to do about it."""

from flask_babel import gettext as _

from workflow_app.engine.models import Incident, IncidentKind

_DIAGRAM = frozenset(
    ("stalled", "step_failed", "expression_failed", "expression_refused", "variable_missing", "fault_not_caught",
     "moment_refused", "message_not_expected", "outcome_refused", "unknown_role")
)  # fmt: skip
_PROGRAM = frozenset(("operation_unknown", "wrong_diagram"))


def happened(incident: Incident, step: str) -> str:
    """One sentence for people; no technical word, no name."""
    match incident.kind:
        case IncidentKind.SERVICE_TASK:
            return str(_("Máy đã thử làm bước «%(step)s» nhiều lần mà không xong.", step=step))
        case IncidentKind.HUMAN_TASK:
            text = _("Có người đã làm việc «%(step)s» nhưng quy trình không chuyển sang bước sau được. Việc đó chưa được ghi nhận.", step=step)  # fmt: skip
            return str(text)
        case IncidentKind.FAN_OUT:
            return str(_("Các đơn vị đã xong phần của mình nhưng quy trình không đi tiếp được."))
        case IncidentKind.TIMER:
            return str(_("Đã đến hạn ở bước «%(step)s» nhưng quy trình không chuyển bước được.", step=step))
        case IncidentKind.MESSAGE:
            return str(_("Quy trình nhận một thông báo mà lúc này không có bước nào chờ."))


def advice(incident: Incident) -> str:
    """What the administrator does first."""
    cause = cause_of(incident)
    if cause == "loop_cap":
        return str(_("Hồ sơ đã quay lại cùng một bước quá nhiều lần. Hãy hỏi người phụ trách vì sao bị trả lại mãi, rồi hủy hồ sơ hoặc chuyển sang phiên bản sơ đồ đã sửa."))  # fmt: skip
    if cause in _PROGRAM:
        return str(_("Phần mềm đang chạy không khớp với sơ đồ, thường sau khi nâng cấp. Hãy chạy đúng phiên bản phần mềm rồi bấm thử lại."))  # fmt: skip
    if cause == "worker_lost":
        return str(_("Máy bị dừng đột ngột mỗi lần làm bước này, thường vì thiếu bộ nhớ. Hãy kiểm tra máy chủ rồi bấm thử lại."))  # fmt: skip
    if cause in _DIAGRAM:
        return str(_("Sơ đồ có chỗ sai. Hãy nhờ người soạn quy trình sửa và kích hoạt phiên bản mới, chuyển hồ sơ sang phiên bản đó rồi thử lại."))  # fmt: skip
    return str(_("Thường do kho văn bản, máy chuyển PDF hoặc hộp thư đang ngừng. Hãy kiểm tra các dịch vụ này (lệnh doctor) rồi bấm thử lại."))  # fmt: skip


def by_hand(incident: Incident) -> str:
    """What closing it by hand means."""
    match incident.kind:
        case IncidentKind.SERVICE_TASK:
            return str(_("Quy trình đi tiếp như thể máy đã làm xong bước này, dù máy không làm. Chỉ dùng khi việc đã được làm bằng cách khác."))  # fmt: skip
        case IncidentKind.FAN_OUT:
            return str(_("Quy trình đi tiếp với kết quả trống của các đơn vị."))
        case IncidentKind.MESSAGE:
            return str(_("Thông báo này bị bỏ qua."))
        case IncidentKind.TIMER:
            return str(_("Máy xét lại hạn này ngay."))
        case IncidentKind.HUMAN_TASK:
            return str(_("Sự cố được đóng; người có việc tự làm lại việc của mình."))


def may_retry(incident: Incident) -> bool:
    """Whether a button can try again; what a person did, only that person can do again."""
    return incident.kind is not IncidentKind.HUMAN_TASK


def cause_of(incident: Incident) -> str:
    """The stable code of the fault, or the class of an error that has none."""
    return incident.error.split(":", 1)[0].split(" ", 1)[0]
