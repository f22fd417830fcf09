"""kill -9 of PostgreSQL in the middle of a whole pledge."""

from pathlib import Path

from tests.faults import stories
from tests.faults.kills import Plan
from tests.faults.points import AFTER_COMMIT, AFTER_WORK, BEFORE_COMMIT
from tests.faults.product import Product

SEED = 20190302
POINTS = {
    stories.COMMENTS[0]: BEFORE_COMMIT,
    stories.SIGNS[1]: AFTER_COMMIT,
    stories.CONSOLIDATE: AFTER_WORK,
}


def test_no_act_is_lost_or_doubled_however_often_the_embedded_database_is_killed(
    product: Product, folder: Path
) -> None:
    """The application stays and brings its database back."""
    plan = Plan.of(SEED, acts=stories.MOST, moments=3, at_points=POINTS)
    told = stories.play(product, plan, product.kill_postgres, folder)
    assert told.faults == {}
    assert (told.acts, told.kills, told.starts) == (stories.ACTS, len(plan), 1)
    assert told.retried > 0


def test_no_act_is_lost_or_doubled_however_often_the_database_is_restarted_under_the_application(
    product_on_a_server: Product, folder: Path
) -> None:
    product = product_on_a_server
    plan = Plan.of(SEED, acts=stories.MOST, moments=3, at_points=POINTS)
    told = stories.play(product, plan, product.kill_postgres, folder)
    assert told.faults == {}
    assert (told.acts, told.kills, told.starts) == (stories.ACTS, len(plan), 1)
    assert told.retried > 0
