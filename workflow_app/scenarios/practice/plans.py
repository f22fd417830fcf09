"""How a practice federation is written down: plain data, from which `founding` makes the rows."""

from dataclasses import dataclass

from workflow_app.organisations.models.blocs import BlocKind
from workflow_app.organisations.models.people import Gender

_FORMS = {"ông": Gender.MALE, "bà": Gender.FEMALE}


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """An invented person, written "bà Nguyễn Thị Minh An"."""

    full_name: str
    gender: Gender

    @classmethod
    def of(cls, written: str) -> "PersonPlan":
        form, _, name = written.partition(" ")
        return cls(name, _FORMS[form])


@dataclass(frozen=True, slots=True)
class UnionPlan:
    """One member union: slug is the end of its people's user names ("chutich.sotttt")."""

    slug: str
    name: str
    short_name: str
    chair: PersonPlan
    vice_chair: PersonPlan

    @classmethod
    def of(cls, line: str, *, prefix: str) -> "UnionPlan":
        """A line "slug | short name | chair | vice chair"; prefix: what the full name begins with."""
        slug, short, chair, vice = (part.strip() for part in line.split("|"))
        return cls(slug, f"{prefix} {short}", short, PersonPlan.of(chair), PersonPlan.of(vice))


@dataclass(frozen=True, slots=True)
class OfficerPlan:
    """One office of the federation: username without its ending, office code, own title if another one."""

    username: str
    office: str
    person: PersonPlan
    title: str | None = None


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """A union body above the member unions, with its letterhead."""

    code: str
    name: str
    short_name: str
    kind: str
    letterhead_parent: str
    letterhead_name: str
    symbol: str
    place: str


@dataclass(frozen=True, slots=True)
class BlocPlan:
    """A bloc or cluster with its unions in their order: the first leads, the second is deputy."""

    code: str
    name: str
    kind: BlocKind
    symbol: str
    unions: tuple[UnionPlan, ...]

    @property
    def leader(self) -> UnionPlan:
        return self.unions[0]

    @property
    def deputy(self) -> UnionPlan:
        return self.unions[1]


@dataclass(frozen=True, slots=True)
class FederationPlan:
    """A federation with its bloc. slug: the end of its officers' user names. above: the topmost body first."""

    slug: str
    above: tuple[BodyPlan, ...]
    body: BodyPlan
    officers: tuple[OfficerPlan, ...]
    bloc: BlocPlan
    help_phone: str


CONFEDERATION = BodyPlan(
    code="TLD",
    name="Tổng Liên đoàn Lao động Việt Nam",
    short_name="Tổng Liên đoàn",
    kind="confederation",
    letterhead_parent="",
    letterhead_name="Tổng Liên đoàn Lao động Việt Nam",
    symbol="TLĐ",
    place="Hà Nội",
)


def unions(lines: str, *, prefix: str) -> tuple[UnionPlan, ...]:
    """One union for each line; prefix: what their full names begin with."""
    return tuple(UnionPlan.of(line, prefix=prefix) for line in lines.strip().splitlines())


def officers(*lines: str) -> tuple[OfficerPlan, ...]:
    """Lines "user name | office code | person", with " | title" where the papers print another one."""
    made = []
    for line in lines:
        username, office, person, *title = (part.strip() for part in line.split("|"))
        made.append(OfficerPlan(username, office, PersonPlan.of(person), title[0] if title else None))
    return tuple(made)
