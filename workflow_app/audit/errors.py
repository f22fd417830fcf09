"""Refusals of the record."""

from workflow_app.core.errors import Conflict


class ActRepeated(Conflict):
    """The same operation arrived twice at the same moment; the other one is stored."""

    code = "act_repeated"
    vi_default = "Việc này vừa được ghi nhận rồi. Hãy tải lại trang để xem kết quả."


class OutOfOrder(Conflict):
    """Somebody else wrote this step of the instance first."""

    code = "out_of_order"
    vi_default = "Người khác vừa xử lý hồ sơ này. Hãy tải lại trang rồi làm lại."
