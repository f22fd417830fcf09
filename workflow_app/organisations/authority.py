"""The one question: may this person do this to that, and in which office?"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from workflow_app.core.errors import Forbidden, NotFound
from workflow_app.organisations.errors import FourEyes, MandateEnded, OutsideDelegation
from workflow_app.organisations.roles import role_name
from workflow_app.organisations.types import Actor, Pair, Seat

# Acts that judge the work of others: whoever wrote a dossier never does them to it.
FOUR_EYES = frozenset({"approve", "appraise", "witness", "publish", "confirm"})


class Guarded(Protocol):
    """Anything that people may do something to."""

    def grants(self, act: str) -> Sequence[Pair]:
        """Who may do the act: (role, unit) pairs."""
        ...

    @property
    def visible_units(self) -> frozenset[UUID] | None:
        """The units whose officers may see it; None = every officer."""
        ...

    @property
    def authors(self) -> frozenset[UUID]:
        """The people who wrote it, for the acts in FOUR_EYES."""
        ...


def authorize(actor: Actor, act: str, obj: Guarded, *, delegated_as: str | None = None) -> Seat:
    """The seat in which the actor does the act.

    delegated_as: the name by which a delegation's scope must cover the act, when it is not the act
    itself: the "complete" of a signing task is delegated as "sign".
    Raises NotFound for a foreign object, FourEyes, MandateEnded, OutsideDelegation, or Forbidden,
    whose sentence names who may do it.
    """
    pairs = obj.grants(act)
    named = delegated_as or act
    seats = [seat for role, unit_id in pairs for seat in actor.seats_for(role, unit_id, named)]
    if not seats:
        raise _why_not(actor, act, obj, pairs)
    if not FOUR_EYES.isdisjoint((act, named)):
        seats = [seat for seat in seats if not _wrote_it(seat, obj)]
        if not seats:
            raise FourEyes(f"person {actor.person_id} is an author, may not {act}", act=act)
    return next((seat for seat in seats if seat == actor.seat), seats[0])


def may(actor: Actor, act: str, obj: Guarded, *, delegated_as: str | None = None) -> bool:
    """Whether `authorize` would succeed: for buttons, never instead of it."""
    try:
        authorize(actor, act, obj, delegated_as=delegated_as)
    except (Forbidden, NotFound):
        return False
    return True


def may_see(actor: Actor, obj: Guarded) -> bool:
    """Whether the object exists for this person."""
    if obj.visible_units is None:
        return bool(actor.seats)
    return not actor.unit_ids.isdisjoint(obj.visible_units)


def require_visible(actor: Actor, obj: Guarded) -> None:
    """Raises NotFound when the object does not exist for this person."""
    if not may_see(actor, obj):
        raise NotFound(f"foreign to person {actor.person_id}")


def _wrote_it(seat: Seat, obj: Guarded) -> bool:
    # Whoever acts for an author acts in the author's name: the same pair of eyes.
    return seat.person_id in obj.authors or seat.principal_id in obj.authors


def _why_not(actor: Actor, act: str, obj: Guarded, pairs: Sequence[Pair]) -> Forbidden | NotFound:
    if any(seat.holds(role, unit_id) for role, unit_id in pairs for seat in actor.seats):
        return OutsideDelegation(f"delegation of person {actor.person_id} leaves out {act}", act=act)
    for ended in actor.ended:
        if any(unit_id == ended.unit_id and role in ended.roles for role, unit_id in pairs):
            return MandateEnded(
                f"term of person {actor.person_id} in {ended.unit_id} is over", ended_on=ended.ended_on
            )
    if not may_see(actor, obj):
        return NotFound(f"foreign to person {actor.person_id}")
    names = list(dict.fromkeys(role_name(role) for role, _ in pairs))
    who = " hoặc ".join(names) if names else "người có thẩm quyền"
    vi = f"Việc này do {who} thực hiện. Chức vụ hiện tại của ông/bà không được làm việc này."
    return Forbidden(f"person {actor.person_id} may not {act}", vi=vi, may=names)
