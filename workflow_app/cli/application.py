"""The whole web application, pages and API together, for whichever server runs it."""

import atexit
from contextlib import ExitStack

from apiflask import APIFlask

from workflow_app.core.settings import Settings


def web_application(settings: Settings, *, practice: bool = False) -> APIFlask:
    """Pages and API, ready for the first request; database and store are bound by the caller.

    practice: the pages say that nothing here is real.
    """
    from workflow_app import api
    from workflow_app.web.app import create_app, warm_up

    app = create_app(settings, mounts=[api.mount])
    app.config["PRACTICE"] = practice
    warm_up(app)
    return app


def wsgi() -> APIFlask:
    """For other servers: `gunicorn 'workflow_app.cli.application:wsgi()'`, one or more processes.

    Needs DATABASE_URL and a schema that `workflow-app db upgrade` made; the worker runs by itself
    (`workflow-app worker`). Each process binds its own connections, so it must not be preloaded.
    Raises NotReady, SettingsWrong.
    """
    from workflow_app.cli.assembly import serving
    from workflow_app.cli.refusals import NotReady
    from workflow_app.core import settings

    found = settings.load()
    if found.embedded_database:
        raise NotReady("Máy chủ web riêng cần DATABASE_URL; PostgreSQL đi kèm chỉ chạy với workflow-app run.")
    stack = ExitStack()
    atexit.register(stack.close)
    stack.enter_context(serving(found, upgrade=False))
    return web_application(found)
