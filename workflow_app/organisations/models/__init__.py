"""Tables of the organisations package."""

from typing import cast

from sqlalchemy import Table

from workflow_app.organisations import ddl
from workflow_app.organisations.models.accounts import (
    Account,
    AccountTicket,
    ApiToken,
    SignInTry,
    TicketKind,
    TryOutcome,
    WebSession,
)
from workflow_app.organisations.models.blocs import Bloc, BlocKind, BlocMember, BlocName
from workflow_app.organisations.models.housekeeping import HousekeepingRun
from workflow_app.organisations.models.people import Appointment, Delegation, Gender, Office, Person
from workflow_app.organisations.models.settings import DatedSetting
from workflow_app.organisations.models.units import Reorganisation, Unit, UnitKind, UnitPeriod, UnitSuccession

__all__ = [
    "Account",
    "AccountTicket",
    "ApiToken",
    "Appointment",
    "Bloc",
    "BlocKind",
    "BlocMember",
    "BlocName",
    "DatedSetting",
    "Delegation",
    "Gender",
    "HousekeepingRun",
    "Office",
    "Person",
    "Reorganisation",
    "SignInTry",
    "TicketKind",
    "TryOutcome",
    "Unit",
    "UnitKind",
    "UnitPeriod",
    "UnitSuccession",
    "WebSession",
]

_GUARDED = (
    Account,
    Appointment,
    Bloc,
    BlocMember,
    BlocName,
    DatedSetting,
    Delegation,
    Office,
    Person,
    Reorganisation,
    Unit,
    UnitKind,
    UnitPeriod,
    UnitSuccession,
)
ddl.attach(*(cast("Table", model.__table__) for model in _GUARDED))
