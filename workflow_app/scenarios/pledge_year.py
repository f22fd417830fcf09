"""The pledge of one bloc for one year in a story: one method for each act, named as people call it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from workflow_app.core import clock
from workflow_app.core.database import reading
from workflow_app.organisations.actors import officers_of
from workflow_app.processes.pledges.handlers.opening import open_year
from workflow_app.processes.pledges.models import Pledge, PledgePoint, PledgeTarget
from workflow_app.processes.pledges.rules import TargetKind, TargetScope, in_turn
from workflow_app.scenarios.practice.founding import Federation
from workflow_app.scenarios.story import Story


class PledgeYear:
    """pin: what everybody signs with."""

    def __init__(self, story: Story, federation: Federation, year: int, *, pin: str) -> None:
        self.story = story
        self.federation = federation
        self.year = year
        self.pledge_id = UUID(int=0)
        self.chairs = {
            slug: f"chutich.{slug}" for slug in federation.unions
        }  # replaced ones are put in place
        self._pin = pin

    @property
    def leader(self) -> str:
        """User name of the leader unit's chair."""
        return self.chairs[self.federation.bloc.leader.slug]

    def officer(self, name: str) -> str:
        """User name of an officer of the federation."""
        return f"{name}.{self.federation.plan.slug}"

    def open(self) -> None:
        """The federation's officer opens the year."""
        hand = self.story.as_(self.officer("chuyenvien"))
        with hand.doing("pledge.opened", role="federation_officer") as act:
            pledge = open_year(
                act.session, act.actor, self.federation.bloc_id, self.year, op_id=act.op_id, at=act.at
            )
            self.pledge_id = pledge.id

    def draft(self, text: Mapping[str, Any]) -> None:
        self._complete(self.leader, "pledge_draft", {**text, **self._monitoring()})

    def agree(self, slug: str, **registered: Any) -> None:
        """A unit agrees and registers; registered: titles and works of the form, `own` values by target."""
        values = {"verdict": "agree", **self._registration(slug, registered)}
        self._complete(self.chairs[slug], "pledge_comment", values)

    def remark(self, slug: str, points: Sequence[tuple[str, str]], **registered: Any) -> None:
        """A unit remarks; points: (part of the pledge, text)."""
        said = [{"ref": ref, "text": text} for ref, text in points]
        values = {"verdict": "comment", "points": said, **self._registration(slug, registered)}
        self._complete(self.chairs[slug], "pledge_comment", values)

    def consolidate(
        self, text: Mapping[str, Any], *, decision: str, replies: Mapping[str, tuple[bool, str]]
    ) -> None:
        """The leader answers every open remark and sends the text on.

        replies: (accepted, answer) by part of the pledge; a remark on another part is acknowledged.
        """
        given = []
        for point in self.open_points():
            accepted, reply = replies.get(point.ref, (True, "Đã tiếp thu."))
            given.append({"point_id": str(point.id), "accepted": accepted, "reply": reply})
        values = {**text, **self._monitoring(), "decision": decision, "replies": given}
        self._complete(self.leader, "pledge_consolidate", values)

    def approve(self) -> None:
        self._complete(self.officer("phochutich"), "pledge_approve", {"verdict": "approve"})

    def return_with(self, points: Sequence[tuple[str, str]]) -> None:
        """The federation returns the text with pinned points."""
        said = [{"ref": ref, "text": text} for ref, text in points]
        values = {"verdict": "return", "points": said}
        self._complete(self.officer("phochutich"), "pledge_approve", values)

    def invite(self, day: date, time: str, place: str, *, notes: Sequence[str] = ()) -> None:
        leader = self.federation.bloc.leader
        values = {
            "day": day,
            "time": time,
            "place": place,
            "chair": f"Đồng chí {leader.chair.full_name}, Chủ tịch {leader.name}",
            "agenda": [
                "Trình bày dự thảo Giao ước thi đua và Kế hoạch hoạt động",
                "Các đơn vị thảo luận, góp ý kiến",
                "Biểu quyết thông qua và ký kết giao ước",
                "Ý kiến chỉ đạo của công đoàn cấp trên",
            ],
            "notes": list(notes),
        }
        self._complete(self.leader, "pledge_invite", values)

    def meet(self, values: Mapping[str, Any], absent: Mapping[str, str]) -> None:
        """The leader records the conference; absent: reason by slug, everybody else's chair came."""
        self._complete(self.leader, "pledge_minutes", {**values, "attendance": self._attendance(absent)})

    def sign(self, username: str) -> None:
        """Somebody signs: a chair, or whoever he gave the power to."""
        values = {"result": "signed", "read": True, "content_id": self.frozen(), "secret": self._pin}
        self._complete(username, "pledge_sign", values)

    def refuse(self, slug: str, reason: str) -> None:
        values = {"result": "refused", "content_id": self.frozen(), "reason": reason}
        self._complete(self.chairs[slug], "pledge_sign", values)

    def settle(self, slug: str, settlement: str, reply: str) -> None:
        """The leader answers a refusal: "invite_again" or "record"."""
        about = self.federation.unions[slug].unit_id
        values = {"settlement": settlement, "reply": reply}
        self._complete(self.leader, "pledge_settle", values, about=about)

    def witness(self, officer: str) -> None:
        values = {"read": True, "content_id": self.frozen(), "secret": self._pin}
        self._complete(self.officer(officer), "pledge_witness", values)

    def issue(self, *, recipients: Sequence[str] = (), copies: int = 0) -> None:
        values = {"recipients": list(recipients), "copies": copies}
        self._complete(self.officer("vanthu"), "pledge_issue", values)

    def frozen(self) -> str:
        """The content id that the signer's page shows."""
        with reading() as session:
            return session.get_one(Pledge, self.pledge_id).frozen_content_id or ""

    def open_points(self) -> Sequence[PledgePoint]:
        """Remarks that the leader has not answered, oldest first."""
        query = select(PledgePoint).where(
            PledgePoint.pledge_id == self.pledge_id, PledgePoint.answered_at.is_(None)
        )
        with reading() as session:
            return session.scalars(query.order_by(PledgePoint.made_at, PledgePoint.ref)).all()

    def _complete(
        self, username: str, form_key: str, values: Mapping[str, Any], *, about: UUID | None = None
    ) -> None:
        self.story.as_(username).complete(form_key, values, of=self.pledge_id, about=about)

    def _monitoring(self) -> dict[str, Any]:
        """Each unit watches the next one of the list."""
        pairs = in_turn([union.unit_id for union in self.federation.unions.values()])
        return {"monitoring": [{"unit_id": a, "monitored_id": b} for a, b in pairs]}

    def _registration(self, slug: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a unit registers: the value of each counted target, unless `given["own"]` names another."""
        own: Mapping[str, str] = given.get("own", {})
        query = select(PledgeTarget).where(
            PledgeTarget.pledge_id == self.pledge_id,
            PledgeTarget.kind == TargetKind.COUNT,
            PledgeTarget.scope == TargetScope.EACH_UNIT,
        )
        with reading() as session:
            targets = session.scalars(query.order_by(PledgeTarget.position)).all()
        values = [
            {"target_key": target.key, "value": own.get(target.key, f"{target.value:.0f}")}
            for target in targets
        ]
        titles = ["Công đoàn cơ sở vững mạnh"]
        if slug == self.federation.bloc.leader.slug:
            titles.append("Cờ thi đua của công đoàn cấp trên")
        return {
            "values": values,
            "titles": titles,
            **{key: value for key, value in given.items() if key != "own"},
        }

    def _attendance(self, absent: Mapping[str, str]) -> list[dict[str, Any]]:
        units = {slug: member.unit_id for slug, member in self.federation.unions.items()}
        with reading() as session:
            officers = officers_of(session, "unit_chair", list(units.values()), clock.today())
        rows: list[dict[str, Any]] = []
        for slug, unit_id in units.items():
            row: dict[str, Any] = {"unit_id": str(unit_id), "present": slug not in absent}
            if slug in absent:
                row["reason"] = absent[slug]
            else:
                came = officers[unit_id][0]
                row |= {"representative": came.full_name, "title": came.seat.title}
            rows.append(row)
        return rows
