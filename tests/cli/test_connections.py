"""Idle connections of many browsers do not keep the next visitor out."""

import http.client
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import waitress

from workflow_app.cli import running
from workflow_app.core.settings import Settings

MANY = 150  # above waitress's own limit of 100
PATIENCE = 3  # seconds

Start = Callable[[str, list[tuple[str, str]]], Any]


def hello(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def next_visitor_is_answered(port: int) -> bool:
    """After MANY visitors who asked once and keep their connection open, as browsers do."""
    with ExitStack() as idle:
        for _ in range(MANY):
            visitor = idle.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port)))
            visitor.timeout = PATIENCE
            try:
                visitor.request("GET", "/")
                visitor.getresponse().read()
            except TimeoutError:
                return False
        return True


def test_a_hundred_and_fifty_open_browsers_lock_nobody_out(tmp_path: Path) -> None:
    with running.listen("127.0.0.1", 0) as listener:
        settings = Settings(data_dir=tmp_path, secret_key="k" * 48)
        threading.Thread(target=running.serve, args=(hello, listener, settings), daemon=True).start()
        assert next_visitor_is_answered(listener.getsockname()[1])


@pytest.mark.slow
def test_the_check_notices_a_server_with_the_usual_limit() -> None:
    server = waitress.create_server(hello, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    assert not next_visitor_is_answered(server.effective_port)
    server.close()
