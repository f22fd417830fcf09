"""Addresses and delivery of the built style sheets, scripts, fonts and icons.

`hatch_build.py` writes `static/dist` with a hash of the content in every file name and a `manifest.json`; templates name a
file as `{{ asset("app.css") }}`. A name with a hash never changes its content, so a browser may keep it for a year.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request
from werkzeug.http import parse_accept_header

from workflow_app.web.actors import open_to_everybody

DIST = Path(__file__).resolve().parent / "static" / "dist"
YEAR_S = 31_536_000
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # best first; the build writes both
BUILD_HINT = "python hatch_build.py"


class AssetsMissing(Exception):
    """The built files are absent or do not hold a name that a template uses."""


class Assets:
    """The built files of one folder.

    folder: where manifest.json lies; base_url: the address under which the folder is served, without a slash at the end.
    The manifest is read on first use and again when a build has replaced it.
    """

    def __init__(self, folder: Path = DIST, base_url: str = "/static/dist") -> None:
        self.folder = folder
        self.base_url = base_url
        self._read_at = 0
        self._manifest: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Address of a file by the name without its hash, such as "app.css". Raises AssetsMissing."""
        try:
            return f"{self.base_url}/{self.manifest()[name]}"
        except KeyError:
            raise AssetsMissing(f"{name} is not among the built files; build them: {BUILD_HINT}") from None

    def manifest(self) -> dict[str, str]:
        """Names without hash to names with hash. Raises AssetsMissing when nothing was built."""
        path = self.folder / "manifest.json"
        try:
            changed_at = path.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._manifest = json.loads(path.read_text("utf-8"))
                self._read_at = changed_at
        except FileNotFoundError:
            raise AssetsMissing(f"the pages' assets are not built; build them: {BUILD_HINT}") from None
        return self._manifest

    def serve(self, name: str) -> Response:
        """One built file, compressed when the browser takes it; 404 for a name that no manifest entry has."""
        if name not in self.manifest().values():
            abort(404)
        encoding, file = self._variant(name)
        response = Response((self.folder / file).read_bytes(), mimetype=_type_of(name))
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        response.vary.add("Accept-Encoding")
        response.set_etag(file)
        response.make_conditional(request)  # changes the response in place
        return response

    def _variant(self, name: str) -> tuple[str, str]:
        """The best compressed form that the browser takes: (content encoding, file); no encoding for the plain file."""
        accepted = parse_accept_header(request.headers.get("Accept-Encoding"))
        for encoding, suffix in ENCODINGS:
            if accepted.quality(encoding) > 0 and (self.folder / (name + suffix)).is_file():
                return encoding, name + suffix
        return "", name


def register(app: Flask, assets: Assets | None = None) -> Assets:
    """Give templates the function `asset(name)` and serve the built files at /static/dist/.

    The blueprint is named "assets"; its rule is longer than Flask's own for /static/ and therefore wins.
    """
    built = assets or Assets()
    blueprint = Blueprint("assets", __name__)

    @open_to_everybody  # the sign-in page has a look, too
    def dist(name: str) -> Response:
        return built.serve(name)

    blueprint.add_url_rule(f"{built.base_url}/<name>", view_func=dist)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = built.url
    return built


# Written out: the answer must not depend on the MIME table of the machine (Windows may say text/plain for .js).
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def _type_of(name: str) -> str:
    return _TYPES.get(Path(name).suffix, "application/octet-stream")
