"""What can be refused around a dossier, named by the fact."""

from workflow_app.core.errors import Conflict, NotFound, WrongState


class DossierUnknown(NotFound):
    """No such dossier, or not for this person."""

    code = "dossier_unknown"
    vi_default = "Không tìm thấy hồ sơ này, hoặc ông/bà không có quyền xem."


class ProcessNotOffered(NotFound):
    """No diagram of this key is in force, or this person's offices cannot start it."""

    code = "process_not_offered"
    vi_default = "Quy trình này chưa được đưa vào dùng, hoặc chức vụ hiện tại của ông/bà không mở được."


class DossierClosed(WrongState):
    """The dossier has come to its end."""

    code = "dossier_closed"
    vi_default = "Hồ sơ đã kết thúc nên không làm được việc này."


class SymbolMissing(Conflict):
    """The unit that would issue a document has no symbol for its numbers."""

    code = "symbol_missing"
    vi_default = (
        "Đơn vị ban hành chưa có ký hiệu văn bản. Hãy nhờ quản trị ghi ký hiệu cho đơn vị rồi thử lại."
    )


class RoleWithoutUnit(Conflict):
    """A lane names a role for which the chosen unit or bloc has nobody's place."""

    code = "role_without_unit"
    vi_default = (
        "Quy trình cần một khối có Khối trưởng, Khối phó. Hãy chọn khối khác, hoặc kiện toàn khối trước."
    )


class TemplateReturned(Conflict):
    """A Word template that came with the diagram was returned: the version would make documents nobody approved."""

    code = "brought_template_returned"
    vi_default = (
        "Mẫu văn bản đi kèm sơ đồ này đã bị trả lại. Hãy tải lại sơ đồ cùng mẫu đã sửa rồi kích hoạt bản đó."
    )
