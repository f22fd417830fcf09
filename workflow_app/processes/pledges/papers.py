"""What a pledge puts into its Word documents: plain values for the templates, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.core.vietnamese import iso_local
from workflow_app.documents.models import RegisterEntry
from workflow_app.organisations.models.blocs import Bloc, BlocKind
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.trees import unit_at
from workflow_app.organisations.types import Capacity
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.models import Pledge, PledgeConference, PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.rules import quorum, value_in_words
from workflow_app.signatures.models import Signature, SignatureRole, authority_lines
from workflow_app.signatures.service import signatures_of

_OPEN = {"state": "open", "signed_at": "", "reason": ""}


@dataclass(frozen=True, slots=True)
class Frame:
    """What all papers of one pledge share on one day."""

    pledge: Pledge
    bloc: Bloc
    federation: UnitPeriod
    chairs: Mapping[UUID, tuple[str, Sequence[str]]]  # unit -> (full name, authority lines)

    @property
    def words(self) -> tuple[str, str]:
        """How the leader and the deputy unit are called: khối or cụm."""
        return (
            ("Cụm trưởng", "Cụm phó") if self.bloc.kind is BlocKind.CLUSTER else ("Khối trưởng", "Khối phó")
        )

    @property
    def leader(self) -> PledgeUnit:
        return next(unit for unit in self.pledge.units if unit.is_leader)


def frame(session: Session, pledge_id: UUID, *, on: date) -> Frame:
    """Reads what the papers of a pledge are made of, as it stands on a day."""
    pledge = session.get_one(Pledge, pledge_id)
    bloc = session.get_one(Bloc, pledge.bloc_id)
    units = [unit.unit_id for unit in pledge.units]
    federation = unit_at(session, pledge.federation_id, on)
    return Frame(pledge, bloc, federation, _chairs(session, [*units, pledge.federation_id], on))


def pledge_paper(
    session: Session, paper: Frame, *, entry: RegisterEntry | None, at: datetime, draft: int = 0
) -> dict[str, Any]:
    """The pledge (GƯ): a draft without a number, or the text to sign, or the issued copy with its signatures."""
    pledge, text = paper.pledge, paper.pledge.text
    signed = _signed(session, pledge)
    leader_word, deputy_word = paper.words
    deputy = next((unit.name for unit in pledge.units if unit.is_deputy), "")
    return {
        "letterhead": _letterhead(
            session, paper, "GƯ", entry, at, draft="" if entry else f"DỰ THẢO LẦN {draft}"
        ),
        "year": pledge.year,
        "bloc": {
            "name": paper.bloc.name,
            "unit_count": len(pledge.units),
            "unit_word": "công đoàn cơ sở",
            "leader_title": leader_word,
            "leader": paper.leader.name,
            "deputy_title": deputy_word,
            "deputy": deputy,
        },
        "legal_bases": _bases(session, pledge, "GƯ", at),
        "amendment_note": "",
        "contents": text["contents"],
        "targets": [
            {"key": target["key"], "text": target["text"], "condition": target["condition"]}
            for target in text["targets"]
        ],
        "organisation": {"clauses": text["clauses"], "reporting": text["reporting"], "monitoring": []},
        "closing": text["closing"],
        "attachments": [],
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


def invitation_paper(
    session: Session, paper: Frame, conference: PledgeConference, *, entry: RegisterEntry, at: datetime
) -> dict[str, Any]:
    """The invitation (GM) to the conference."""
    form = conference.invitation
    event = f"Hội nghị ký kết giao ước thi đua năm {paper.pledge.year}"
    return {
        "letterhead": _letterhead(session, paper, "GM", entry, at),
        "subject": f"Dự {event}",
        "addressees": [paper.federation.name, f"Các đơn vị thành viên {paper.bloc.name}"],
        "inviter": paper.bloc.name,
        "invitees": "đồng chí Chủ tịch, hoặc người được ủy quyền, của mỗi đơn vị",
        "event": event,
        "chair": form["chair"],
        "starts_at": iso_local(conference.starts_at),
        "place": conference.place,
        "agenda": form["agenda"],
        "notes": form["notes"],
        "contact": "",
        "closing": "Rất mong các đồng chí dự họp đầy đủ, đúng giờ",
        "signature": _leader_signature(paper),
        "recipients": ["Như kính gửi"],
    }


def minutes_paper(
    session: Session, paper: Frame, conference: PledgeConference, *, entry: RegisterEntry, at: datetime
) -> dict[str, Any]:
    """The minutes (BB) of the conference, with attendance, quorum and votes."""
    form = conference.minutes or {}
    names = {str(unit.unit_id): unit.name for unit in paper.pledge.units}
    rows = form["attendance"]
    head = _letterhead(session, paper, "BB", entry, at)
    return {
        "letterhead": {key: head[key] for key in ("parent", "issuer", "number", "symbol", "draft_label")},
        "subject": f"Hội nghị ký kết giao ước thi đua năm {paper.pledge.year}",
        "meeting_word": "Hội nghị",
        "started_at": iso_local(conference.starts_at),
        "ended_at": iso_local(conference.ended_at or conference.starts_at),
        "place": conference.place,
        "total": conference.total,
        "present": conference.present,
        "present_units": [
            {"unit": names[row["unit_id"]], "representative": row["representative"], "title": row["title"]}
            for row in rows
            if row["present"]
        ],
        "absent": [
            {"unit": names[row["unit_id"]], "reason": row["reason"]} for row in rows if not row["present"]
        ],
        "guests": form["guests"],
        "quorum_note": _quorum_note(session, paper.pledge, conference, at),
        "chair": {"name": form["chair_name"], "title": form["chair_title"]},
        "secretary": {"name": form["secretary_name"], "title": form["secretary_title"]},
        "items": _items(paper.pledge, conference, form),
        "conclusions": form["conclusions"],
        "secretary_signature": {"authority": ["THƯ KÝ"], "full_name": form["secretary_name"], **_OPEN},
        "chair_signature": {"authority": ["CHỦ TRÌ"], "full_name": form["chair_name"], **_OPEN},
        "recipients": [paper.federation.name, "Các đơn vị dự họp"],
    }


def plan_paper(session: Session, paper: Frame, *, entry: RegisterEntry, at: datetime) -> dict[str, Any]:
    """The bloc's plan (KH), adopted together with the pledge."""
    plan = paper.pledge.text["plan"]
    year = paper.pledge.year
    return {
        "letterhead": _letterhead(session, paper, "KH", entry, at),
        "subject": f"Hoạt động {paper.bloc.name} năm {year}",
        "legal_bases": _bases(session, paper.pledge, "KH", at),
        "opening": f"{paper.bloc.name} xây dựng kế hoạch hoạt động năm {year} như sau",
        "purposes": plan["purposes"],
        "requirements": plan["requirements"],
        "work_items": plan["work_items"],
        "organisation": plan["organisation"],
        "closing": f"Trên đây là kế hoạch hoạt động năm {year} của {paper.bloc.name}, đề nghị các đơn vị thực hiện",
        "signature": _leader_signature(paper),
        "recipients": [paper.federation.name, f"Các đơn vị thành viên {paper.bloc.name}"],
    }


def _letterhead(
    session: Session, paper: Frame, kind: str, entry: RegisterEntry | None, at: datetime, *, draft: str = ""
) -> dict[str, Any]:
    day = entry.date if entry else None
    pattern = deadlines.symbol_pattern(
        session, paper.pledge.federation_id, paper.bloc.symbol, local(at).date()
    )
    return {
        "parent": paper.federation.letterhead_name or paper.federation.name,
        "issuer": paper.bloc.name,
        "number": entry.written_number if entry else "",
        "symbol": entry.symbol if entry else pattern.format(kind=kind),
        "place": paper.federation.place,
        "date": day.isoformat() if day else "",
        "draft_label": draft,
    }


def _bases(session: Session, pledge: Pledge, kind: str, at: datetime) -> list[str]:
    return [f"Căn cứ {basis}" for basis in deadlines.legal_bases(session, pledge, kind, at)]


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
    block = {"unit": unit.name, "role": role, "authority": list(authority), "full_name": name, **_OPEN}
    if unit.sign_state in {SignState.REFUSED, SignState.NOT_SIGNED}:
        absent = unit.sign_state is SignState.NOT_SIGNED and unit.absent_reason is not None
        block |= {"state": "absent" if absent else "refused", "reason": unit.sign_reason or ""}
    return block


def _witness(paper: Frame, signed: Mapping[UUID, Signature]) -> dict[str, Any]:
    organisation = {"organisation": paper.federation.name}
    if signature := signed.get(paper.pledge.federation_id):
        return organisation | _mark(signature)
    return organisation | {"authority": ["TM. BAN THƯỜNG VỤ"], "full_name": "", **_OPEN}


def _mark(signature: Signature) -> dict[str, Any]:
    return {
        "authority": signature.authority,
        "full_name": signature.signer_name,
        "state": "signed",
        "signed_at": iso_local(signature.signed_at),
        "reason": "",
    }


def _leader_signature(paper: Frame) -> dict[str, Any]:
    name, _ = paper.chairs.get(paper.leader.unit_id, ("", []))
    lines = [f"TM. {paper.bloc.name.upper()}", paper.words[0].upper()]
    return {"authority": lines, "full_name": name, **_OPEN}


def _items(pledge: Pledge, conference: PledgeConference, form: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = [
        {"title": item["title"], "paragraphs": item["paragraphs"], "votes": []} for item in form["items"]
    ]
    vote = {
        "subject": f"nội dung Giao ước thi đua năm {pledge.year}",
        "agree": conference.agree,
        "disagree": conference.disagree,
        "abstain": conference.present - conference.agree - conference.disagree,
        "total": max(conference.present, 1),
        "adopted": bool(conference.adopted),
    }
    return [*items, {"title": "Biểu quyết Giao ước thi đua", "paragraphs": [], "votes": [vote]}]


def _quorum_note(session: Session, pledge: Pledge, conference: PledgeConference, at: datetime) -> str:
    needed = quorum(conference.present, conference.total, deadlines.quorum_share(session, pledge, at)).needed
    verdict = "đủ điều kiện tiến hành" if conference.present >= needed else "chưa đủ điều kiện biểu quyết"
    return f"Cần có mặt ít nhất {needed} đơn vị; hội nghị {verdict}"


def _signed(session: Session, pledge: Pledge) -> dict[UUID, Signature]:
    if pledge.frozen_version_id is None or pledge.state not in {PledgeState.ISSUING, PledgeState.ISSUED}:
        return {}
    return {
        signature.unit_id: signature
        for signature in signatures_of(session, pledge.frozen_version_id)
        if signature.role in {SignatureRole.PARTY, SignatureRole.WITNESS}
    }


def _chairs(session: Session, unit_ids: Sequence[UUID], on: date) -> dict[UUID, tuple[str, Sequence[str]]]:
    query = (
        select(
            Appointment.unit_id,
            Person.full_name,
            Appointment.title,
            Office.title,
            Office.sign_capacity,
            Office.body,
        )
        .join(Person, Person.id == Appointment.person_id)
        .join(Office, Office.code == Appointment.office_code)
        .where(
            Appointment.unit_id.in_(unit_ids),
            Office.roles.contains(["unit_chair"]),
            Appointment.valid_from <= on,
            (Appointment.valid_to.is_(None)) | (Appointment.valid_to > on),
        )
        .order_by(Office.rank.desc())
    )
    return {
        unit_id: (name, authority_lines(Capacity(capacity), body, own or title, None))
        for unit_id, name, own, title, capacity, body in session.execute(query)
    }
