"""What every answer tells the browser, and what every change must prove: headers, origin, CSRF token."""

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest

from workflow_app.core.settings import Settings

csrf = CSRFProtect()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the diagram viewer draws its pointers from data: images
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class ForeignOrigin(BadRequest):
    """A change asked for by a page of another site."""


def register(app: Flask, settings: Settings) -> None:
    """Installs the checks before a request and the headers after it."""
    app.config["WTF_CSRF_TIME_LIMIT"] = (
        None  # the token lives as long as its session: nobody is timed out while typing
    )
    app.config["WTF_CSRF_SSL_STRICT"] = (
        False  # our own origin check stands in its place and also works without TLS
    )
    app.before_request(_check_origin)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    transport = "max-age=31536000; includeSubDomains" if settings.secure_cookies else None

    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if transport:
            response.headers["Strict-Transport-Security"] = transport
        if "Cache-Control" not in response.headers:
            # Not `no-store`: that would empty a half-filled form when somebody goes back to it.
            response.headers["Cache-Control"] = "private, no-cache"
        if response.mimetype == "text/html":
            response.vary.update(["Cookie", "HX-Request"])
        return response

    app.after_request(add_headers)


def _check_origin() -> None:
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise ForeignOrigin(f"origin of another site, own is {request.host_url}")
    if origin is None and request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignOrigin("the browser says that another site asks")


def _refuse_nul() -> None:
    # PostgreSQL text cannot hold it and no keyboard sends it. Forms are looked at here because CSRF reads them anyway.
    g.unclean = any("\0" in text for pair in request.args.items(multi=True) for text in pair)
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        g.unclean = g.unclean or any("\0" in text for pair in request.form.items(multi=True) for text in pair)
    if g.pop("unclean") or "\0" in request.path:
        raise BadRequest("NUL byte in the request")
