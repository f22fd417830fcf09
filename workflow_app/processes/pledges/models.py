"""What is kept of a pledge: its text, its units, what they said, how they signed."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.processes.pledges.errors import (
    AlreadyCommented,
    AlreadyLeftOut,
    AlreadySigned,
    NotLeftOut,
    PledgeNotOpen,
    RoundsExhausted,
)
from workflow_app.processes.pledges.rules import Comparator, TargetKind, TargetScope


class PledgeState(StrEnum):
    """Where the pledge stands, in the order of its life."""

    DRAFTING = "drafting"
    COMMENTING = "commenting"
    CONSOLIDATING = "consolidating"
    APPROVING = "approving"
    FREEZING = "freezing"
    CONVENING = "convening"
    SIGNING = "signing"
    ISSUING = "issuing"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class CommentState(StrEnum):
    """What a unit said in the current round."""

    OPEN = "open"
    AGREED = "agreed"
    REMARKED = "remarked"
    SILENT = "silent"


class SignState(StrEnum):
    """How a unit stands to the frozen version."""

    CLOSED = "closed"
    OPEN = "open"
    SIGNED = "signed"
    REFUSED = "refused"
    NOT_SIGNED = "not_signed"


class Pledge(Base):
    """The emulation pledge (giao ước thi đua) of one bloc for one year."""

    __tablename__ = "pledge"
    __table_args__ = (
        Index(
            "uq_pledge_bloc_year",
            "bloc_id",
            "year",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
        ),
        CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name="issued_at_if_issued"),
        CheckConstraint("round >= 0", name="round_counts_up"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    bloc_id: Mapped[UUID] = mapped_column(ForeignKey("bloc.id"))
    federation_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    title: Mapped[str]
    instance_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[PledgeState] = enum_column(PledgeState, default=PledgeState.DRAFTING)
    round: Mapped[int] = mapped_column(default=0)
    max_rounds: Mapped[int]
    text: Mapped[dict[str, Any]] = mapped_column(default=dict)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    frozen_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("document_version.id"))
    frozen_content_id: Mapped[str | None]
    plan_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    signing_order: Mapped[str]
    comment_due: Mapped[date | None]
    sign_due: Mapped[date | None]
    sign_hard_due: Mapped[date | None]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[UtcTime]
    issued_at: Mapped[UtcTime | None]
    recipients: Mapped[list[Any]] = mapped_column(default=list)
    paper_copies: Mapped[int] = mapped_column(default=0)
    end_reason: Mapped[str | None]

    units: Mapped[list["PledgeUnit"]] = relationship(back_populates="pledge", order_by="PledgeUnit.position")
    targets: Mapped[list["PledgeTarget"]] = relationship(
        back_populates="pledge", order_by="PledgeTarget.position", cascade="all, delete-orphan"
    )

    def move(self, *expected: PledgeState, to: PledgeState) -> None:
        """The only way to change the state; raises PledgeNotOpen from any other one."""
        if self.state not in expected:
            raise PledgeNotOpen(f"pledge {self.id} is {self.state}", state=self.state)
        self.state = to

    def next_round(self) -> None:
        """Opens one more round of comments; raises RoundsExhausted at the cap."""
        if self.round >= self.max_rounds:
            raise RoundsExhausted(f"pledge {self.id} had {self.round} rounds", rounds=self.max_rounds)
        self.round += 1


class PledgeUnit(Base):
    """One member unit (đơn vị thành viên) in one pledge; name and order as they were at the opening.

    monitored_id: the unit whose keeping of the pledge this one watches (giám sát chéo).
    """

    __tablename__ = "pledge_unit"
    __table_args__ = (
        UniqueConstraint("pledge_id", "position"),
        CheckConstraint(
            "(sign_state IN ('refused', 'not_signed')) = (sign_reason IS NOT NULL)",
            name="reason_if_not_signed",
        ),
        CheckConstraint("(sign_state = 'signed') = (signature_id IS NOT NULL)", name="signature_if_signed"),
        CheckConstraint("monitored_id <> unit_id", name="monitors_another"),
    )

    pledge_id: Mapped[UUID] = mapped_column(ForeignKey("pledge.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    position: Mapped[int]
    name: Mapped[str]
    short_name: Mapped[str]
    is_leader: Mapped[bool] = mapped_column(default=False)
    is_deputy: Mapped[bool] = mapped_column(default=False)
    comment_state: Mapped[CommentState] = enum_column(CommentState, default=CommentState.OPEN)
    commented_at: Mapped[UtcTime | None]
    registered_values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    titles: Mapped[list[Any]] = mapped_column(default=list)
    works: Mapped[list[Any]] = mapped_column(default=list)
    monitored_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    sign_state: Mapped[SignState] = enum_column(SignState, default=SignState.CLOSED)
    sign_reason: Mapped[str | None]
    signature_id: Mapped[UUID | None] = mapped_column(ForeignKey("signature.id"))
    absent_reason: Mapped[str | None]
    is_late: Mapped[bool] = mapped_column(default=False)

    pledge: Mapped[Pledge] = relationship(back_populates="units")

    def comment(self, state: CommentState, at: UtcTime) -> None:
        """The unit's word in this round; raises AlreadyCommented for a second one."""
        if self.comment_state is not CommentState.OPEN:
            raise AlreadyCommented(f"unit {self.unit_id} has spoken in pledge {self.pledge_id}")
        self.comment_state, self.commented_at = state, at

    def sign(self, signature_id: UUID, *, late: bool) -> None:
        """Raises AlreadySigned."""
        if self.sign_state is SignState.SIGNED:
            raise AlreadySigned(f"unit {self.unit_id} has already signed pledge {self.pledge_id}")
        self.sign_state, self.signature_id, self.is_late, self.sign_reason = (
            SignState.SIGNED,
            signature_id,
            late,
            None,
        )

    def refuse(self, reason: str) -> None:
        """Raises AlreadySigned: a signature cannot be taken back by refusing afterwards."""
        if self.sign_state is SignState.SIGNED:
            raise AlreadySigned(f"unit {self.unit_id} has already signed pledge {self.pledge_id}")
        self.sign_state, self.sign_reason = SignState.REFUSED, reason

    def leave_out(self, reason: str) -> None:
        """The round closes without it. Raises AlreadySigned, AlreadyLeftOut."""
        if self.sign_state is SignState.NOT_SIGNED:
            raise AlreadyLeftOut(f"unit {self.unit_id} is left out of pledge {self.pledge_id} already")
        self.refuse(reason)
        self.sign_state = SignState.NOT_SIGNED

    def readmit(self) -> None:
        """It may sign after all. Raises AlreadySigned, NotLeftOut."""
        if self.sign_state is SignState.SIGNED:
            raise AlreadySigned(f"unit {self.unit_id} has already signed pledge {self.pledge_id}")
        if self.sign_state is not SignState.NOT_SIGNED:
            raise NotLeftOut(f"unit {self.unit_id} is {self.sign_state} in pledge {self.pledge_id}")
        self.sign_state, self.sign_reason = SignState.OPEN, None


class PledgeTarget(Base):
    """One typed target (chỉ tiêu) of a pledge; results are compared with it through the year."""

    __tablename__ = "pledge_target"
    __table_args__ = (UniqueConstraint("pledge_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey("pledge.id"))
    key: Mapped[str]
    position: Mapped[int]
    sentence: Mapped[str]
    kind: Mapped[TargetKind] = enum_column(TargetKind)
    comparator: Mapped[Comparator] = enum_column(Comparator)
    value: Mapped[Decimal | None]
    measure: Mapped[str]
    scope: Mapped[TargetScope] = enum_column(TargetScope)
    condition: Mapped[str]
    due: Mapped[date | None]

    pledge: Mapped[Pledge] = relationship(back_populates="targets")


class PledgePoint(Base):
    """One remark (ý kiến, chỗ cần sửa) pinned to a part of the pledge, and the leader's answer."""

    __tablename__ = "pledge_point"
    __table_args__ = (
        Index("ix_pledge_point_pledge", "pledge_id", "round"),
        CheckConstraint("source IN ('unit', 'federation')", name="source_known"),
        CheckConstraint("(source = 'unit') = (unit_id IS NOT NULL)", name="unit_if_from_unit"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey("pledge.id"))
    source: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    round: Mapped[int]
    ref: Mapped[str]
    text: Mapped[str]
    made_at: Mapped[UtcTime]
    accepted: Mapped[bool | None]
    reply: Mapped[str | None]
    answered_at: Mapped[UtcTime | None]


class PledgeConference(Base):
    """The conference (hội nghị) that adopts a pledge, with attendance and votes.

    convener, recorder: who acted for the leader unit and with which power, as it was that day:
    person_id, name, capacity, title.
    """

    __tablename__ = "pledge_conference"
    __table_args__ = (
        CheckConstraint("agree + disagree <= present", name="votes_within_present"),
        CheckConstraint("present <= total", name="present_within_total"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    number: Mapped[int]
    starts_at: Mapped[UtcTime]
    place: Mapped[str]
    invitation: Mapped[dict[str, Any]]
    convener: Mapped[dict[str, Any]]
    invitation_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    minutes: Mapped[dict[str, Any] | None]
    minutes_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    ended_at: Mapped[UtcTime | None]
    recorder: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total: Mapped[int] = mapped_column(default=0)
    present: Mapped[int] = mapped_column(default=0)
    agree: Mapped[int] = mapped_column(default=0)
    disagree: Mapped[int] = mapped_column(default=0)
    adopted: Mapped[bool | None]
