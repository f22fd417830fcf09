"""Plays one story on an installation of its own and writes down what came of it."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from workflow_app.audit.export import check_export
from workflow_app.cli.assembly import Installation, serving
from workflow_app.cli.health import invariants
from workflow_app.cli.health.findings import Level
from workflow_app.cli.refusals import NotReady
from workflow_app.core import clock, jobs, settings
from workflow_app.core.clock import HANOI, ScriptedClock
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Refusal
from workflow_app.documents import conversions, pdf
from workflow_app.organisations.models.units import Unit
from workflow_app.scenarios import checks, exporting
from workflow_app.scenarios.catalogue import Scenario
from workflow_app.scenarios.checks import Check
from workflow_app.scenarios.pledge_year import PledgeYear
from workflow_app.scenarios.practice import accounts, founding
from workflow_app.scenarios.story import Story, StoryBroken

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a story is to be played. out: where everything goes; data_dir: kept, else a temporary one."""

    out: Path
    data_dir: Path | None = None
    with_pdf: bool = True
    tell: Tell = print


def play(scenario: Scenario, wish: Wish) -> dict[str, Any]:
    """Plays a story and returns its summary, which also lies in DIR/summary.json.

    A story that breaks off still gives a summary, with `ok` false and the refusal among the checks.
    Raises NotReady for a data folder in which somebody works already.
    """
    started = time.perf_counter()
    scripted = ScriptedClock(datetime.fromisoformat(scenario.begins).replace(tzinfo=HANOI))
    with ExitStack() as stack:
        folder = wish.data_dir or _temporary(stack)
        stack.enter_context(clock.use(scripted))
        found = settings.load(data_dir=folder.resolve())
        installation = stack.enter_context(serving(found, durable=wish.data_dir is not None))
        performance = _perform(scenario, installation, scripted, wish.tell)
        summary = _summary(scenario, installation, performance, wish)
    summary["seconds"] = round(time.perf_counter() - started, 3)
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (wish.out / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary


@dataclass(frozen=True, slots=True)
class _Performance:
    story: Story
    year: PledgeYear
    broken: str


def _perform(
    scenario: Scenario, installation: Installation, scripted: ScriptedClock, tell: Tell
) -> _Performance:
    secrets = accounts.secrets_of(installation.settings.signing_key())
    with transaction() as session:
        if session.scalar(sa.select(sa.func.count()).select_from(Unit)):
            raise NotReady(f"{installation.settings.data_dir} đã có dữ liệu. Chọn một thư mục trống.")
        federation = founding.found(session, scenario.federation, years=[scenario.year], at=clock.now())
        accounts.open_accounts(session, federation.people, secrets, at=clock.now())
    story = Story(scripted, federation.people, tell=tell)
    year = PledgeYear(story, federation, scenario.year, pin=secrets.pin)
    try:
        scenario.play(year, secrets)
    except (Refusal, StoryBroken) as error:
        return _Performance(story, year, f"{type(error).__name__}: {error}")
    return _Performance(story, year, "")


def _summary(
    scenario: Scenario, installation: Installation, played: _Performance, wish: Wish
) -> dict[str, Any]:
    if wish.with_pdf and pdf.available():
        jobs.run_until_idle(queues=[conversions.QUEUE])
    with reading() as session:
        files = exporting.exported(session)
        pdfs = exporting.write(files, wish.out)
        record = exporting.write_record(session, wish.out / "audit.jsonl")
        found = [
            Check("played_to_the_end", not played.broken, played.broken or f"{len(played.story.steps)} acts")
        ]
        if not played.broken:
            found += checks.outcome(session, played.year.pledge_id, scenario.expected)
        found.append(checks.recorded_once(session, played.story.operations))
        found.append(checks.second_reading(session))
        found.append(_record_again(wish.out / "audit.jsonl", record.events))
        found.append(_office(files, pdfs, with_pdf=wish.with_pdf))
        look = invariants.Look(session, installation.store, deep=True)
        found += [
            Check(each.code, each.level is not Level.FAULT, f"{each.title}. {each.detail}")
            for each in invariants.check_all(look)
        ]
    return {
        "scenario": scenario.name,
        "ok": all(check.ok for check in found),
        "seconds": 0.0,
        "steps": [asdict(step) for step in played.story.steps],
        "documents": [each.told() for each in files],
        "audit": {"events": record.events, "file": "audit.jsonl"},
        "checks": [asdict(check) for check in found],
        "figures": _figures(played, files, pdfs),
    }


def _record_again(file: Path, events: int) -> Check:
    """The exported record is read back as an outsider would, line by line."""
    with file.open("rb") as lines:
        report = check_export(lines)
    faults = "; ".join(f"line {fault.line}: {fault.code}" for fault in report.faults[:5])
    return Check(
        "audit_export",
        report.ok and report.events == events,
        faults or f"{events} events, {report.digest[:12]}",
    )


def _office(files: list[exporting.Exported], pdfs: list[str], *, with_pdf: bool) -> Check:
    if not with_pdf or not pdf.available():
        return Check(
            "office_opens", ok=True, detail="not looked at: without LibreOffice, or without PDFs wished"
        )
    return Check("office_opens", len(pdfs) == len(files), f"{len(pdfs)} of {len(files)} files became PDFs")


def _figures(played: _Performance, files: list[exporting.Exported], pdfs: list[str]) -> dict[str, Any]:
    seconds = sorted(step.seconds for step in played.story.steps)
    return {
        "acts": len(seconds),
        "people": len({step.actor for step in played.story.steps}),
        "documents": len({each.document.id for each in files}),
        "files": len(files),
        "pdf_files": len(pdfs),
        "signatures": sum(len(each.signatures) for each in files if each.is_signed_text),
        "seconds_per_act_median": seconds[len(seconds) // 2] if seconds else 0.0,
        "seconds_per_act_longest": seconds[-1] if seconds else 0.0,
    }


def _temporary(stack: ExitStack) -> Path:
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="giao-uoc-")))
    folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
    return folder
