"""The signing round: sign, settle a refusal, witness, issue."""

from typing import Any

from sqlalchemy import select

from workflow_app.documents.models import Document
from workflow_app.organisations.models.accounts import Account
from workflow_app.processes.pledges.models import (
    CommentState,
    Pledge,
    PledgeConference,
    PledgeUnit,
    SignState,
)
from workflow_app.processes.pledges.rules import SigningOrder, blockers
from workflow_app.processes.pledges.service.rows import last_conference
from workflow_app.processes.pledges.views.asks.base import Ask, act, check
from workflow_app.processes.pledges.views.targets import target_rows
from workflow_app.processes.pledges.views.wording import listed, near_day, near_time
from workflow_app.signatures.models import authority_lines
from workflow_app.signatures.service import signatures_of


def sign(ask: Ask) -> dict[str, Any]:
    """One chair signs the frozen version, or refuses with a reason."""
    pledge = ask.pledge
    total, signed = len(pledge.units), _count(pledge, SignState.SIGNED)
    conference = last_conference(ask.session, pledge.id)
    unit = ask.unit
    return {
        "ask": f"Đề nghị ông/bà ký thay mặt {unit.short_name}",
        "lead": f"{ask.leader_word} gửi bản đã được hội nghị ngày {near_day(conference.starts_at)} thông qua."
        f" Chữ ký cam kết cho {unit.name}.",
        "summary": [
            ("Văn bản", ask.version_words()),
            ("Số, ký hiệu", _symbol(ask)),
            ("Đã ký", f"{signed} trong {total} đơn vị"),
            ("Quyền hạn in trên văn bản", _power(ask, "sign")),
            ("Sau khi đủ chữ ký", f"{ask.federation} chứng kiến, văn thư ban hành"),
        ],
        "redlined": ask.redlined(unit.commented_at, _spoke(unit)),
        "readiness": _sign_checks(ask, conference),
        "initial": _to_sign(ask),
        "has_pin": has_pin(ask),
        "read_label": f"Tôi đã đọc bản {ask.version.number if ask.version else ''} và đồng ý với các chỉ tiêu",
        "acts": [_sign_act(ask, signed + 1, total)],
        "refusal": _refuse_act(ask),
        "left_out": ["result"],
    }


def settle(ask: Ask) -> dict[str, Any]:
    """The leader answers a refusal."""
    pledge, unit = ask.pledge, ask.unit
    total, signed = len(pledge.units), _count(pledge, SignState.SIGNED)
    return {
        "ask": f"{unit.short_name} từ chối ký",
        "lead": f"Lý do đơn vị ghi: “{unit.sign_reason}”",
        "summary": [
            ("Đơn vị", unit.name),
            ("Từ chối lúc", near_time(ask.task.created_at)),
            ("Văn bản", ask.version_words()),
            ("Đã ký", f"{signed} trong {total} đơn vị"),
        ],
        "acts": _settle_acts(unit),
    }


def witness(ask: Ask) -> dict[str, Any]:
    """The federation witnesses what the units signed."""
    pledge = ask.pledge
    total, signed = len(pledge.units), _count(pledge, SignState.SIGNED)
    return {
        "ask": f"Đề nghị {ask.federation} chứng kiến",
        "lead": "Các đơn vị đã ký xong. Chữ ký chứng kiến xác nhận việc ký kết, không thay cho chữ ký của đơn vị.",
        "summary": [
            ("Văn bản", ask.version_words()),
            ("Số, ký hiệu", _symbol(ask)),
            ("Đã ký", f"{signed} trong {total} đơn vị"),
            ("Quyền hạn in trên văn bản", _power(ask, "witness")),
        ],
        "readiness": _witness_checks(ask, signed, total),
        "signed_units": _signed(ask),
        "initial": _to_sign(ask),
        "has_pin": has_pin(ask),
        "read_label": f"Tôi đã đọc bản {ask.version.number if ask.version else ''} và phần chữ ký",
        "acts": [
            act(
                "Chứng kiến giao ước",
                "Đợt ký đóng lại, không đơn vị nào ký thêm được. Văn thư nhận việc ban hành.",
                kind="primary",
                icon="seal",
            )
        ],
    }


def issue(ask: Ask) -> dict[str, Any]:
    """The clerk issues."""
    pledge = ask.pledge
    query = select(Pledge.recipients).where(Pledge.bloc_id == pledge.bloc_id, Pledge.year < pledge.year)
    before = ask.session.scalars(query.order_by(Pledge.year.desc()).limit(1)).one_or_none()
    signed = _count(pledge, SignState.SIGNED)
    return {
        "ask": "Ban hành giao ước và gửi nơi nhận",
        "lead": f"{len(pledge.units)} đơn vị và {ask.federation} tự động có trong nơi nhận. Chỉ ghi thêm nơi nhận khác.",
        "summary": [
            ("Số, ký hiệu", _symbol(ask)),
            ("Văn bản", ask.version_words()),
            ("Chữ ký", f"{signed} đơn vị và {ask.federation}"),
        ],
        "initial": {"recipients": before or [], "copies": 0},
        "acts": [
            act(
                "Ban hành giao ước",
                "Giao ước vào sổ và được gửi ngay. Ban hành rồi chỉ thu hồi hoặc thay thế bằng văn bản khác.",
                kind="primary",
                icon="doc",
            )
        ],
    }


def has_pin(ask: Ask) -> bool:
    """Whether the person signs with a PIN of his own; otherwise the password is asked."""
    query = select(Account.pin_hash.is_not(None)).where(Account.person_id == ask.actor.person_id)
    return bool(ask.session.scalar(query))


def _sign_act(ask: Ask, signed: int, total: int) -> dict[str, str]:
    return act(
        "Đồng ý và ký",
        f"Giao ước thành {signed}/{total}. {ask.leader_word} thấy ngay trên trang giao ước."
        " Ký rồi thì không tự rút lại được.",
        kind="primary",
        icon="pen",
        name="result",
        value="signed",
    )


def _refuse_act(ask: Ask) -> dict[str, str]:
    return act(
        "Từ chối ký",
        f"{ask.leader_word} nhận việc trả lời, {ask.federation} thấy lý do. Giao ước vẫn có hiệu lực với đơn vị đã ký.",
        kind="danger-line",
        icon="x",
        name="result",
        value="refused",
    )


def _settle_acts(unit: PledgeUnit) -> list[dict[str, str]]:
    return [
        act(
            "Mời đơn vị ký lại",
            f"{unit.short_name} nhận lại việc ký với cùng hạn. Đơn vị có thể ký hoặc từ chối lần nữa.",
            kind="primary",
            icon="pen",
            name="settlement",
            value="invite_again",
        ),
        act(
            "Ghi nhận đơn vị không ký",
            "Lý do của đơn vị được in ở phần chữ ký của giao ước. Giao ước có hiệu lực với đơn vị đã ký.",
            kind="line",
            icon="flag",
            name="settlement",
            value="record",
        ),
    ]


def _witness_checks(ask: Ask, signed: int, total: int) -> list[dict[str, str]]:
    without = [unit for unit in ask.pledge.units if unit.sign_state is not SignState.SIGNED]
    checks = [check("done", f"{signed} trong {total} đơn vị đã ký cùng một nội dung")]
    checks += [check("soon", f"{unit.short_name} không ký: {unit.sign_reason or ''}") for unit in without]
    if ask.pledge.author_id == ask.actor.person_id:
        checks.append(check("stop", "Ông/bà là người soạn giao ước này nên không chứng kiến được"))
    return checks


def _sign_checks(ask: Ask, conference: PledgeConference) -> list[dict[str, str]]:
    vote = f"{conference.agree}/{conference.present} đơn vị tán thành"
    checks = [check("done", f"Hội nghị ngày {near_day(conference.starts_at)} thông qua, {vote}")]
    wanted = [row for row in target_rows(ask.pledge) if row.registrable]
    given = sum(row.key in ask.unit.registered_values for row in wanted)
    if wanted:
        state = "done" if given == len(wanted) else "soon"
        checks.append(check(state, f"Chỉ tiêu của đơn vị đã đăng ký {given}/{len(wanted)}"))
    first = _first(ask)
    if first:
        checks.append(check("stop", f"Chưa đến lượt: {listed(first)} ký trước"))
    if ask.task.due_at is not None and ask.task.due_at < ask.now:
        checks.append(check("soon", "Đã quá hạn ký; vẫn ký được, chữ ký được ghi là ký bổ sung"))
    return checks


def _first(ask: Ask) -> list[str]:
    """Who must sign before this unit may."""
    waiting = {
        unit.position: unit.short_name
        for unit in ask.pledge.units
        if unit.sign_state in {SignState.OPEN, SignState.REFUSED}
    }
    opened = [unit.position for unit in ask.pledge.units if unit.sign_state is SignState.OPEN]
    order, leader = SigningOrder(ask.pledge.signing_order), ask.leader.position
    return [waiting[position] for position in blockers(order, ask.unit.position, opened, leader)]


def _spoke(unit: PledgeUnit) -> str:
    return "khi hết hạn góp ý" if unit.comment_state is CommentState.SILENT else "lần đơn vị góp ý"


def _to_sign(ask: Ask) -> dict[str, Any]:
    return {"content_id": ask.pledge.frozen_content_id or ""}


def _power(ask: Ask, act: str) -> str:
    seat = ask.seat(act)
    if seat is None:
        return ""
    return ", ".join(authority_lines(seat.capacity, seat.body, seat.title, seat.principal_title))


def _symbol(ask: Ask) -> str:
    document = ask.session.get(Document, ask.pledge.document_id) if ask.pledge.document_id else None
    return document.register_entry.full_symbol if document and document.register_entry else "Chưa có số"


def _signed(ask: Ask) -> list[str]:
    """ "CĐCS Sở Nội vụ, Trần Quốc Bảo, 01/3, 15:06" for each signature, in the order of signing."""
    version_id = ask.pledge.frozen_version_id
    found = signatures_of(ask.session, version_id) if version_id else []
    names: dict[Any, PledgeUnit] = {unit.unit_id: unit for unit in ask.pledge.units}
    return [
        f"{names[each.unit_id].short_name}, {each.signer_name}, {near_time(each.signed_at)}"
        for each in found
        if each.unit_id in names
    ]


def _count(pledge: Pledge, state: SignState) -> int:
    return sum(unit.sign_state is state for unit in pledge.units)
