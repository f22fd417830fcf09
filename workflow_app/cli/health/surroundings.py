"""What an installation stands on: database, store, programs, fonts, clock, reference data, disk."""

import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.errors import StorageError
from workflow_app import migrations
from workflow_app.cli.assembly import Installation
from workflow_app.cli.health.findings import Finding, Level, verdict
from workflow_app.core import clock
from workflow_app.core.settings import Settings
from workflow_app.documents import pdf
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.settings_data import working_calendar

LARGEST_SKEW = timedelta(seconds=2)
_FONT = "Times New Roman"
_METRIC_TWINS = ("Times New Roman", "Liberation Serif", "Tinos")  # same widths: lines break as in Word
_LEAST_DISK = 1024**3  # bytes
_TEMPORARY_AGE = 3600  # seconds
_NEXT_YEAR_FROM = 11  # month: from November on, next year's holidays are needed for deadlines


def look_around(installation: Installation, session: Session) -> list[Finding]:
    """Every surrounding, in the order of a start."""
    return [
        _configuration(installation.settings),
        _server(session),
        _schema(session),
        _skew(session),
        _store(installation),
        _leftovers(installation.settings),
        _disk(installation.settings),
        _office(),
        _fonts(),
        _holidays(session),
        _unconfirmed(session),
    ]


def _configuration(settings: Settings) -> Finding:
    faults = list(_configuration_faults(settings))
    return verdict(
        "settings", "Cấu hình", faults, looked_at=f"dữ liệu ở {settings.data_dir}", level=Level.WARNING
    )


def _configuration_faults(settings: Settings) -> Iterator[str]:
    key = settings.data_dir / "secret.key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield f"{key} người khác đọc được: chmod 600"
    if settings.host not in {"127.0.0.1", "::1", "localhost"} and not settings.secure_cookies:
        yield "phục vụ ra ngoài máy này mà WORKFLOW_APP_SECURE_COOKIES chưa bật"
    if not settings.embedded_database and settings.database_owner_url is None:
        yield "ứng dụng đăng nhập bằng chủ các bảng: đặt DATABASE_OWNER_URL riêng"


def _server(session: Session) -> Finding:
    row = session.execute(
        sa.text(
            "SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding"
        )
    ).one()
    faults = [] if row.encoding == "UTF8" else [f"bảng mã {row.encoding}, cần UTF8"]
    return verdict("database", "Cơ sở dữ liệu", faults, looked_at=f"PostgreSQL {row.version}")


def _schema(session: Session) -> Finding:
    found, needed = migrations.current(session.connection()), migrations.head()
    faults = [] if found == needed else [f"phiên bản {found}, cần {needed}: chạy workflow-app db upgrade"]
    return verdict("schema", "Phiên bản các bảng", faults, looked_at=needed)


def _skew(session: Session) -> Finding:
    before = time.time()
    there = session.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())::float8"))
    middle = (before + time.time()) / 2
    skew = timedelta(seconds=abs(float(there or 0) - middle))
    faults = [] if skew <= LARGEST_SKEW else [f"lệch {skew.total_seconds():.1f} giây: bật đồng bộ giờ (NTP)"]
    return verdict(
        "clock",
        "Đồng hồ máy này và máy cơ sở dữ liệu",
        faults,
        looked_at=f"lệch {skew.total_seconds():.3f} giây",
    )


def _store(installation: Installation) -> Finding:
    kind = type(installation.store).__name__
    try:
        installation.store.check()
    except StorageError as error:
        return Finding("store", "Kho văn bản", Level.FAULT, f"{kind}: {error}")
    return Finding("store", "Kho văn bản", Level.OK, kind)


def _leftovers(settings: Settings) -> Finding:
    """I15: what interrupted writes left behind more than an hour ago."""
    parts = urlsplit(settings.objects)
    title = "Không có tệp tạm bị bỏ lại"
    if parts.scheme != "file":
        return Finding("I15", title, Level.OK, "kho S3 không để lại tệp tạm")
    oldest = time.time() - _TEMPORARY_AGE
    folder = Path(unquote(parts.path)) / ".tmp"
    left = [path.name for path in folder.glob("**/*") if path.is_file() and path.stat().st_mtime < oldest]
    return verdict("I15", title, left, level=Level.WARNING)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else Path.cwd()).free
    faults = [] if free >= _LEAST_DISK else [f"chỉ còn {free // 1024**2} MiB"]
    return verdict("disk", "Ổ đĩa", faults, looked_at=f"còn {free // 1024**3} GiB", level=Level.WARNING)


def _office() -> Finding:
    title = "LibreOffice (bản PDF)"
    program = pdf.program()
    if program is None:
        return Finding(
            "office", title, Level.WARNING, "chưa cài: vẫn ban hành được bản Word, không có bản PDF"
        )
    return Finding("office", title, Level.OK, program)


def _fonts() -> Finding:
    title = "Phông chữ văn bản"
    matcher = shutil.which("fc-match")
    if matcher is None:
        return Finding("fonts", title, Level.WARNING, "không có fontconfig, chưa biết phông chữ của bản PDF")
    found = subprocess.run(
        [matcher, "-f", "%{family}", _FONT], capture_output=True, text=True, timeout=20, check=False
    ).stdout
    faults = (
        []
        if any(twin in found for twin in _METRIC_TWINS)
        else [f"{_FONT} được thay bằng {found or '?'}: cài fonts-liberation"]
    )
    return verdict("fonts", title, faults, looked_at=found, level=Level.WARNING)


def _holidays(session: Session) -> Finding:
    today = clock.today()
    years = {today.year} | ({today.year + 1} if today.month >= _NEXT_YEAR_FROM else set())
    faults = [
        f"năm {year} chưa xác nhận đủ ngày nghỉ, ngày làm bù: quản trị hệ thống mở trang Thông số,"
        f" Ngày nghỉ và làm bù (/administration/calendar/{year})"
        for year in years - _complete_years(session, today)
    ]
    return verdict(
        "holidays", "Lịch nghỉ lễ", faults, looked_at=", ".join(map(str, sorted(years))), level=Level.WARNING
    )


def _complete_years(session: Session, today: date) -> frozenset[int]:
    """Years that every federation with blocs knows completely: each may keep a calendar of its own."""
    query = sa.select(Bloc.federation_id).where(holds_on(Bloc, today)).distinct()
    federations: list[UUID | None] = list(session.scalars(query)) or [None]
    calendars = [working_calendar(session, unit_id=unit_id, on=today) for unit_id in federations]
    return frozenset.intersection(*(calendar.complete_years for calendar in calendars))


def _unconfirmed(session: Session) -> Finding:
    """Defaults of ours that nobody of the union has checked: told, never a reason to fail."""
    number = session.scalar(
        sa.text(
            "SELECT count(*) FROM dated_setting WHERE NOT confirmed AND valid_to IS NULL AND replaced_at IS NULL"
        )
    )
    detail = f"{number} thông số chờ công đoàn xác nhận" if number else "đã xác nhận"
    return Finding("confirmed", "Thông số nghiệp vụ", Level.OK, detail)
