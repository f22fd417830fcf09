"""How much and how often: sizes of request bodies, number of requests."""

from flask import Flask, request
from flask_limiter import Limiter

from workflow_app.web.accounts.origins import network

MAX_UPLOAD = 25 * 1024 * 1024
MAX_FORM = 2 * 1024 * 1024  # the longest pledge of a bloc of 16 is below 200 kB
_MAX_PARTS = 10_000  # a form with every row filled has about 3,000 fields

# Counted per process in memory: a brake on floods. What protects passwords counts in the database.
limiter = Limiter(network, storage_uri="memory://", strategy="fixed-window", headers_enabled=False)

# By address, from browsers in which nobody has signed in before: a hall full of phones has one address. Each try
# costs 0.1 s, so a flood from one address gets a tenth of a core.
SIGN_IN_RATE = "60/minute"


def register(app: Flask) -> None:
    """Sets the limits; a page that takes files raises its own with `takes_files`."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM
    app.config["MAX_FORM_PARTS"] = _MAX_PARTS
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter.init_app(app)
    app.before_request(_body_limit)


def _body_limit() -> None:
    # A file may only come where a page asks for one; everything else is a form.
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MAX_FORM
