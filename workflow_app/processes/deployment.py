"""Diagrams that people bring on the screen: checked, stored as a draft, brought into force by somebody else.

One way for every diagram: one of a process of the program is checked against all that the program knows, any
other goes with its forms and Word templates to the process that takes such diagrams in.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit.service import ActorRef
from workflow_app.engine import definitions
from workflow_app.engine.catalogue import Catalogue
from workflow_app.engine.elements import process_of as process_node
from workflow_app.engine.errors import DiagramRefused, Finding
from workflow_app.engine.models import ProcessDefinition
from workflow_app.engine.reading import read
from workflow_app.engine.refusals import DefinitionUnknown
from workflow_app.organisations.errors import FourEyes
from workflow_app.processes.process import Brought, Host, Package
from workflow_app.processes.registry import catalogue, process_of


def deploy(session: Session, package: Package, *, actor: ActorRef, at: datetime) -> ProcessDefinition:
    """A draft of the next version; the same package gives the same row again.

    Raises DiagramUnreadable, DiagramRefused with every finding of the first stage that has any.
    """
    key = process_node(read(package.xml)).get("id", "")
    host = _host(key)
    if host is not None:
        return host.deploy(session, package, actor=actor, at=at)
    if package.forms or package.templates:
        raise DiagramRefused([_own_files(key)])
    return definitions.deploy(session, package.xml, by=actor, at=at, known=catalogue(), activate=False)


def activate(session: Session, definition_id: UUID, *, actor: ActorRef, at: datetime) -> ProcessDefinition:
    """Brings a version into force with what it brought along; never by the person who uploaded it.

    Raises DefinitionUnknown, FourEyes, TemplateSamePerson, TemplateRefused.
    """
    definition = _definition(session, definition_id)
    if definition.deployed_by == actor.person_id:
        vi = "Người tải sơ đồ lên không tự kích hoạt. Hãy nhờ người khác kiểm tra và kích hoạt."
        raise FourEyes(f"person {actor.person_id} uploaded definition {definition_id}", vi=vi)
    host = _host(definition.key)
    if host is not None:
        host.activate(session, definition, actor=actor, at=at)
    else:
        definitions.activate(session, definition_id, by=actor, at=at)
    return definition


def brought(session: Session, definition: ProcessDefinition) -> Brought:
    """The forms and templates of a version; nothing for a diagram of the program."""
    host = _host(definition.key)
    return host.brought(session, definition.id) if host is not None else Brought()


def known_to(session: Session, definition_id: UUID) -> Catalogue:
    """What a stored version may refer to: what its own check knew. Raises DefinitionUnknown."""
    definition = _definition(session, definition_id)
    host = _host(definition.key)
    if host is None or not host.brought(session, definition.id).forms:
        return catalogue()  # also a diagram that the command line deployed
    return host.known(session, definition.id)


def _definition(session: Session, definition_id: UUID) -> ProcessDefinition:
    definition = session.get(ProcessDefinition, definition_id)
    if definition is None:
        raise DefinitionUnknown(f"no definition {definition_id}")
    return definition


def _host(key: str) -> Host | None:
    process = process_of(key)
    return process.host if process is not None else None


def _own_files(key: str) -> Finding:
    return Finding(
        "files_not_taken", key,
        f"«{key}»: quy trình này của phần mềm đã có biểu mẫu và mẫu văn bản riêng. Hãy chỉ tải sơ đồ .bpmn,"
        " hoặc đổi mã quy trình để lập quy trình mới.",
        f"{key}: this process of the program has forms and templates of its own. Bring the diagram alone.",
    )  # fmt: skip
