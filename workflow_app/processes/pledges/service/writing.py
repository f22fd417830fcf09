"""What the leader wrote, stored: the text, its typed targets, who watches whom."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from workflow_app.core.errors import FieldError, Invalid
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.forms import MonitoringPair, PledgeText
from workflow_app.processes.pledges.models import Pledge, PledgeTarget
from workflow_app.processes.pledges.rules import monitoring_fault, sheet_fault

# Who watches whom stands at the units, where the year's reviews look for it.
TEXT_FIELDS = frozenset(PledgeText.model_fields) - {"monitoring"}


def write_text(session: Session, pledge: Pledge, form: PledgeText, at: datetime) -> None:
    """Stores the text; a target keeps its row, by key, from version to version.

    Raises Invalid: pairs of cross-monitoring that leave a unit out, a score sheet that does not add up.
    """
    _check_score_sheet(session, pledge, form, at)
    _assign_monitoring(pledge, form.monitoring)
    pledge.text = form.model_dump(mode="json", include=set(TEXT_FIELDS))
    _write_targets(pledge, form)


def _write_targets(pledge: Pledge, form: PledgeText) -> None:
    known = {target.key: target for target in pledge.targets}
    kept = []
    for position, given in enumerate(form.targets, start=1):
        target = known.get(given.key) or PledgeTarget(key=given.key)
        target.position, target.sentence, target.kind = position, given.text, given.kind
        target.comparator, target.value, target.measure = given.comparator, given.value, given.measure
        target.scope, target.condition, target.due = given.scope, given.condition, given.due
        kept.append(target)
    pledge.targets[:] = kept


def _assign_monitoring(pledge: Pledge, given: Sequence[MonitoringPair]) -> None:
    rows = [number for number, pair in enumerate(given) if pair.monitored_id is not None]
    pairs = [(pair.unit_id, pair.monitored_id) for pair in given if pair.monitored_id is not None]
    fault = monitoring_fault(pairs, {unit.unit_id: unit.short_name for unit in pledge.units})
    if fault is not None:
        row, sentence = fault
        field = "monitoring" if row is None else f"monitoring-{rows[row]}-monitored_id"
        raise Invalid([FieldError(field, sentence)])
    watched = dict(pairs)
    for unit in pledge.units:
        unit.monitored_id = watched.get(unit.unit_id)


def _check_score_sheet(session: Session, pledge: Pledge, form: PledgeText, at: datetime) -> None:
    if not form.score_sheet:
        return
    total = sum((criterion.max_points for criterion in form.score_sheet), Decimal(0))
    wanted = deadlines.score_sheet_total(session, pledge, at)
    if fault := sheet_fault(total, wanted):
        raise Invalid([FieldError("score_sheet", fault)])
