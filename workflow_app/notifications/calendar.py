"""Deadlines for a phone's calendar: a secret address, and the iCalendar text (RFC 5545) behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.notifications.models import CalendarFeed
from workflow_app.organisations.passwords import digest, new_secret

_OCTETS = 75  # RFC 5545, 3.1: a longer line is folded


@dataclass(frozen=True, slots=True)
class Deadline:
    """One all-day entry. uid: stays the same when the day moves, so that phones move it too."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""
    remind_days: int | None = 1  # days before, at 8 in the morning; None = no alarm


def make_feed(session: Session, person_id: UUID, *, at: datetime) -> str:
    """A new secret for the person's feed; the old address stops working."""
    secret = new_secret()
    values = {"token_sha256": digest(secret), "created_at": at}
    statement = insert(CalendarFeed).values(person_id=person_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))
    return secret


def feed_owner(session: Session, secret: str) -> UUID:
    """Whose feed it is; raises NotFound."""
    query = sa.select(CalendarFeed.person_id).where(CalendarFeed.token_sha256 == digest(secret))
    person_id = session.scalar(query)
    if person_id is None:
        raise NotFound("no such calendar feed")
    return person_id


def withdraw_feed(session: Session, person_id: UUID) -> None:
    """The address stops working."""
    session.execute(sa.delete(CalendarFeed).where(CalendarFeed.person_id == person_id))


def as_icalendar(deadlines: Iterable[Deadline], *, name: str, at: datetime, host: str) -> str:
    """The feed as text with CRLF line ends.

    name: what the phone calls the calendar. at: the time of making. host: makes the uids world-wide unique.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Giao Uoc//Han cong viec//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    for deadline in deadlines:
        lines += _entry(deadline, at, host)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _entry(deadline: Deadline, at: datetime, host: str) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_escaped(deadline.uid)}@{host}",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{deadline.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{deadline.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(deadline.summary)}",
        "TRANSP:TRANSPARENT",  # a deadline does not make its owner busy
    ]
    if deadline.description:
        lines.append(f"DESCRIPTION:{_escaped(deadline.description)}")
    if deadline.url:
        lines.append(f"URL:{deadline.url}")
    if deadline.remind_days is not None:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escaped(deadline.summary)}"]
        # An all-day entry begins at midnight: 8 in the morning of n days before is n days less 8 hours earlier.
        hours = deadline.remind_days * 24 - 8
        lines += [f"TRIGGER:{'-' if hours > 0 else ''}PT{abs(hours)}H", "END:VALARM"]
    return [*lines, "END:VEVENT"]


def _escaped(text: str) -> str:
    for plain, written in (
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\\n"),
        ("\n", "\\n"),
        ("\r", "\\n"),
    ):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """Lines of at most 75 octets; never cut inside a letter, for a diacritic has up to three of them."""
    parts, current, size = [], "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _OCTETS:
            parts.append(current)
            current, size = " ", 1
        current += char
        size += octets
    return "\r\n".join([*parts, current])
