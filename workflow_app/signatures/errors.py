"""What can be refused when somebody signs."""

from workflow_app.core.errors import Conflict


class NotFrozen(Conflict):
    """Only a frozen version can be signed."""

    code = "not_frozen"
    vi_default = "Văn bản này chưa khóa nội dung để ký, hoặc đã được thu hồi."


class SignatureExists(Conflict):
    """The unit has signed this version in this role."""

    code = "signature_exists"
    vi_default = "Đơn vị đã ký văn bản này."


class OtherContent(Conflict):
    """The page showed another text than the one that is being signed now."""

    code = "other_content"
    vi_default = "Văn bản trên trang không còn là bản đang ký. Hãy tải lại trang, đọc bản mới rồi ký."
