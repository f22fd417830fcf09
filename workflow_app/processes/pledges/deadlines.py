"""Days and shares of a pledge: read from dated settings, counted in working days of the federation's calendar."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.core.clock import HANOI, local
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.vietnamese import decree_date, end_of_day, iso_local
from workflow_app.organisations.settings_data import setting, working_calendar
from workflow_app.organisations.settings_data import settings as several
from workflow_app.processes.pledges import settings as settings  # noqa: PLC0414 - imported to register its keys
from workflow_app.processes.pledges.forms import PledgeMinutes, clock_minutes
from workflow_app.processes.pledges.models import Pledge


def opening_settings(session: Session, federation_id: UUID, on: date) -> dict[str, Any]:
    """What a pledge takes over when it is opened, so that a later change does not move it."""
    return several(session, ("pledge.max_rounds", "pledge.signing_order"), unit_id=federation_id, on=on)


def draft_due(session: Session, federation_id: UUID, at: datetime) -> date:
    """The day to which the leader has the draft ready."""
    return _in_working_days(session, "pledge.draft_days", federation_id, at)


def comment_due(session: Session, pledge: Pledge, at: datetime) -> date:
    """The day to whose end the units may comment."""
    return _in_working_days(session, "pledge.comment_days", pledge.federation_id, at)


def approve_due(session: Session, pledge: Pledge, at: datetime) -> date:
    """The day to which the federation answers."""
    return _in_working_days(session, "pledge.approve_days", pledge.federation_id, at)


def set_sign_due(session: Session, pledge: Pledge, at: datetime) -> None:
    """Soft and hard day of signing, counted from the conference's minutes."""
    pledge.sign_due = _in_working_days(session, "pledge.sign_soft_days", pledge.federation_id, at)
    pledge.sign_hard_due = _in_working_days(session, "pledge.sign_hard_days", pledge.federation_id, at)


def quorum_share(session: Session, pledge: Pledge, at: datetime) -> Fraction:
    """Share of the units that must come to the conference."""
    share: Fraction = setting(session, "pledge.quorum", unit_id=pledge.federation_id, on=local(at).date())
    return share


def adoption_share(session: Session, pledge: Pledge, at: datetime) -> Fraction:
    """Share of the units present that more than must agree."""
    share: Fraction = setting(
        session, "pledge.adoption_threshold", unit_id=pledge.federation_id, on=local(at).date()
    )
    return share


def score_sheet_total(session: Session, pledge: Pledge, at: datetime) -> int:
    """What the most points of all criteria of a score sheet must add up to."""
    total: int = setting(
        session, "pledge.score_sheet_total", unit_id=pledge.federation_id, on=local(at).date()
    )
    return total


def legal_bases(session: Session, pledge: Pledge, kind: str, at: datetime) -> Sequence[str]:
    """The legal bases in force on the day for one kind of document."""
    found = setting(session, "legal_bases", unit_id=pledge.federation_id, on=local(at).date())
    bases: Sequence[str] = found.get(kind, [])
    return bases


def symbol_pattern(session: Session, federation_id: UUID, bloc_symbol: str, on: date) -> str:
    """What follows the number in the bloc's book, the kind of document left open: "{kind}-KTĐ04".

    All kinds of a book share one running number, so they share the pattern of the pledge.
    """
    patterns = setting(session, "pledge.symbol", unit_id=federation_id, on=on)
    pattern: str = patterns["GƯ"].removeprefix("{number}/")
    return pattern.replace("GƯ", "{kind}").replace("{symbol}", bloc_symbol)


def check_notice(session: Session, pledge: Pledge, *, at: datetime, starts_at: datetime) -> None:
    """Raises Invalid when the units would hear of the conference too late."""
    today = local(at).date()
    needed: int = setting(session, "pledge.invite_min_days", unit_id=pledge.federation_id, on=today)
    calendar = working_calendar(session, unit_id=pledge.federation_id, on=today)
    earliest = calendar.add_working_days(today, needed)
    if local(starts_at).date() < earliest:
        raise Invalid(
            [
                FieldError(
                    "day",
                    f"Giấy mời phải gửi trước ít nhất {needed} ngày làm việc."
                    f" Chọn ngày họp từ {decree_date(earliest)} trở đi.",
                )
            ]
        )


def check_happened(form: PledgeMinutes, at: datetime, *, since: datetime) -> None:
    """Refuses minutes of a conference that has not ended yet, or that met before the text was there.

    since: when the text was frozen. Raises Invalid.
    """
    if moment(form.day, form.ended) > at:
        raise Invalid([FieldError("day", "Hội nghị chưa kết thúc. Kiểm tra lại ngày họp và giờ kết thúc.")])
    first = local(since).date()
    if form.day < first:
        sentence = f"Bản ký được khóa ngày {decree_date(first)}, hội nghị họp sau đó. Kiểm tra lại ngày họp."
        raise Invalid([FieldError("day", sentence)])


def moment(day: date, clock: str) -> datetime:
    """An aware instant from a day and a clock time as people in Viet Nam give them ("14:00", "14g00")."""
    minutes = clock_minutes(clock)
    return datetime.combine(day, time(minutes // 60, minutes % 60), HANOI).astimezone(UTC)


def day_end(day: date) -> str:
    """A deadline for the diagram: the last second of the day in Viet Nam, ISO 8601 with its offset."""
    return iso_local(end_of_day(day).replace(microsecond=0))


def sign_days(pledge: Pledge) -> dict[str, str | None]:
    """The days of signing as they stand now, for a step of the diagram that begins with them."""
    days = {"sign_due": pledge.sign_due, "sign_hard_due": pledge.sign_hard_due}
    return {name: day_end(day) if day else None for name, day in days.items()}


def _in_working_days(session: Session, key: str, unit_id: UUID, at: datetime) -> date:
    today = local(at).date()
    days: int = setting(session, key, unit_id=unit_id, on=today)
    return working_calendar(session, unit_id=unit_id, on=today).add_working_days(today, days)
