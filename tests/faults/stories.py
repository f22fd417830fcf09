"""One pledge played over HTTP while things are killed, and the verdict over what it left."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import application, children, judge
from tests.faults.driver import Driver
from tests.faults.kills import Plan, carried_out
from tests.faults.ledger import Ledger
from tests.faults.product import Product

UNITS = application.UNITS
# The acts of the driver by number: open, draft, comments, consolidate, approve, invite, conference, signs, witness, issue.
DRAFT, CONSOLIDATE, APPROVE, CONFERENCE = 1, 2 + UNITS, 3 + UNITS, 5 + UNITS
COMMENTS, SIGNS = range(2, 2 + UNITS), range(6 + UNITS, 6 + 2 * UNITS)
ACTS = 8 + 2 * UNITS
MOST = range(ACTS - 2)  # after the last ones nobody would ask for the product, and so start it again


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a story.

    acts: in the ledger, all acknowledged. retried: acts that were sent more than once. repeated: answers that
    said "done before". starts, kills: of the product. faults, tampers: see `judge`.
    """

    acts: int
    retried: int
    repeated: int
    starts: int
    kills: int
    faults: dict[str, list[str]]
    tampers: dict[str, list[str]]
    figures: dict[str, Any]


def play(product: Product, plan: Plan, kill: Callable[[], None], folder: Path) -> Told:
    """Plays the whole pledge, then stops the product in order and judges its data folder."""
    ledger = Ledger(folder / "ledger")
    product.be_up()
    with carried_out(plan, kill, product.folder) as before:
        driver = Driver(product, ledger, before=before)
        pledge_id = driver.play(UNITS)
    driver.see_the_end(pledge_id)
    product.stop()
    acts = ledger.acts()
    assert all(act.acknowledged for act in acts)
    children.run(judge.judge, product.folder, ledger.file, folder / "verdict", log=folder / "judge.log")
    found = json.loads((folder / "verdict").read_text())
    told = Told(
        acts=len(acts),
        retried=sum(act.tries > 1 for act in acts),
        repeated=driver.repeated,
        starts=product.starts,
        kills=product.kills,
        faults=found.pop("faults"),
        tampers=found.pop("tampers"),
        figures=found,
    )
    print(told)  # noqa: T201 - figures for the reader, shown by `pytest -s` and beside a failure
    return told
