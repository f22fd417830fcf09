"""The signing order "listed": one after the other as the list has them, whoever leads."""

import pytest

from tests.processes.pledges import way
from tests.processes.pledges.world import World
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.organisations.bloc_lists import Composition, renew_list
from workflow_app.organisations.settings_data import change_setting
from workflow_app.processes.pledges.errors import NotYourTurn
from workflow_app.processes.pledges.models import SignState


@pytest.fixture
def in_turn(world: World, february: clock.ScriptedClock) -> World:
    """Unit 2 stands first in the list, unit 1 leads, and the federation has set the order."""
    first, second = world.unit_ids
    with transaction() as session:
        today, by = clock.today(), world.people["officer"]
        wanted = Composition((second, first), first, second)
        renew_list(session, world.bloc_id, 2019, wanted, effective=today, basis="15/QĐ-LĐLĐ")
        change_setting(
            session,
            "pledge.signing_order",
            "listed",
            unit_id=world.federation_id,
            valid_from=today,
            legal_basis="30/HD-LĐLĐ",
            by=by,
            at=clock.now(),
        )
    world.open()
    way.go_to_signing(world, february)
    return world


def test_the_leader_waits_for_the_unit_before_it(in_turn: World) -> None:
    with pytest.raises(NotYourTurn) as refused:
        way.sign(in_turn, 1)
    assert refused.value.vi == "Chưa đến lượt đơn vị ký. Các đơn vị ký lần lượt theo danh sách khối."
    way.sign(in_turn, 2)
    way.sign(in_turn, 1)
    assert {unit.sign_state for unit in in_turn.pledge().units} == {SignState.SIGNED}
