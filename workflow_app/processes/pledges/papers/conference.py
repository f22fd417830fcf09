"""What the leader writes around the conference: invitation (GM), minutes (BB), the bloc's plan (KH)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import iso_local
from workflow_app.documents.models import RegisterEntry
from workflow_app.organisations.types import Capacity
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.models import Pledge, PledgeConference
from workflow_app.processes.pledges.papers.frame import OPEN, Frame, legal_bases, letterhead
from workflow_app.processes.pledges.rules import quorum


def invitation_paper(
    session: Session, paper: Frame, conference: PledgeConference, *, entry: RegisterEntry, at: datetime
) -> dict[str, Any]:
    """The invitation (GM) to the conference."""
    form = conference.invitation
    event = f"Hội nghị ký kết giao ước thi đua năm {paper.pledge.year}"
    return {
        "letterhead": letterhead(session, paper, "GM", entry, at),
        "subject": f"Dự {event}",
        "inviter": paper.bloc.name,
        "invitees": [
            f"Đại diện Thường trực {paper.federation.name}",
            f"Đồng chí Chủ tịch, hoặc người được ủy quyền, của mỗi đơn vị thành viên {paper.bloc.name}",
        ],
        "event": event,
        "chair": form["chair"],
        "starts_at": iso_local(conference.starts_at),
        "place": conference.place,
        "agenda": form["agenda"],
        "notes": form["notes"],
        "contact": "",
        "closing": "Rất mong các đồng chí dự họp đầy đủ, đúng giờ",
        "signature": _for_the_bloc(paper, conference.convener),
        "recipients": [paper.federation.name, f"Các đơn vị thành viên {paper.bloc.name}"],
    }


def minutes_paper(
    session: Session, paper: Frame, conference: PledgeConference, *, entry: RegisterEntry, at: datetime
) -> dict[str, Any]:
    """The minutes (BB) of the conference, with attendance, quorum and votes."""
    form = conference.minutes or {}
    head = letterhead(session, paper, "BB", entry, at)
    return {
        "letterhead": {key: head[key] for key in ("parent", "issuer", "number", "symbol", "draft_label")},
        "subject": f"Hội nghị ký kết giao ước thi đua năm {paper.pledge.year}",
        "meeting_word": "Hội nghị",
        "started_at": iso_local(conference.starts_at),
        "ended_at": iso_local(conference.ended_at or conference.starts_at),
        "place": conference.place,
        "total": conference.total,
        "present": conference.present,
        **_attendance(paper.pledge, form["attendance"]),
        "guests": form["guests"],
        "quorum_note": _quorum_note(session, paper.pledge, conference, at),
        "chair": {"name": form["chair_name"], "title": form["chair_title"]},
        "secretary": {"name": form["secretary_name"], "title": form["secretary_title"]},
        "items": _items(paper.pledge, conference, form),
        "conclusions": form["conclusions"],
        "secretary_signature": {"authority": ["THƯ KÝ"], "full_name": form["secretary_name"], **OPEN},
        "chair_signature": {"authority": ["CHỦ TỌA"], "full_name": form["chair_name"], **OPEN},
        "recipients": [paper.federation.name, "Các đơn vị dự họp"],
    }


def plan_paper(
    session: Session, paper: Frame, conference: PledgeConference, *, entry: RegisterEntry, at: datetime
) -> dict[str, Any]:
    """The bloc's plan (KH), adopted together with the pledge."""
    plan = paper.pledge.text["plan"]
    year = paper.pledge.year
    return {
        "letterhead": letterhead(session, paper, "KH", entry, at),
        "subject": f"Hoạt động {paper.bloc.name} năm {year}",
        "legal_bases": legal_bases(session, paper.pledge, "KH", at),
        "opening": f"{paper.bloc.name} xây dựng kế hoạch hoạt động năm {year} như sau",
        "purposes": plan["purposes"],
        "requirements": plan["requirements"],
        "work_items": plan["work_items"],
        "organisation": plan["organisation"],
        "closing": f"Trên đây là kế hoạch hoạt động năm {year} của {paper.bloc.name}, đề nghị các đơn vị thực hiện",
        "signature": _for_the_bloc(paper, conference.recorder),
        "recipients": [paper.federation.name, f"Các đơn vị thành viên {paper.bloc.name}"],
    }


def _for_the_bloc(paper: Frame, by: Mapping[str, str]) -> dict[str, Any]:
    """The block of whoever acted for the bloc's leader unit: its chair, or somebody with his power.

    A bloc has no seal, so beside the office in the bloc none in a union is printed, unless it is the only
    one that the signer has. Source: Decree 30/2020/NĐ-CP, Annex I, part II, 7.
    """
    word, capacity = paper.words[0].upper(), Capacity(by["capacity"])
    own = capacity in {Capacity.DIRECT, Capacity.ON_BEHALF, Capacity.ACTING}
    lines = [word] if own else [f"{capacity} {word}", f"{by['title']} {paper.leader.name}".upper()]
    return {"authority": [f"TM. {paper.bloc.name.upper()}", *lines], "full_name": by["name"], **OPEN}


def _attendance(pledge: Pledge, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = {str(unit.unit_id): unit.name for unit in pledge.units}
    told = [{**row, "unit": names[row["unit_id"]]} for row in rows]
    came = [{key: row[key] for key in ("unit", "representative", "title")} for row in told if row["present"]]
    away = [{key: row[key] for key in ("unit", "reason")} for row in told if not row["present"]]
    return {"present_units": came, "absent": away}


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
