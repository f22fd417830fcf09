"""A federation with one bloc, people for every office with password and PIN, and a quick way to any step."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from tests.e2e.product import MovedClock, Product
from tests.processes.pledges import texts, way
from tests.processes.pledges.world import SINCE, World, found, install
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.organisations import passwords
from workflow_app.organisations import service as organisations
from workflow_app.organisations.models.accounts import Account
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.processes.completion import Completed, complete_task
from workflow_app.processes.pledges import service

PASSWORD = "con tàu màu xanh 27"
_MORE = (
    ("standing2", "Lê Hoàng Sơn", "federation_vice_chair"),
    ("admin", "Đặng Văn Quản", "administrator"),
    ("author", "Mai Xuân Đức", "process_author"),
    ("auditor", "Dương Nhật Minh", "auditor"),
)


class Town(World):
    """The world of the pledge tests, whose jobs are done by the running worker."""

    product: Product

    def open(self, year: int = 2019) -> UUID:
        actor = self.actor("officer")
        with transaction() as session:
            bloc = session.get_one(Bloc, self.bloc_id)
            pledge = service.open_pledge(
                session, bloc, year, actor=actor, seat=actor.seats[0], at=clock.now()
            )
            self.pledge_id = pledge.id
        self.product.settle()
        return pledge.id

    def complete(
        self,
        who: str,
        element: str,
        values: Mapping[str, Any],
        *,
        unit_id: UUID | None = None,
        op_id: UUID | None = None,
    ) -> Completed:
        done = complete_task(
            self.actor(who), self.task(element, unit_id), values, op_id=op_id or uuid4(), at=clock.now()
        )
        self.product.settle()
        return done

    def sign_from(self, moved: MovedClock) -> None:
        """Goes on from the draft until the units are asked to sign, on the afternoon of 1 March 2019."""
        way.go_to_conference(self)
        moved.set(way.CONFERENCE)
        self.complete("chair1", "conference", texts.minutes(self.unit_ids))


def username(who: str) -> str:
    """What the person types to sign in: "chutich1" for "chair1"."""
    return who.replace("chair", "chutich")


def found_town(product: Product, *, units: int = 2) -> Town:
    """A fresh installation with one federation; nothing is open yet."""
    with transaction() as session:
        install(session, product.store)
        plain = found(session, units=units)
        town = Town(plain.federation_id, plain.bloc_id, plain.unit_ids, plain.people)
        for who, name, office in _MORE:
            person = organisations.add_person(session, full_name=name)
            organisations.appoint(
                session, person_id=person.id, unit_id=town.federation_id, office_code=office, valid_from=SINCE
            )
            organisations.open_account(session, person.id, username=who, at=clock.now())
            town.people[who] = person.id
        federation = session.scalars(select(UnitPeriod).where(UnitPeriod.unit_id == town.federation_id)).one()
        federation.letterhead_parent = "Tổng Liên đoàn Lao động Việt Nam"  # printed on the register
        for person_id in town.people.values():
            session.get_one(Account, person_id).password = passwords.hash_password(PASSWORD)
    town.product = product
    return town
