"""Where a browser may be sent: our own pages, nothing else."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def own_path(target: str | None) -> str | None:
    """The target as a path of this application that answers to GET, or None.

    Accepts a path, or an address whose host is the request's own. Only what the router knows comes back,
    put together anew: nothing that a browser could read as another host survives.
    """
    if not target or any(char.isspace() or not char.isprintable() or char == "\\" for char in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.netloc and (parts.scheme not in {"http", "https"} or parts.netloc != request.host):
        return None
    if not parts.netloc and parts.scheme:
        return None
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    if not _known(parts.path):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _known(path: str) -> bool:
    adapter = current_app.url_map.bind_to_environ(request.environ)
    try:
        adapter.match(path, method="GET")
    except (RequestRedirect, HTTPException):
        return False
    return True
