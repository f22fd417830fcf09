"""What can be refused when a signature is made or put into a document."""

from collections.abc import Sequence

from workflow_app.core.errors import Conflict, Refusal
from workflow_app.signatures.ooxml.findings import Finding


class _WithFindings(Refusal):
    """A refusal with the findings that explain it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        codes = ", ".join(dict.fromkeys(each.code for each in findings))
        vi = " ".join([self.vi_default, *dict.fromkeys(each.vi for each in findings)])
        super().__init__(codes, vi=vi, codes=codes)
        self.findings = tuple(findings)


class NotSignable(_WithFindings):
    """A file, a certificate or facts from which no signature could be made that everybody accepts."""

    code = "docx_not_signable"
    vi_default = "Chưa ký số được văn bản này."


class SignatureRefused(_WithFindings):
    """A signature value that does not belong to what was prepared, or a signature part of another kind."""

    code = "docx_signature_refused"
    vi_default = "Chữ ký số vừa tạo không dùng được. Hãy ký lại."


class OtherDocument(Conflict, _WithFindings):
    """The signature was made for another text than that of this package."""

    code = "docx_signature_of_other_text"
    vi_default = "Chữ ký số này thuộc về một nội dung khác. Hãy tải lại trang, đọc bản mới rồi ký."


class LinesFull(Conflict):
    """A third signature beside signature lines; LibreOffice would call it broken."""

    code = "docx_lines_full"
    vi_default = (
        "Văn bản ký trên dòng chữ ký chỉ nhận tối đa hai chữ ký số. Văn bản nhiều bên phải mở vòng ký."
    )


class LineUnknown(Conflict):
    """The document has no free signature line of this id."""

    code = "docx_line_unknown"
    vi_default = "Văn bản không có dòng chữ ký này, hoặc dòng này đã có chữ ký."
