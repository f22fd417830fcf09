"""What stored tasks and instances refuse; refusals of diagrams and single steps are in `errors.py`."""

from collections.abc import Sequence
from uuid import UUID

from workflow_app.core.errors import Conflict, NotFound, Unavailable, WrongState
from workflow_app.engine.errors import Finding


class TaskUnknown(NotFound):
    """No human task has this id."""

    code = "task_unknown"
    vi_default = "Không tìm thấy việc này, hoặc ông/bà không có quyền xem."


class TaskNotOpen(Conflict):
    """The task is over; facts: status, by (person id or None), at, outcome."""

    code = "task_not_open"
    vi_default = "Việc này đã được xử lý xong hoặc đã hủy. Hãy tải lại trang để xem ai đã làm và lúc nào."


class TaskHeld(Conflict):
    """Somebody else has taken the task on; facts: assignee_id, claimed_at."""

    code = "task_held"
    vi_default = "Người khác đã nhận việc này. Hãy trao đổi với họ, hoặc chuyển giao việc trước khi xử lý."


class InstanceUnknown(NotFound):
    """No process instance has this id."""

    code = "instance_unknown"


class InstanceSuspended(Conflict):
    """The whole instance rests; facts: reason, suspended_at."""

    code = "instance_suspended"
    vi_default = "Hồ sơ đang tạm dừng nên chưa xử lý được. Việc này sẽ mở lại khi hồ sơ được cho chạy tiếp."


class InstanceEnded(WrongState):
    """The instance is completed or cancelled."""

    code = "instance_ended"
    vi_default = "Hồ sơ đã kết thúc nên không thay đổi được nữa."


class InstanceNotSuspended(WrongState):
    """Only a suspended instance can be resumed."""

    code = "instance_not_suspended"
    vi_default = "Hồ sơ không ở trạng thái tạm dừng."


class ReasonMissing(WrongState):
    """An act against the ordinary course needs a reason that stays in the record."""

    code = "reason_missing"
    vi_default = "Hãy ghi rõ lý do."


class DefinitionUnknown(NotFound):
    """No version of a diagram has this id, or no version with this key is in force."""

    code = "definition_unknown"
    vi_default = "Chưa có sơ đồ quy trình nào đang áp dụng cho việc này. Quản trị viên cần kích hoạt sơ đồ."


class DefinitionNotActive(WrongState):
    """Only the version in force can be retired."""

    code = "definition_not_active"
    vi_default = "Phiên bản sơ đồ này không ở trạng thái đang áp dụng."


class MigrationUnsafe(WrongState):
    """The instance cannot go over to the other version now; `findings` names what stands in the way."""

    code = "migration_unsafe"

    def __init__(self, instance_id: UUID, findings: Sequence[Finding]) -> None:
        codes = ", ".join(f"{finding.code}({finding.element})" for finding in findings)
        told = [finding.vi for finding in findings]
        vi = f"Chưa chuyển được hồ sơ sang phiên bản này. {' '.join(told)}"
        super().__init__(f"instance {instance_id} cannot go over: {codes}", vi=vi, findings=told)
        self.findings = tuple(findings)


class MigrationPointless(WrongState):
    """The instance runs on that version already."""

    code = "migration_pointless"
    vi_default = "Hồ sơ đang chạy theo đúng phiên bản này rồi."


class VersionNotReleased(WrongState):
    """A draft that no second person has brought into force yet."""

    code = "version_not_released"
    vi_default = "Phiên bản này còn chờ người thứ hai kích hoạt nên chưa chuyển hồ sơ sang được."


class FanOutClosed(WrongState):
    """The element does not run (any more): its children cannot be added, cancelled or opened again."""

    code = "fan_out_closed"
    vi_default = "Bước lấy ý kiến hoặc ký của các đơn vị đã kết thúc nên không thêm, hủy hay mở lại được."


class ChildExists(Conflict):
    """The item has a child already: an open one, or an ended one that should be opened again."""

    code = "child_exists"
    vi_default = "Đơn vị này đã có hồ sơ trong bước này. Nếu hồ sơ đã kết thúc, hãy mở lại thay vì thêm mới."


class ChildUnknown(NotFound):
    """The item has no child in the state that the act needs."""

    code = "child_unknown"
    vi_default = "Không tìm thấy hồ sơ của đơn vị này trong bước đang xử lý."


class IncidentUnknown(NotFound):
    """No open incident has this id."""

    code = "incident_unknown"
    vi_default = "Không tìm thấy sự cố này, hoặc sự cố đã được xử lý."


class NotRetryable(WrongState):
    """Only what has an incident can be tried again by hand."""

    code = "not_retryable"
    vi_default = "Việc tự động này không ở trạng thái chờ thử lại."


class NotFailing(WrongState):
    """Only a service task that has failed and waits for its next attempt can be hurried."""

    code = "not_failing"
    vi_default = (
        "Việc tự động này không chờ lần thử sau: đã xong, đang chạy hoặc đã thành sự cố. Hãy tải lại trang."
    )


class OperationUnknown(WrongState):
    """A diagram names a service operation that this program does not have."""

    code = "operation_unknown"
    vi_default = "Sơ đồ gọi một xử lý tự động mà chương trình không có. Quản trị viên cần kiểm tra phiên bản."


class EngineStalled(Unavailable):
    """The process could not go on after the act; nothing of it was stored, an incident is opened.

    facts: instance_id, element, cause (code of the fault).
    """

    code = "engine_stalled"
    vi_default = (
        "Quy trình không chuyển tiếp được sau thao tác này, nên việc của ông/bà CHƯA được ghi nhận. "
        "Bộ phận hỗ trợ đã được báo; xin thử lại sau khi sự cố được xử lý."
    )


class WorkerLost(Unavailable):
    """A service task was taken up again and again and never ended: it kills its worker."""

    code = "worker_lost"
