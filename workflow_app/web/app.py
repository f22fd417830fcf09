"""The application factory."""

from collections.abc import Callable, Sequence

from apiflask import APIFlask
from flask import Blueprint
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix

from workflow_app.core import database
from workflow_app.core.settings import Settings
from workflow_app.processes import registry
from workflow_app.web import (
    actors,
    assets,
    context,
    errors,
    health,
    history,
    limits,
    preferences,
    reading,
    reference,
    security,
    sessions,
    translations,
    wording,
)
from workflow_app.web.accounts import account_acts, login, own_tokens
from workflow_app.web.operations import definitions, instances, operated, operations
from workflow_app.web.organisations import (
    administration,
    bloc_lists,
    delegations,
    reorganisations,
    setup,
    unit_acts,
)
from workflow_app.web.papers import bookkeeping, document_templates, documents, verify
from workflow_app.web.settings import calendars, dated_settings
from workflow_app.web.work import handover, inbox, tasks

Mount = Callable[[APIFlask], None]


def create_app(settings: Settings, *, mounts: Sequence[Mount] = ()) -> APIFlask:
    """The web application; the database is bound by the caller.

    mounts: parts that live beside the pages, such as the REST API; each gets the finished application. A mount
    that proves callers in another way than by the session cookie adds its blueprint's name to
    `app.extensions["own_authentication"]`.
    """
    app = APIFlask(
        "workflow_app.web",
        title="Giao Ước",
        version="1",
        json_errors=False,
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]  # built files have a view of their own, with long caching
    )
    key = settings.signing_key()
    app.config.update(SECRET_KEY=key, PRACTICE=False)
    app.extensions["own_authentication"] = {"openapi"}
    app.session_interface = sessions.Sessions(settings, key)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    _install(app, settings, key)
    _add_pages(app)
    for mount in mounts:
        mount(app)
    if settings.base_url:
        # Behind a reverse proxy: one hop is trusted for scheme, host and address, and only then.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # Flask's documented way
    return app


def warm_up(app: APIFlask) -> None:
    """Does before the first request what would make it slow: templates, diagrams in force, the English words."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    translations.english()
    with database.reading() as session:
        from workflow_app.engine import definitions
        from workflow_app.engine.models import DefinitionStatus, ProcessDefinition

        in_force = ProcessDefinition.status == DefinitionStatus.ACTIVE
        for definition_id in session.scalars(select(ProcessDefinition.id).where(in_force)):
            definitions.compiled(session, definition_id)


def _install(app: APIFlask, settings: Settings, key: str) -> None:
    reading.register(app)
    reference.register(app)
    translations.register(app, settings.language)
    wording.register(app)
    assets.register(app)
    limits.register(app)
    security.register(app, settings)
    actors.register(app)
    login.register(app, key)
    context.register(app)
    errors.register(app)


def _add_pages(app: APIFlask) -> None:
    """Our own blueprints, then those of the processes."""
    found = [getattr(process, "blueprint", None) for process in registry.processes()]
    for blueprint in (*_pages(), *found):
        if blueprint is not None:
            app.register_blueprint(blueprint)


def _pages() -> Sequence[Blueprint]:
    return (
        own_tokens.bp,  # the blueprint of one's own account, with the pages of own_security and of this module
        health.bp,
        setup.bp,
        inbox.bp,
        tasks.bp,
        handover.bp,
        instances.bp,
        documents.bp,
        bookkeeping.bp,  # the blueprint of registers, with this module's pages on it
        unit_acts.bp,  # the blueprint of units, with an administrator's acts on it
        bloc_lists.bp,  # the blueprint of blocs, with the acts of the federation on it
        delegations.bp,  # the blueprint of people, with this module's pages on it
        administration.bp,
        account_acts.bp,  # the blueprint of accounts, with this module's acts on it
        reorganisations.bp,
        dated_settings.bp,
        calendars.bp,
        definitions.bp,
        operations.bp,
        operated.bp,
        document_templates.bp,
        history.bp,
        preferences.bp,
        verify.bp,
    )
