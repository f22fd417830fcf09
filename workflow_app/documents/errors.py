"""Refusals of this package."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_app.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    Unavailable,
    WrongState,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a file or a template.

    code: stable, for tests and problem documents. part: where in the package, or "". vi: what to mend.
    """

    code: str
    vi: str
    part: str = ""


class _Findings(Refusal):
    """Several faults, all told at once."""

    def __init__(self, findings: Sequence[Finding], detail: str = "") -> None:
        codes = ", ".join(sorted({finding.code for finding in findings}))
        super().__init__(detail or codes, vi=" ".join(dict.fromkeys(f.vi for f in findings)), codes=codes)
        self.findings = tuple(findings)


class UploadRefused(_Findings):
    """A file that is not a plain .docx, or carries something that acts by itself."""

    code = "upload_refused"
    vi_default = "Không nhận được tệp này."


class TemplateRefused(_Findings):
    """A Word template that fails the gate."""

    code = "template_refused"
    vi_default = "Mẫu văn bản chưa dùng được."


class PackageBroken(Refusal):
    """Bytes that are no .docx package, or one larger than any document of ours."""

    code = "package_broken"
    vi_default = "Tệp không phải là văn bản Word (.docx) nguyên vẹn. Hãy lưu lại tệp từ Word rồi tải lên."


class RenderingFailed(Refusal):
    """The template and the data do not fit each other, or the result would be out of all bounds."""

    code = "rendering_failed"
    vi_default = "Chưa tạo được văn bản Word từ mẫu. Hãy báo người quản trị mẫu văn bản."


class DataInvalid(Invalid):
    """The data do not follow the schema of the template."""

    code = "document_data_invalid"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(errors, detail="; ".join(f"{error.field}" for error in errors))


class TemplateUnknown(NotFound):
    """There is no active template under this key."""

    code = "template_unknown"
    vi_default = "Chưa có mẫu văn bản này đang dùng. Hãy báo người quản trị mẫu văn bản."


class TemplateSamePerson(Forbidden):
    """Whoever uploaded a template may not put it into use."""

    code = "template_same_person"
    vi_default = "Người tải mẫu lên không được tự đưa vào sử dụng. Hãy nhờ người khác kiểm tra và kích hoạt."


class TemplateNotDraft(WrongState):
    """The version is not waiting for anybody: it is used, was used, or was returned."""

    code = "template_not_draft"
    vi_default = "Phiên bản mẫu này không còn chờ kiểm tra. Hãy tải lại trang để xem trạng thái hiện tại."


class TemplateSame(Conflict):
    """The very same file is there already."""

    code = "template_same"
    vi_default = "Tệp này giống hệt một phiên bản đã có. Hãy mở phiên bản đó để kiểm tra và kích hoạt."


class DocumentUnknown(NotFound):
    """No document with this id."""

    code = "document_unknown"
    vi_default = "Không tìm thấy văn bản này, hoặc ông/bà không có quyền xem."


class DocumentWrongState(WrongState):
    """The document or its version is in another state."""

    code = "document_wrong_state"
    vi_default = "Văn bản đang ở trạng thái khác nên không làm được việc này. Hãy tải lại trang."


class NumberDateEarlier(Conflict):
    """A number would be dated before the one in front of it."""

    code = "number_date_earlier"
    vi_default = "Ngày văn bản sớm hơn ngày của số trước trong sổ. Hãy chọn ngày không sớm hơn."


class BookUnknown(NotFound):
    """No such register book."""

    code = "register_book_unknown"
    vi_default = "Chưa có sổ đăng ký văn bản này trong năm. Hãy báo văn thư mở sổ."


class PdfUnavailable(Unavailable):
    """LibreOffice is missing, too slow or failed; the Word file is not concerned."""

    code = "pdf_unavailable"
    vi_default = "Máy chủ chưa tạo được bản PDF. Bản Word vẫn dùng được như thường; hãy thử lại sau."
