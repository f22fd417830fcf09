"""The way out for letters: one small protocol, SMTP behind it, nothing at all unless configured."""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Protocol

from workflow_app.core import clock

_SECONDS = 20  # a mail server that says nothing for longer is away


class MailRefused(Exception):
    """This letter will never be taken: a wrong address, a forbidden sender."""


class MailAway(Exception):
    """The mail server does not answer or is busy; the same letter may go later."""


class Mailer(Protocol):
    """Whatever takes letters; raises MailRefused or MailAway."""

    def send(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """A mail server with STARTTLS (port 587) or TLS from the start (port 465); port 25 without either."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None

    def send(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password or "")
                server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _named(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailAway(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.port == smtplib.SMTP_SSL_PORT:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        if self.port != smtplib.SMTP_PORT:
            server.starttls(context=context)
        return server


@dataclass(frozen=True, slots=True)
class Post:
    """The configured way out. sender: e.g. "giaouoc@congdoan.example"; base_url: without a slash at its end."""

    mailer: Mailer
    sender: str
    base_url: str


_post: Post | None = None


def bind(post: Post | None) -> None:
    """Sets the way out of this process; None = no letters are made or sent (also the practice room)."""
    global _post  # noqa: PLW0603 - one way out per process, set at start-up
    _post = post


def post() -> Post | None:
    return _post


def compose(post: Post, *, address: str, name: str, subject: str, body: str, key: str) -> EmailMessage:
    """The message; key makes its Message-ID, so that a second copy can be told from the first.

    Raises MailRefused when the address cannot be written into a header.
    """
    message = EmailMessage()
    try:
        message["From"] = Address("Giao Ước", addr_spec=post.sender)
        message["To"] = Address(name, addr_spec=address)
    except (ValueError, IndexError) as error:
        raise MailRefused(f"address is not valid: {type(error).__name__}") from error
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(key, domain=post.sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: absence notes must not answer
    message.set_content(body)
    return message


def _named(error: smtplib.SMTPException) -> MailRefused | MailAway:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    else:
        codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    # 4xx is "not now" (a full box, greylisting), 5xx is "never".
    permanent = bool(codes) and all(code >= 500 for code in codes)
    return (MailRefused if permanent else MailAway)(f"{type(error).__name__} {codes}")
