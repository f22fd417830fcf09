"""A small application that shows every macro on pages like the product's, under the product's content policy."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template, request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.ext import InternationalizationExtension
from werkzeug.serving import make_server

from workflow_app.web import assets

HERE = Path(__file__).parent
TEMPLATES = Path(assets.__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = ("inbox", "form", "task", "pledge")
ERRORS: dict[int, dict[str, Any]] = {
    400: {},
    403: {"role": "Chủ tịch CĐCS Sở Tư pháp", "seat": "Chủ tịch CĐCS Sở Nội vụ"},
    404: {},
    409: {"who": "Nguyễn Thị Minh An, Khối trưởng", "when": "14:02 ngày 05/3/2019", "what": "Đã chốt"},
    413: {"limit": "20 MB"},
    422: {"errors": ["Nhập số đoàn viên bằng chữ số"]},
    429: {"retry_after": "5 phút"},
    500: {"incident_id": "K7QM 2R9D"},
    503: {"return_at": "14:00 ngày 05/3/2019"},
}


def frame() -> dict[str, Any]:
    """What the product's context gives to layout.html."""
    seats = (
        SimpleNamespace(id="s1", title="Chủ tịch", unit_short_name="CĐCS Sở Nội vụ"),
        SimpleNamespace(id="s2", title="Ủy viên UBKT", unit_short_name="LĐLĐ tỉnh"),
    )
    return {
        "actor": SimpleNamespace(full_name="Trần Quốc Bảo", seat=seats[0], seats=seats),
        "federation_name": "LĐLĐ tỉnh An Giang",
        "nav": [
            {"label": "Việc của tôi", "href": "/p/inbox", "current": True, "count": 5, "count_url": "/count"},
            {"label": "Khối thi đua 04", "href": "/p/pledge", "current": False, "count": None},
        ],
        "help_line": {
            "office": "Văn phòng LĐLĐ tỉnh An Giang",
            "phone": "0296 3 000 111",
            "hours": "giờ hành chính",
        },
        "links": {
            "home": "/",
            "login": "/login",
            "logout": "/logout",
            "switch_seat": "/seat",
            "account": "/me",
        },
        "footer_links": [
            {"label": "Tra cứu văn bản", "href": "/verify"},
            {"label": "Cỡ chữ và màu", "href": "/look"},
        ],
        "csrf_token": lambda: "the-token",
    }


def environment() -> Environment:
    """Plain Jinja with our templates; a name that nobody gave is an error."""
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(HERE / "gallery")]),
        autoescape=select_autoescape(default_for_string=True),
        undefined=StrictUndefined,
    )
    _translated(env)
    env.globals["asset"] = lambda name: f"/static/dist/{name}"
    return env


def _translated(env: Environment) -> None:
    env.add_extension(InternationalizationExtension)
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it


def make_app() -> Flask:
    """The gallery, with test routes for the scripts."""
    app = Flask(__name__, static_folder=None)
    app.jinja_env.undefined = StrictUndefined
    _translated(app.jinja_env)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(HERE / "gallery")])
    assets.register(app)
    app.config |= {"posts": [], "counted": 0}
    app.after_request(_policy)
    app.context_processor(
        lambda: {"theme": request.args.get("theme", "auto"), "text_size": request.args.get("text", "normal")}
    )
    app.add_url_rule("/p/<name>", "page", _page)
    app.add_url_rule("/login", "login", _login)
    app.add_url_rule("/count", "count", lambda: _counted(app))
    app.add_url_rule("/refuse/<int:code>", "refuse", _refuse, methods=["GET", "POST"])
    app.add_url_rule("/plain/<int:code>", "plain", lambda code: (f"<b>mới {code}</b>", code))
    app.add_url_rule("/post", "post", lambda: _posted(app), methods=["POST"])
    app.add_url_rule("/diagram.bpmn", "bpmn", _bpmn)
    app.add_url_rule("/marks.json", "marks", _marks)
    return app


def _policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _page(name: str) -> str:
    known = hashlib.sha256(b"the issued file").hexdigest()
    return render_template(f"{name}.html", known=known, **frame())


def _counted(app: Flask) -> dict[str, int]:
    app.config["counted"] += 1
    return {"count": 7}


def _posted(app: Flask) -> tuple[str, int]:
    app.config["posts"].append(dict(request.form))
    time.sleep(0.3)  # long enough for a second press
    return "", 204


def _bpmn() -> Response:
    return Response((HERE / "gallery" / "diagram.bpmn").read_bytes(), mimetype="text/xml")


def _refuse(code: int) -> tuple[str, int]:
    return render_template(f"errors/{code}.html", error=ERRORS[code], **frame()), code


def _login() -> str:
    without_actor = {key: value for key, value in frame().items() if key != "actor"}
    fields = [
        {"widget": "text", "name": "username", "label": "Tên đăng nhập", "autocomplete": "username"},
        {"widget": "password", "name": "password", "label": "Mật khẩu", "autocomplete": "current-password"},
    ]
    return render_template("login.html", fields=fields, **without_actor)


def _marks() -> dict[str, Any]:
    return {
        "elements": {
            "draft": {"state": "done"},
            "sign": {"state": "active", "count": "<b>12</b>/14"},
            "gone": {"state": "done"},
        },
        "flows": ["f1"],
    }


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of app, served by a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
