"""The pledge (GƯ) itself: draft, text to sign, copy that is sent out."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import iso_local
from workflow_app.documents.models import RegisterEntry
from workflow_app.processes.pledges.models import Pledge, PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.papers.frame import OPEN, Frame, legal_bases, letterhead
from workflow_app.processes.pledges.rules import value_in_words
from workflow_app.processes.pledges.score_sheets import ScoreSheet, score_sheet
from workflow_app.signatures.models import Signature, SignatureRole
from workflow_app.signatures.service import signatures_of


def pledge_paper(
    session: Session, paper: Frame, *, entry: RegisterEntry | None, at: datetime, draft: int = 0
) -> dict[str, Any]:
    """The pledge (GƯ): a draft without a number, or the text to sign, or the issued copy with its signatures."""
    pledge, text = paper.pledge, paper.pledge.text
    signed = _signed(session, pledge)
    draft_label = "" if entry else f"DỰ THẢO LẦN {draft}"
    return {
        "letterhead": letterhead(session, paper, "GƯ", entry, at, draft=draft_label),
        "year": pledge.year,
        "bloc": _bloc(paper),
        "legal_bases": legal_bases(session, pledge, "GƯ", at),
        "amendment_note": "",
        "contents": text["contents"],
        "targets": [
            {name: target[name] for name in ("key", "text", "condition")} for target in text["targets"]
        ],
        "organisation": {name: text[name] for name in ("clauses", "reporting")} | _monitoring(pledge),
        "closing": text["closing"],
        "attachments": text["attachments"],
        "score_sheet": _score_sheet(score_sheet(text)),
        "registrations": [_registration(pledge, unit) for unit in pledge.units if _has_registered(unit)],
        "signers": [_signer(paper, unit, signed) for unit in pledge.units],
        "witness": _witness(paper, signed),
        "recipients": [paper.federation.name, f"Các đơn vị thành viên {paper.bloc.name}"],
    }


def issued_paper(session: Session, paper: Frame, frozen: Mapping[str, Any]) -> dict[str, Any]:
    """The frozen text, word for word, with its signatures: the copy that is sent out."""
    signed = _signed(session, paper.pledge)
    signers = [_signer(paper, unit, signed) for unit in paper.pledge.units]
    return {**frozen, "signers": signers, "witness": _witness(paper, signed)}


def _bloc(paper: Frame) -> dict[str, Any]:
    leader_word, deputy_word = paper.words
    units = paper.pledge.units
    return {
        "name": paper.bloc.name,
        "unit_count": len(units),
        "unit_word": paper.unit_word,
        "leader_title": leader_word,
        "leader": paper.leader.name,
        "deputy_title": deputy_word,
        "deputy": next((unit.name for unit in units if unit.is_deputy), ""),
    }


def _monitoring(pledge: Pledge) -> dict[str, Any]:
    names = {unit.unit_id: unit.name for unit in pledge.units}
    pairs = [
        {"monitor": unit.name, "monitored": names[unit.monitored_id]}
        for unit in pledge.units
        if unit.monitored_id is not None
    ]
    return {"monitoring": pairs}


def _score_sheet(sheet: ScoreSheet) -> dict[str, Any]:
    rows = [asdict(row) | {"is_group": row.is_group} for row in sheet.rows]
    return {"rows": rows, "total": sheet.total}


def _registration(pledge: Pledge, unit: PledgeUnit) -> dict[str, Any]:
    values = []
    for target in pledge.targets:
        if (given := unit.registered_values.get(target.key)) is not None:
            words = value_in_words(target.kind, target.comparator, Decimal(given), target.measure)
            values.append({"label": f"Chỉ tiêu {target.position}", "value": words or given})
    return {"unit": unit.name, "values": values, "titles": unit.titles, "works": unit.works}


def _has_registered(unit: PledgeUnit) -> bool:
    return bool(unit.registered_values or unit.titles or unit.works)


def _signer(paper: Frame, unit: PledgeUnit, signed: Mapping[UUID, Signature]) -> dict[str, Any]:
    leader_word, deputy_word = paper.words
    role = leader_word if unit.is_leader else deputy_word if unit.is_deputy else ""
    if signature := signed.get(unit.unit_id):
        return {"unit": signature.unit_name, "role": role, **_mark(signature)}
    name, authority = paper.chairs.get(unit.unit_id, ("", ["CHỦ TỊCH"]))
    block = {"unit": unit.name, "role": role, "authority": list(authority), "full_name": name, **OPEN}
    if unit.sign_state in {SignState.REFUSED, SignState.NOT_SIGNED}:
        absent = unit.sign_state is SignState.NOT_SIGNED and unit.absent_reason is not None
        block |= {"state": "absent" if absent else "refused", "reason": unit.sign_reason or ""}
    return block


def _witness(paper: Frame, signed: Mapping[UUID, Signature]) -> dict[str, Any]:
    organisation = {"organisation": paper.federation.name}
    if signature := signed.get(paper.pledge.federation_id):
        return organisation | _mark(signature)
    return organisation | {"authority": ["TM. BAN THƯỜNG VỤ"], "full_name": "", **OPEN}


def _mark(signature: Signature) -> dict[str, Any]:
    return {
        "authority": signature.authority,
        "full_name": signature.signer_name,
        "state": "signed",
        "signed_at": iso_local(signature.signed_at),
        "reason": "",
    }


def _signed(session: Session, pledge: Pledge) -> dict[UUID, Signature]:
    if pledge.frozen_version_id is None or pledge.state not in {PledgeState.ISSUING, PledgeState.ISSUED}:
        return {}
    return {
        signature.unit_id: signature
        for signature in signatures_of(session, pledge.frozen_version_id)
        if signature.role in {SignatureRole.PARTY, SignatureRole.WITNESS}
    }
