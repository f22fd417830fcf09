"""kill -9 of the application (web and worker in one process) in the middle of a whole pledge."""

from pathlib import Path

from tests.faults import stories
from tests.faults.kills import Plan
from tests.faults.points import AFTER_COMMIT, AFTER_WORK, BEFORE_COMMIT
from tests.faults.product import Product

SEED = 20190301


def test_no_act_is_lost_or_doubled_however_often_the_application_is_killed(
    product: Product, folder: Path
) -> None:
    """And the control: each of eleven damages that such kills could do is found in the same data."""
    at_points = {
        stories.DRAFT: AFTER_WORK,
        stories.COMMENTS[1]: BEFORE_COMMIT,
        stories.COMMENTS[2]: AFTER_COMMIT,
        stories.APPROVE: AFTER_WORK,
        stories.SIGNS[0]: AFTER_COMMIT,
        stories.SIGNS[3]: BEFORE_COMMIT,
    }
    plan = Plan.of(SEED, acts=stories.MOST, moments=6, at_points=at_points)
    told = stories.play(product, plan, product.kill, folder)
    assert told.faults == {}
    assert (told.acts, told.kills, told.starts) == (stories.ACTS, len(plan), len(plan) + 1)
    assert told.repeated >= 2, "an answer that was lost after the COMMIT is given again"
    assert told.retried >= 4
    assert all(told.tampers.values()), told.tampers
