"""People at their browsers: each in a context of his own, watched for what a page must not do."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.e2e.product import Product
from tests.e2e.town import PASSWORD, Town, username
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.organisations import web_sessions

PATIENCE_MS = 20_000  # for a page on a busy machine; nothing waits that long when all is well
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 640}

# A violation of the content policy is an event in the page; the console tells it too, but not in every frame.
_WATCH_POLICY = """addEventListener('securitypolicyviolation',
  event => console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))"""


@dataclass
class People:
    """Opens browsers; `complaints` holds what the pages did wrong meanwhile."""

    chromium: Browser
    product: Product
    town: Town
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _pages: dict[str, Page] = field(default_factory=dict)

    def visitor(self, **options: Any) -> Page:
        """A browser in which nobody has signed in; options as of Playwright's `new_context`."""
        options = {"viewport": DESK, "locale": "vi-VN", "base_url": self.product.address, **options}
        context = self.chromium.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_WATCH_POLICY)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", self._request)
        self._contexts.append(context)
        return context.new_page()

    def sign_in(self, who: str, **options: Any) -> Page:
        """Somebody signs in as people do: name, password, button."""
        page = self.visitor(**options)
        page.goto("/login")
        page.get_by_label("Tên đăng nhập").fill(username(who))
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page).to_have_url(f"{self.product.address}/")
        return page

    def signed_in(self, who: str, **options: Any) -> Page:
        """The same person, let in without the form: for tests that begin on another page."""
        page = self.visitor(**options)
        give_session(page.context, self.town, who, self.product.address)
        return page

    def at_hand(self, who: str) -> Page:
        """The person's one browser, opened when it is first asked for; "nobody" has not signed in."""
        if who not in self._pages:
            self._pages[who] = self.visitor() if who == "nobody" else self.signed_in(who)
        return self._pages[who]

    def forget(self) -> None:
        """The clock has moved past the end of all sessions: everybody comes with a new one."""
        self._pages.clear()

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _console(self, message: ConsoleMessage) -> None:
        # A refusal (403, 404, 409, 422) is an answer, not a fault of the page.
        if (
            message.type in {"error", "warning"}
            and "the server responded with a status of 4" not in message.text
        ):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.product.address + "/", "data:", "blob:", "about:")):
            self.complaints.append(f"request to another host: {urlsplit(request.url).netloc}")


def give_session(context: BrowserContext, town: Town, who: str, address: str) -> None:
    """Puts the cookie of a fresh session into the browser."""
    token = hashlib.sha256(who.encode()).hexdigest()
    with transaction() as session:
        secret = web_sessions.start(session, town.people[who], at=clock.now(), data={"csrf_token": token})
    context.add_cookies([{"name": "giao_uoc", "value": secret, "url": address}])


@contextmanager
def browsing(chromium: Browser, product: Product, town: Town) -> Iterator[People]:
    """Ends with the complaints being none."""
    people = People(chromium, product, town)
    try:
        yield people
    finally:
        people.close()
    assert people.complaints == []
