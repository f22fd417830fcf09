"""How the units stand to the frozen version: the ring, the tiles, the sentence that says who is missing."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from workflow_app.core.vietnamese import decree_date, local_date
from workflow_app.processes.pledges.models import PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.views import wording
from workflow_app.processes.pledges.views.loading import Loaded
from workflow_app.signatures.models import Signature

_TALLY = {
    "signed": "đã ký",
    "late": "ký bổ sung",
    "substitute": "ký thay",
    "open": "chờ ký",
    "refused": "từ chối",
    "absent": "không ký",
}


def states(loaded: Loaded) -> list[str]:
    """For the ring, in signing order."""
    return [_state(unit, loaded.signed.get(unit.unit_id)) for unit in loaded.pledge.units]


def tally(loaded: Loaded) -> str:
    """ "Đã ký 10 · ký bổ sung 1 · chờ ký 1"."""
    counted = Counter(states(loaded))
    parts = [f"{word} {counted[state]}" for state, word in _TALLY.items() if counted[state]]
    text = " · ".join(parts)
    return text[:1].upper() + text[1:]


def tiles(loaded: Loaded) -> list[dict[str, Any]]:
    """One tile for each unit, in signing order."""
    names = short_names(loaded)
    return [_tile(loaded, unit, names[unit.unit_id]) for unit in loaded.pledge.units]


def short_names(loaded: Loaded) -> dict[UUID, str]:
    """Unit -> its name without what all of them share."""
    units = loaded.pledge.units
    names = wording.short_names([unit.short_name for unit in units])
    return {unit.unit_id: name for unit, name in zip(units, names, strict=True)}


def witness_tile(loaded: Loaded) -> dict[str, Any]:
    """The federation's place in the grid."""
    witness = loaded.witness
    if witness is not None:
        text = f"Đã chứng kiến {wording.near_time(witness.signed_at)}"
        return {
            "unit": loaded.federation.short_name,
            "note": f"{witness.title} {witness.signer_name}",
            "text": text,
            "done": True,
        }
    waiting = loaded.task("witness") is not None
    return {
        "unit": loaded.federation.short_name,
        "note": "chứng kiến, sau đó văn thư vào sổ và gửi đến các nơi nhận",
        "text": "Đang chờ chứng kiến"
        if waiting
        else f"Mở khi đủ chữ ký hoặc {loaded.leader_word} chốt đợt ký",
        "done": False,
    }


def missing(loaded: Loaded) -> dict[str, Any]:
    """Heading and sentences of the round: who has not signed, who refused, whether it holds."""
    names = short_names(loaded)
    waiting = [names[unit.unit_id] for unit in loaded.units_in(SignState.OPEN)]
    refused = [names[unit.unit_id] for unit in loaded.units_in(SignState.REFUSED)]
    without = [names[unit.unit_id] for unit in loaded.units_in(SignState.NOT_SIGNED)]
    left = len(waiting) + len(refused)
    heading = f"Còn {wording.count_word(left)} đơn vị" if left else "Đã đủ chữ ký"
    if not left and without:
        heading = f"Đã chốt với {len(loaded.signed)} đơn vị"
    parts = []
    if waiting:
        parts.append((wording.listed(waiting), f" chưa ký{_reminded(loaded)}."))
    if refused:
        parts.append((wording.listed(refused), " từ chối, chờ xử lý."))
    if without:
        parts.append((wording.listed(without), " không ký, lý do ghi trên giao ước."))
    return {"heading": heading, "parts": parts, "after": _after(loaded, left)}


def refusals(loaded: Loaded) -> list[dict[str, Any]]:
    """Each refusal that waits for an answer: who, when, why, and the leader's task."""
    found = []
    for unit in loaded.units_in(SignState.REFUSED):
        event = loaded.last("pledge.refused", unit.unit_id)
        found.append(
            {
                "unit": unit.short_name,
                "unit_id": unit.unit_id,
                "when": f"ngày {wording.near_day(event.at)}" if event else "",
                "reason": unit.sign_reason or "",
                "task": task.id if (task := loaded.task("settle", unit.unit_id)) else None,
            }
        )
    return found


def _state(unit: PledgeUnit, signature: Signature | None) -> str:
    if signature is not None:
        if signature.delegation_id is not None:
            return "substitute"
        return "late" if unit.is_late else "signed"
    kept: Mapping[SignState, str] = {SignState.REFUSED: "refused", SignState.NOT_SIGNED: "absent"}
    return kept.get(unit.sign_state, "open")


def _tile(loaded: Loaded, unit: PledgeUnit, name: str) -> dict[str, Any]:
    signature = loaded.signed.get(unit.unit_id)
    officers = loaded.chairs.get(unit.unit_id, [])
    chair = next((each for each in officers if each.seat.delegation_id is None), None)
    person = chair.full_name if chair else "Chưa có Chủ tịch"
    tile = {
        "no": unit.position,
        "unit": name,
        "person": person,
        "role": loaded.leader_word if unit.is_leader else loaded.deputy_word if unit.is_deputy else "",
        "state": _state(unit, signature),
    }
    return tile | (_signed(loaded, unit, signature) if signature else _unsigned(loaded, unit))


def _signed(loaded: Loaded, unit: PledgeUnit, signature: Signature) -> dict[str, Any]:
    when = wording.near_time(signature.signed_at)
    if signature.delegation_id is not None:
        by = f"{signature.title} {signature.signer_name}".strip()
        note = ", ".join(filter(None, [f"{by} ký {signature.capacity}", signature.basis]))
        return {"person": signature.principal_name, "note": note, "text": f"Ký thay {when}"}
    note = f"Vắng mặt tại hội nghị: {unit.absent_reason}" if unit.absent_reason else ""
    text = f"Ký bổ sung {when}" if unit.is_late else f"Đã ký {when}"
    return {"person": signature.signer_name, "note": note if unit.is_late else "", "text": text}


def _unsigned(loaded: Loaded, unit: PledgeUnit) -> dict[str, Any]:
    if unit.sign_state is SignState.REFUSED:
        event = loaded.last("pledge.refused", unit.unit_id)
        when = f", {wording.near_time(event.at)}" if event else ""
        return {"note": f"“{unit.sign_reason}”", "text": f"Từ chối ký{when}"}
    if unit.sign_state is SignState.NOT_SIGNED:
        return {"note": f"“{unit.sign_reason}”", "text": "Không ký, đã ghi nhận"}
    due = loaded.calendar.due_wording(loaded.today, loaded.pledge.sign_hard_due)
    reminder = loaded.last("pledge.reminded", unit.unit_id)
    notes = [f"Đã nhắc {wording.near_day(reminder.at)}"] if reminder else []
    if unit.absent_reason:
        notes.append(f"vắng mặt tại hội nghị: {unit.absent_reason}")
    note = ", ".join(notes)
    return {"note": note[:1].upper() + note[1:], "text": f"Chờ ký, {wording.lowered(due.text)}"}


def _reminded(loaded: Loaded) -> str:
    units = {unit.unit_id for unit in loaded.units_in(SignState.OPEN)}
    count = sum(
        event.action == "pledge.reminded" and not units.isdisjoint(_reminded_units(event.details))
        for event in loaded.events
    )
    return f", đã nhắc {wording.count_word(count)} lần" if count else ""


def _reminded_units(details: Mapping[str, Any]) -> set[UUID]:
    return {UUID(each) for each in details.get("unit_ids", ())}


def _after(loaded: Loaded, left: int) -> str:
    if loaded.pledge.issued_at is not None:
        return f"Ban hành ngày {decree_date(local_date(loaded.pledge.issued_at))}."
    if loaded.pledge.state is not PledgeState.SIGNING:
        return ""
    if not left:
        return f"{loaded.federation.short_name} được mời chứng kiến."
    return "Giao ước có hiệu lực với đơn vị đã ký." if loaded.units_in(SignState.REFUSED) else ""
