"""What can be refused in a pledge, named by the fact."""

from workflow_app.core.errors import Conflict, WrongState


class PledgeNotOpen(WrongState):
    """The pledge has gone on, or was cancelled."""

    code = "pledge_not_open"
    vi_default = "Giao ước đã chuyển sang bước khác. Hãy tải lại trang để xem bước hiện tại."


class PledgeExists(Conflict):
    """The bloc has a pledge for that year already."""

    code = "pledge_exists"
    vi_default = "Khối đã có giao ước của năm này. Mở giao ước đó để làm tiếp."


class AlreadyCommented(WrongState):
    """The unit has spoken in this round, or its silence was recorded."""

    code = "already_commented"
    vi_default = "Đơn vị đã có ý kiến trong đợt này."


class AlreadySigned(WrongState):
    """The unit has signed; a signature is given once."""

    code = "already_signed"
    vi_default = "Đơn vị đã ký giao ước này."


class AlreadyLeftOut(WrongState):
    """The round was closed without the unit before."""

    code = "already_left_out"
    vi_default = "Đợt ký đã được chốt không có đơn vị này. Tải lại trang để xem."


class NotLeftOut(WrongState):
    """Only a unit that the round was closed without can be readmitted."""

    code = "not_left_out"
    vi_default = "Đơn vị này vẫn đang được mời ký, không cần mời ký bổ sung."


class RoundsExhausted(WrongState):
    """The rounds of comments are used up."""

    code = "rounds_exhausted"
    vi_default = "Đã hết số đợt góp ý cho phép. Hãy trình Liên đoàn Lao động duyệt."


class NotYourTurn(Conflict):
    """The signing order puts somebody else first."""

    code = "not_your_turn"
    vi_default = "Chưa đến lượt đơn vị ký. Khối trưởng ký trước."


class NoQuorum(Conflict):
    """Too few units came for the conference to decide."""

    code = "no_quorum"
    vi_default = "Hội nghị chưa đủ số đơn vị dự họp nên không biểu quyết được. Hãy mời họp lại."
