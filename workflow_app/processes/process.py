"""What a process brings along: diagrams, forms with their acts, operations, templates, pages."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit.service import ActorRef
from workflow_app.engine.catalogue import Catalogue
from workflow_app.engine.models import ProcessDefinition
from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.form_schemas.shape import FormSchema
from workflow_app.processes.forms import TaskForm


@dataclass(frozen=True, slots=True)
class ActContext:
    """Who completes which task, in which office, when.

    proved: the password or PIN that the form carries was right; it is asked for again before a signature.
    """

    task: OpenTask
    actor: Actor
    seat: Seat
    at: datetime
    op_id: UUID
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a process's act decided.

    outcome: ids and decisions for the diagram. action: the audit log's word for it.
    details: plain values for the log, no free text. said: one sentence for the page.
    """

    outcome: Mapping[str, Any]
    action: str
    object_type: str
    object_id: UUID
    details: Mapping[str, Any] = field(default_factory=dict)
    doc_sha256: str | None = None
    said: str = "Đã ghi nhận."


Act = Callable[[Session, ActContext, Any], Done]


@dataclass(frozen=True, slots=True)
class TaskKind:
    """One kind of human task: its form, its act, and the name under which a delegation covers it.

    authors: who wrote what the task judges, for acts that need a second pair of eyes.
    """

    form: type[TaskForm]
    act: Act
    named: str
    authors: Callable[[Session, OpenTask], frozenset[UUID]] | None = None


TaskContext = Callable[[Session, OpenTask, Actor], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Package:
    """What somebody brings on the screen: a diagram, its forms and its Word templates, by file name without ending."""

    xml: bytes
    forms: Mapping[str, bytes] = field(default_factory=dict)
    templates: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a version of a diagram came with: its forms in their order, key and id of its Word templates."""

    forms: Sequence[FormSchema] = ()
    templates: Mapping[str, UUID] = field(default_factory=dict)


class Host(Protocol):
    """A process that takes in diagrams which people draw, each with the files it brings along."""

    def deploy(
        self, session: Session, package: Package, *, actor: ActorRef, at: datetime
    ) -> ProcessDefinition:
        """Stores a checked package as a draft; the same one again gives the same row. Raises DiagramRefused."""
        ...

    def activate(
        self, session: Session, definition: ProcessDefinition, *, actor: ActorRef, at: datetime
    ) -> None:
        """Brings a draft into force, with what it brought along."""
        ...

    def task_kind(self, session: Session, task: OpenTask) -> TaskKind | None:
        """The kind of a task of such a diagram."""
        ...

    def brought(self, session: Session, definition_id: UUID) -> Brought: ...

    def known(self, session: Session, definition_id: UUID) -> Catalogue:
        """What a stored version may refer to, its own forms included."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """What a process shows on the web: its pages, and how its tasks look there.

    blueprint: a Flask blueprint; not typed as one, because the worker lives without Flask.
    page: endpoint of the dossier's page, which takes `business_id`. task_context: what a task's page shows.
    task_template: form key -> template, for forms that need more than the generic page. icons: form key -> icon.
    nav: entries of the menu for an actor.
    """

    blueprint: Any
    page: str | None = None
    task_context: TaskContext | None = None
    task_template: Mapping[str, str] = field(default_factory=dict)
    icons: Mapping[str, str] = field(default_factory=dict)
    nav: Callable[[Actor, Any], Sequence[Mapping[str, Any]]] | None = None


_NO_PAGES = Pages(None)


@dataclass(frozen=True, slots=True)
class Process:
    """One process (quy trình) of the product.

    key: of the main diagram. diagrams: all of them, the main one first. children deploy before parents.
    pages: module whose `PAGES` says what the web shows; imported when the web first asks, so that the worker
    and the command line start without it. api: likewise the module of its REST part.
    cancels_itself: a dossier is cancelled on its own page, with its own rows; the engine alone must not.
    host: takes in diagrams that no process has; at most one process is such a host.
    """

    key: str
    title: str
    business_type: str
    diagrams: tuple[str, ...]
    tasks: Mapping[str, TaskKind]
    operations: tuple[str, ...]
    templates: tuple[str, ...]
    pages: str = ""
    api: str = ""
    cancels_itself: bool = False
    host: Host | None = None

    @property
    def api_blueprint(self) -> Any:
        """The REST part of the process (`API` of its module), None without one."""
        return importlib.import_module(self.api).API if self.api else None

    @property
    def blueprint(self) -> Any:
        """The Flask blueprint, None without pages."""
        return self._pages().blueprint

    @property
    def page(self) -> str | None:
        return self._pages().page

    @property
    def task_context(self) -> TaskContext | None:
        return self._pages().task_context

    @property
    def task_template(self) -> Mapping[str, str]:
        return self._pages().task_template

    @property
    def icons(self) -> Mapping[str, str]:
        return self._pages().icons

    @property
    def nav(self) -> Callable[[Actor, Any], Sequence[Mapping[str, Any]]] | None:
        return self._pages().nav

    def _pages(self) -> Pages:
        found: Pages = importlib.import_module(self.pages).PAGES if self.pages else _NO_PAGES
        return found
