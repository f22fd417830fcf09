"""From the draft to the federation's word: draft, comment, consolidate, approve."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from workflow_app.audit import history
from workflow_app.processes.pledges.models import CommentState
from workflow_app.processes.pledges.views.articles import Remark, articles, grouped, remarks
from workflow_app.processes.pledges.views.asks.base import Ask, act, check
from workflow_app.processes.pledges.views.starting import form_values, monitoring_values, starting_text
from workflow_app.processes.pledges.views.targets import target_rows


def draft(ask: Ask) -> dict[str, Any]:
    """The leader's first text."""
    start = starting_text(ask.session, ask.pledge, ask.today)
    units = len(ask.pledge.units)
    return {
        "ask": f"Soạn dự thảo để {units} đơn vị góp ý",
        "lead": start.source,
        "summary": [
            ("Khối", f"{ask.bloc.name}, {units} đơn vị"),
            ("Số đợt góp ý", f"Nhiều nhất {ask.pledge.max_rounds} đợt"),
            ("Sau khi gửi", "Hệ thống lập bản Word, rồi hỏi ý kiến từng đơn vị"),
        ],
        "initial": start.values,
        "unit_choices": _unit_choices(ask),
        "acts": [
            act(
                "Gửi dự thảo lấy ý kiến",
                f"Bản 1 được lập và gửi đến {units} đơn vị. Ý kiến quay về để ông/bà tổng hợp, chưa ai phải ký.",
                kind="primary",
                icon="right",
            )
        ],
    }


def comment(ask: Ask) -> dict[str, Any]:
    """One unit's word on the draft, and what it registers."""
    pledge, unit = ask.pledge, ask.unit
    rows = target_rows(pledge)
    mine = [remark for remark in remarks(ask.session, pledge) if remark.unit_id == unit.unit_id]
    since = max((remark.made_at for remark in mine), default=None)
    return {
        "ask": "Đề nghị đơn vị cho ý kiến và đăng ký chỉ tiêu",
        "lead": f"{ask.leader_word} {ask.leader.short_name} gửi dự thảo. Hết hạn mà không có ý kiến thì được coi là đồng ý, và việc đó được ghi lại.",
        "summary": [
            ("Văn bản", ask.version_words()),
            ("Đợt góp ý", f"{pledge.round} trong tối đa {pledge.max_rounds} đợt"),
            ("Sau khi gửi", f"{ask.leader_word} tổng hợp, trình {ask.federation} duyệt"),
        ],
        "redlined": ask.redlined(since, "lần đơn vị góp ý") if pledge.round > 1 else None,
        "articles": articles(pledge),
        "targets": rows,
        "my_remarks": mine,
        "initial": _registered(ask),
        "acts": _comment_acts(ask),
    }


def consolidate(ask: Ask) -> dict[str, Any]:
    """The leader merges, answers every remark, sends on or asks again."""
    pledge = ask.pledge
    said = remarks(ask.session, pledge)
    unanswered = [remark for remark in said if remark.accepted is None]
    counts = Counter(unit.comment_state for unit in pledge.units)
    return {
        "ask": "Tổng hợp ý kiến và hoàn chỉnh giao ước",
        "lead": "Trả lời từng ý kiến, sửa nội dung, rồi trình duyệt hoặc hỏi các đơn vị thêm một đợt.",
        "summary": [
            ("Văn bản", ask.version_words()),
            (
                "Các đơn vị",
                f"{counts[CommentState.AGREED]} đồng ý, {counts[CommentState.REMARKED]} có ý kiến, {counts[CommentState.SILENT]} im lặng",
            ),
            ("Ý kiến chưa trả lời", f"{len(unanswered)} trong {len(said)}"),
            ("Đợt góp ý", f"{pledge.round} trong tối đa {pledge.max_rounds} đợt"),
        ],
        "unanswered": grouped(unanswered),
        "open_ids": [str(remark.id) for remark in unanswered],
        "answered": grouped([remark for remark in said if remark.accepted is not None]),
        "initial": form_values(pledge.text) | monitoring_values(pledge),
        "unit_choices": _unit_choices(ask),
        "acts": _consolidate_acts(ask),
    }


def approve(ask: Ask) -> dict[str, Any]:
    """The federation approves, or returns with pinned points."""
    pledge = ask.pledge
    said = remarks(ask.session, pledge)
    return {
        "ask": "Đề nghị duyệt để khối ký kết",
        "lead": f"{ask.leader_word} {ask.leader.short_name} trình bản đã tổng hợp ý kiến của {len(pledge.units)} đơn vị.",
        "summary": [
            ("Văn bản", ask.version_words()),
            ("Ý kiến của các đơn vị", _answers(said)),
            ("Sau khi duyệt", "Lấy số, khóa nội dung, họp hội nghị ký kết"),
        ],
        "redlined": ask.redlined(_last_return(ask), "lần trả lại"),
        "readiness": _approve_checks(ask, said),
        "said": grouped(said),
        "articles": articles(pledge),
        "acts": _approve_acts(),
    }


def _unit_choices(ask: Ask) -> list[tuple[str, str]]:
    """The units for the lists of the cross-monitoring, in signing order."""
    return [(str(unit.unit_id), unit.short_name) for unit in ask.pledge.units]


def _registered(ask: Ask) -> dict[str, Any]:
    unit = ask.unit
    values = [{"target_key": key, "value": value} for key, value in unit.registered_values.items()]
    return {"values": values, "titles": unit.titles, "works": unit.works}


def _comment_acts(ask: Ask) -> list[dict[str, str]]:
    return [
        act(
            "Đồng ý với dự thảo",
            f"Đơn vị không góp ý; chỉ tiêu đã đăng ký được gửi {ask.leader_word}. Ý kiến nếu đã ghi thì không được gửi.",
            kind="primary",
            icon="check",
            name="verdict",
            value="agree",
        ),
        act(
            "Gửi ý kiến và đăng ký",
            f"{ask.leader_word} trả lời từng ý kiến khi tổng hợp. Gửi rồi thì không sửa được trong đợt này.",
            kind="line",
            icon="chat",
            name="verdict",
            value="comment",
        ),
    ]


def _approve_acts() -> list[dict[str, str]]:
    return [
        act(
            "Duyệt giao ước",
            "Giao ước được lấy số và khóa nội dung; từ đó không ai sửa được. Khối trưởng được mời họp hội nghị.",
            kind="primary",
            icon="check",
            name="verdict",
            value="approve",
        ),
        act(
            "Trả lại để sửa",
            "Khối trưởng thấy từng chỗ ghi ở trên, sửa rồi trình lại. Giao ước chưa có số.",
            kind="line",
            icon="back",
            name="verdict",
            value="return",
        ),
    ]


def _consolidate_acts(ask: Ask) -> list[dict[str, str]]:
    pledge = ask.pledge
    submit = act(
        f"Trình {ask.federation} duyệt",
        "Bản mới được lập và gửi Ban Thường vụ. Trong lúc chờ duyệt, ông/bà không sửa được.",
        kind="primary",
        icon="right",
        name="decision",
        value="submit",
    )
    if pledge.round >= pledge.max_rounds:
        return [submit]
    again = act(
        "Lấy ý kiến thêm một đợt",
        f"{len(pledge.units)} đơn vị nhận bản mới và góp ý lại. Đây là đợt {pledge.round + 1} trong tối đa {pledge.max_rounds}.",
        kind="line",
        icon="chat",
        name="decision",
        value="new_round",
    )
    return [submit, again]


def _approve_checks(ask: Ask, said: Sequence[Remark]) -> list[dict[str, str]]:
    open_remarks = sum(remark.accepted is None for remark in said)
    silent = sum(unit.comment_state is CommentState.SILENT for unit in ask.pledge.units)
    spoken = len(ask.pledge.units) - silent
    checks = [
        check("done", f"{spoken} đơn vị đã có ý kiến")
        if not silent
        else check("soon", f"{silent} đơn vị im lặng đến hết hạn, được coi là đồng ý"),
        check("done", "Mọi ý kiến đã được trả lời")
        if not open_remarks
        else check("soon", f"Còn {open_remarks} ý kiến chưa được trả lời"),
    ]
    if ask.pledge.author_id == ask.actor.person_id:
        checks.append(check("stop", "Ông/bà là người soạn giao ước này nên không tự duyệt được"))
    return checks


def _answers(said: Sequence[Remark]) -> str:
    if not said:
        return "Không có ý kiến sửa"
    accepted = sum(remark.accepted is True for remark in said)
    return f"{len(said)} ý kiến, tiếp thu {accepted}"


def _last_return(ask: Ask) -> datetime | None:
    events = history.of_object(ask.session, ask.pledge.id, limit=2_000).events
    return next((event.at for event in reversed(events) if event.action == "pledge.returned"), None)
