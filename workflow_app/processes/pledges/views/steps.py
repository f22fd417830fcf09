"""Where a pledge stands, in words: seven steps with dates and counts, and the tag beside the title."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from workflow_app.core.vietnamese import date_time
from workflow_app.processes.pledges.models import CommentState, PledgeState, SignState
from workflow_app.processes.pledges.views.loading import Loaded
from workflow_app.processes.pledges.views.wording import count_word, listed, near_day

DRAFT, COMMENT, APPROVE, MEET, SIGN, WITNESS, ISSUE = range(7)
_AT = {
    PledgeState.DRAFTING: DRAFT,
    PledgeState.COMMENTING: COMMENT,
    PledgeState.CONSOLIDATING: COMMENT,
    PledgeState.APPROVING: APPROVE,
    PledgeState.FREEZING: MEET,
    PledgeState.CONVENING: MEET,
    PledgeState.SIGNING: SIGN,
    PledgeState.ISSUING: ISSUE,
    PledgeState.ISSUED: ISSUE + 1,
}
STATES = {
    PledgeState.DRAFTING: ("Đang soạn thảo", "now", "pen"),
    PledgeState.COMMENTING: ("Đang góp ý", "now", "chat"),
    PledgeState.CONSOLIDATING: ("Đang tổng hợp", "now", "pen"),
    PledgeState.APPROVING: ("Đang chờ duyệt", "now", "clock"),
    PledgeState.FREEZING: ("Đang lấy số, khóa bản ký", "now", "gear"),
    PledgeState.CONVENING: ("Đang tổ chức hội nghị", "now", "team"),
    PledgeState.SIGNING: ("Đang ký", "now", "pen"),
    PledgeState.ISSUING: ("Chờ ban hành", "now", "clock"),
    PledgeState.ISSUED: ("Đã ban hành", "done", "check"),
    PledgeState.CANCELLED: ("Đã hủy", "stop", "x"),
}

_STANDING = {
    PledgeState.DRAFTING: ("{leader} đang soạn dự thảo", "Các đơn vị được hỏi ý kiến khi có bản 1."),
    PledgeState.CONSOLIDATING: (
        "{leader} đang tổng hợp ý kiến",
        "Sau đó trình {federation} duyệt, hoặc lấy ý kiến thêm một đợt.",
    ),
    PledgeState.APPROVING: ("Chờ {federation} duyệt", "Duyệt xong, giao ước được lấy số và khóa để ký."),
    PledgeState.FREEZING: ("Đang lấy số và khóa bản ký", "Việc này hệ thống tự làm, thường trong một phút."),
    PledgeState.CONVENING: (
        "{leader} chuẩn bị hội nghị ký kết",
        "{federation} đã duyệt, bản ký đã khóa.",
    ),
}


@dataclass(frozen=True, slots=True)
class Steps:
    """rows for the macro; done: how many are over; heading: "Đã qua bốn bước"."""

    rows: tuple[dict[str, str], ...]
    done: int

    @property
    def heading(self) -> str:
        if self.done == len(self.rows):
            return "Đã qua đủ các bước"
        return f"Đã qua {count_word(self.done)} bước" if self.done else "Các bước"


def tag(loaded: Loaded) -> tuple[str, str, str]:
    """Text, tone and icon of the state: "Đang ký, bước 5 trong 7"."""
    text, tone, icon = STATES[loaded.pledge.state]
    at = _reached(loaded)
    if loaded.pledge.state is PledgeState.SIGNING and at == WITNESS:
        text, icon = "Chờ chứng kiến", "seal"
    return (f"{text}, bước {at + 1} trong 7", tone, icon) if tone == "now" else (text, tone, icon)


def steps(loaded: Loaded) -> Steps:
    """The seven steps; a cancelled pledge stops at the one it had reached."""
    at = _reached(loaded)
    stopped = loaded.pledge.state is PledgeState.CANCELLED
    made = [_drafted, _commented, _approved, _met, _signed, _witnessed, _issued]
    rows = []
    for number, (label, note) in enumerate(zip(_labels(loaded), made, strict=True)):
        state = "done" if number < at else "todo" if number > at else "stop" if stopped else "now"
        rows.append({"label": label, "state": state, "note": note(loaded, state)})
    return Steps(tuple(rows), at)


def comment_counts(loaded: Loaded) -> Counter[CommentState]:
    """How many units agreed, remarked, were silent, have not spoken."""
    return Counter(unit.comment_state for unit in loaded.pledge.units)


def _reached(loaded: Loaded) -> int:
    state = loaded.pledge.state
    if state is PledgeState.CANCELLED:
        return _reached_before(loaded)
    if state is PledgeState.SIGNING and not loaded.units_in(SignState.OPEN, SignState.REFUSED):
        return WITNESS
    return _AT[state]


def _reached_before(loaded: Loaded) -> int:
    """The step at which a cancelled pledge stood, from what it had brought about."""
    if loaded.witness is not None:
        return ISSUE
    if any(unit.sign_state is not SignState.CLOSED for unit in loaded.pledge.units):
        return SIGN
    marks = (("pledge.approved", MEET), ("pledge.consolidated", APPROVE), ("pledge.drafted", COMMENT))
    return next((step for action, step in marks if loaded.last(action)), DRAFT)


def _labels(loaded: Loaded) -> tuple[str, ...]:
    federation = loaded.federation.short_name
    return ("Soạn thảo", "Góp ý", f"{federation} duyệt", "Hội nghị", "Ký", "Chứng kiến", "Ban hành")


def _drafted(loaded: Loaded, state: str) -> str:
    return _dated(loaded, "pledge.drafted", loaded.leader_word)


def _commented(loaded: Loaded, state: str) -> str:
    counts, total = comment_counts(loaded), len(loaded.pledge.units)
    spoken = total - counts[CommentState.OPEN]
    if state == "now":
        if loaded.pledge.state is PledgeState.CONSOLIDATING:
            return f"{loaded.leader_word} đang tổng hợp"
        until = f", đến {near_day(loaded.pledge.comment_due)}" if loaded.pledge.comment_due else ""
        return f"{spoken}/{total} đơn vị{until}"
    if state == "done":
        silent = f", {counts[CommentState.SILENT]} im lặng" if counts[CommentState.SILENT] else ""
        return _dated(loaded, "pledge.consolidated", f"{spoken}/{total} đơn vị{silent}")
    return ""


def _approved(loaded: Loaded, state: str) -> str:
    returned = sum(event.action == "pledge.returned" for event in loaded.events)
    after = f"sau {returned} lần trả lại" if returned else "không sửa"
    if state == "done":
        return _dated(loaded, "pledge.approved", after)
    return "Ban Thường vụ" if not returned else f"đã trả lại {returned} lần"


def _met(loaded: Loaded, state: str) -> str:
    if not loaded.conferences:
        return ""
    last = loaded.conferences[-1]
    if state == "done":
        return f"{near_day(last.starts_at)}, thông qua {last.agree}/{last.present}"
    if last.adopted is False:
        return f"{near_day(last.starts_at)}, chưa thông qua"
    return f"họp ngày {near_day(last.starts_at)}" if state == "now" else ""


def _signed(loaded: Loaded, state: str) -> str:
    if state == "todo":
        return ""
    count = f"{len(loaded.signed)}/{len(loaded.pledge.units)}"
    due = loaded.pledge.sign_hard_due
    if state == "now" and due:
        return f"{count}, đến {near_day(due)}"
    return f"{count} đơn vị"


def _witnessed(loaded: Loaded, state: str) -> str:
    witness = loaded.witness
    return (
        f"{near_day(witness.signed_at)}, {witness.signer_name}" if witness else loaded.federation.short_name
    )


def _issued(loaded: Loaded, state: str) -> str:
    pledge = loaded.pledge
    return f"{near_day(pledge.issued_at)}, Văn thư" if pledge.issued_at else "Văn thư"


def _dated(loaded: Loaded, action: str, more: str) -> str:
    event = loaded.last(action)
    return f"{near_day(event.at)}, {more}" if event else more


def progress(loaded: Loaded) -> dict[str, Any] | None:
    """While the units comment: how many have spoken, and who has not."""
    pledge = loaded.pledge
    if pledge.state is not PledgeState.COMMENTING:
        return None
    waiting = [unit.short_name for unit in pledge.units if unit.comment_state is CommentState.OPEN]
    names = listed(waiting, most=5)
    return {"spoken": len(pledge.units) - len(waiting), "total": len(pledge.units), "names": names}


def standing(loaded: Loaded) -> dict[str, str]:
    """Heading and sentence of a pledge that is not in its signing round."""
    pledge = loaded.pledge
    if pledge.state is PledgeState.CANCELLED:
        return {"heading": "Giao ước đã hủy", "text": pledge.end_reason or ""}
    last = loaded.conferences[-1] if loaded.conferences else None
    if pledge.state is PledgeState.CONVENING and last is not None and last.adopted is None:
        when = f"{date_time(last.starts_at)}, tại {last.place}."
        return {"heading": "Đã mời họp hội nghị ký kết", "text": f"Họp {when}"}
    heading, text = _STANDING.get(pledge.state, ("", ""))
    names = {"leader": loaded.leader_word, "federation": loaded.federation.short_name}
    return {"heading": heading.format(**names), "text": text.format(**names)}
