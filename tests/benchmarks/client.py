"""A browser without a screen: cookies, hidden fields, one connection kept open."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def statements(self) -> int:
        return int(self.headers["X-Cost-Statements"])

    @property
    def commits(self) -> int:
        return int(self.headers["X-Cost-Commits"])

    @property
    def cpu_ms(self) -> float:
        return float(self.headers["X-Cost-Cpu-Ms"])


@dataclass
class Browser:
    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=2, retries=False, timeout=30)
    )

    def get(self, path: str) -> Answer:
        return self._send("GET", path)

    def post(self, path: str, fields: dict[str, Any]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        return self._send("POST", path, urlencode(fields), headers)

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the page's main form, as a browser would send them."""
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status, answer.text[:500])
        return dict(_HIDDEN.findall(answer.text))

    def login(self, username: str, password: str) -> "Browser":
        fields = self.hidden("/login")
        answer = self.post("/login", {**fields, "username": username, "password": password})
        assert answer.status in {302, 303}, (answer.status, answer.text[:800])
        return self

    def _send(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {
            **(headers or {}),
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        answer = self.pool.request(method, self.base + path, body=body, headers=sent, redirect=False)
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, dict(answer.headers), answer.data.decode(errors="replace"))
