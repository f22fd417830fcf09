"""Sessions kept on the server for people who signed in; a small signed cookie for everybody else.

The cookie of a signed-in browser holds a secret and nothing else; its row is read once per request. Nothing is
written while somebody reads: messages shown once travel in a cookie of their own, and the time of the last visit
is noted every few minutes.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionInterface
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import Unavailable
from workflow_app.core.settings import Settings
from workflow_app.organisations import web_sessions
from workflow_app.organisations.errors import SessionEnded
from workflow_app.organisations.models.accounts import WebSession
from workflow_app.web.accounts.origins import device_of
from workflow_app.web.reading import reader, stop_reading

TOUCH_EVERY = timedelta(minutes=5)
FLASHES = "_flashes"  # Flask's own name for messages shown once
_FLASH_AGE_S = 600


class BrowserSession(SecureCookieSession):
    """What Flask calls `session`. row: the signed-in browser, None for a visitor.

    ended: the browser came with the cookie of a session that is over. unavailable: the database did not answer.
    unattended: the page asked by itself, nobody touched it: such a request keeps no session alive.
    asked_again: the answer may be loaded anew, with the same form, and must then know once more that a session is over.
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(values or {}))
        self.row: WebSession | None = None
        self.secret: str | None = None
        self.dropped = False
        self.ended = False
        self.asked_again = False
        self.unavailable = False
        self.flashes_before = False
        self.unattended = False

    @property
    def person_id(self) -> UUID | None:
        return self.row.person_id if self.row else None


class Sessions(SessionInterface):
    """Reads and writes the cookies. secure: `__Host-` names that only travel over TLS."""

    def __init__(self, settings: Settings, key: str) -> None:
        self.secure = settings.secure_cookies
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.life = timedelta(hours=settings.session_hours)
        # A short rest is noted more often, else somebody at work would be taken for one who has left.
        self.touch_every = min(TOUCH_EVERY, self.idle / 6)
        self._visitors = SecureCookieSessionInterface()
        self._flashes = URLSafeTimedSerializer(key, salt="giao-uoc-messages")

    def cookie(self, name: str) -> str:
        """The name that the browser knows."""
        return f"__Host-{name}" if self.secure else name

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        """The session of a request; one statement when the browser has signed in, none otherwise."""
        if request.path.startswith(("/static/", "/healthz", "/readyz")):
            return BrowserSession()
        session = self._signed_in(request)
        if session is None:  # not `or`: a session without values is false
            session = self._visitor(app, request)
        self._receive_flashes(request, session)
        session.modified = session.accessed = False
        return session

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Sends what the browser must know; writes to the database only what changed."""
        browser = cast("BrowserSession", session)
        self._send_flashes(browser, response)
        if browser.row is not None:
            self._save_row(browser)
        elif browser.dropped or (browser.ended and not browser.asked_again):
            self._delete(response, "giao_uoc")
        if browser.row is None and browser.modified:
            self._save_visitor(app, browser, response)
        if browser.accessed:
            response.vary.add("Cookie")

    def begin(self, session: BrowserSession, response_hook: Callable[..., Any], person_id: UUID) -> None:
        """A new server session in place of whatever the browser had: the old id is never kept."""
        self.end(session)
        session.clear()
        # Made here so that the first form of the day does not cost a write.
        session["csrf_token"] = hashlib.sha256(secrets.token_bytes(64)).hexdigest()
        session["signed_in_at"] = clock.now().timestamp()
        response_hook(lambda response: self._hand_over(session, person_id, response))

    def end(self, session: BrowserSession) -> None:
        """Signs the browser out."""
        if session.secret is not None:
            stop_reading()
            with transaction() as database:
                web_sessions.revoke(database, session.secret, at=clock.now())
        session.row, session.secret, session.dropped = None, None, True
        session.clear()

    def _hand_over(self, session: BrowserSession, person_id: UUID, response: Response) -> Response:
        stop_reading()
        now = clock.now()
        data = {name: value for name, value in session.items() if name != FLASHES}
        with transaction() as database:
            secret = web_sessions.start(
                database,
                person_id,
                at=now,
                life=self.life,
                data=data,
                device=device_of(request.user_agent.string),
            )
        self._set(response, "giao_uoc", secret, self.life)
        self._delete(response, "giao_uoc_khach")
        session.dropped = session.ended = session.modified = False
        return response

    def _signed_in(self, request: Request) -> BrowserSession | None:
        secret = request.cookies.get(self.cookie("giao_uoc"))
        if not secret:
            return None
        session = BrowserSession()
        try:
            row = web_sessions.resume(reader(), secret, at=clock.now(), idle=self.idle)
        except SessionEnded:
            return None
        except (Unavailable, OperationalError):
            # Flask has no error page yet while it opens the session: the gate refuses a moment later.
            session.unavailable = True
            return session
        session.update(row.data)
        session.row, session.secret = row, secret
        return session

    def _visitor(self, app: Flask, request: Request) -> BrowserSession:
        signer = self._visitors.get_signing_serializer(app)
        value = request.cookies.get(self.cookie("giao_uoc_khach"))
        try:
            values = signer.loads(value, max_age=int(self.life.total_seconds())) if signer and value else {}
        except BadData:
            values = {}
        session = BrowserSession(values)
        session.ended = bool(request.cookies.get(self.cookie("giao_uoc")))
        return session

    def _save_visitor(self, app: Flask, session: BrowserSession, response: Response) -> None:
        signer = self._visitors.get_signing_serializer(app)
        values = {name: value for name, value in session.items() if name != FLASHES}
        if signer and values:
            self._set(response, "giao_uoc_khach", signer.dumps(values), self.life)
        else:
            self._delete(response, "giao_uoc_khach")

    def _save_row(self, session: BrowserSession) -> None:
        row, now = session.row, clock.now()
        data = {name: value for name, value in session.items() if name != FLASHES}
        if row is None:
            return
        changed = data != row.data
        touched = not session.unattended and (changed or now - row.last_seen_at >= self.touch_every)
        values: dict[str, Any] = ({"data": data} if changed else {}) | (
            {"last_seen_at": now} if touched else {}
        )
        if not values:
            return
        stop_reading()
        with transaction() as database:
            database.execute(update(WebSession).where(WebSession.id == row.id).values(values))

    def _receive_flashes(self, request: Request, session: BrowserSession) -> None:
        value = request.cookies.get(self.cookie("giao_uoc_tin"))
        if not value:
            return
        session.flashes_before = True
        try:
            messages = self._flashes.loads(value, max_age=_FLASH_AGE_S)
        except BadData:
            return
        session[FLASHES] = [(category, text) for category, text in messages]

    def _send_flashes(self, session: BrowserSession, response: Response) -> None:
        messages = session.get(FLASHES, [])
        if messages:
            value = self._flashes.dumps(messages)
            self._set(response, "giao_uoc_tin", value, timedelta(seconds=_FLASH_AGE_S))
        elif session.flashes_before:
            self._delete(response, "giao_uoc_tin")

    def _set(self, response: Response, name: str, value: str, life: timedelta) -> None:
        response.set_cookie(
            self.cookie(name),
            value,
            max_age=life,
            httponly=True,
            samesite="Lax",
            secure=self.secure,
            path="/",
        )

    def _delete(self, response: Response, name: str) -> None:
        response.delete_cookie(self.cookie(name), httponly=True, samesite="Lax", secure=self.secure, path="/")


def idle_time() -> timedelta:
    """How long a session may rest in this application."""
    return cast("Sessions", current_app.session_interface).idle
