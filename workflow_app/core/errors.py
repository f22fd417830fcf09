"""Refusals: what a person can be told. Each is named by the fact; only the web and the API know status codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class Refusal(Exception):
    """An act that cannot be done; the reason is one a person can understand and mend.

    detail: English, ids only, because it is logged.
    vi: the sentence for people; the class has a default.
    facts: plain values that pages and problem documents show (who acted first, who may act).
    """

    code: ClassVar[str] = "refused"  # part of the API: never reworded
    vi_default: ClassVar[str] = "Không thực hiện được việc này. Hãy tải lại trang và thử lại."

    def __init__(self, detail: str = "", *, vi: str | None = None, **facts: Any) -> None:
        super().__init__(detail or self.code)
        self.vi = vi or self.vi_default
        self.facts = facts


class NotFound(Refusal):
    """It does not exist, or not for this person: both look alike."""

    code = "not_found"
    vi_default = "Không tìm thấy nội dung này, hoặc ông/bà không có quyền xem."


class Forbidden(Refusal):
    """The person may see it but may not do this."""

    code = "forbidden"
    vi_default = "Chức vụ hiện tại của ông/bà không được làm việc này."


class Conflict(Refusal):
    """Somebody or something was faster, or the thing is in another state now."""

    code = "conflict"
    vi_default = "Nội dung này vừa thay đổi. Hãy tải lại trang để xem bản mới."


class WrongState(Conflict):
    """The object is not in a state in which this act makes sense."""

    code = "wrong_state"


class StaleRevision(Conflict):
    """The page showed an older revision than the stored one."""

    code = "stale_revision"


class Unavailable(Refusal):
    """A service that the act needs does not answer; nothing was changed."""

    code = "unavailable"
    vi_default = "Hệ thống tạm thời chưa xử lý được. Chưa có gì thay đổi, hãy thử lại sau ít phút."


class OutcomeUnknown(Unavailable):
    """The connection broke while the act was being committed: it may be done or not. Repeating it is safe."""

    code = "outcome_unknown"
    vi_default = (
        "Kết nối bị ngắt đúng lúc đang ghi, nên chưa rõ việc đã được ghi hay chưa. "
        "Hãy gửi lại: việc đã ghi sẽ không bị ghi hai lần."
    )


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field and the sentence that says how to mend it."""

    field: str
    vi: str


class Invalid(Refusal):
    """Input that can be mended; every field's error is listed at once."""

    code = "invalid"
    vi_default = "Có lỗi cần sửa."

    def __init__(self, errors: Sequence[FieldError], detail: str = "") -> None:
        names = ", ".join(error.field for error in errors)
        super().__init__(detail or f"invalid fields: {names}", vi=errors[0].vi if errors else None)
        self.errors = tuple(errors)
