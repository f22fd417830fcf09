"""Letters leave after the commit, at most once each."""

import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from uuid import UUID

import pytest
import sqlalchemy as sa

from workflow_app.core import jobs
from workflow_app.core.clock import ScriptedClock, now
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import NotFound
from workflow_app.core.ids import new_id
from workflow_app.notifications import letters, mail, service
from workflow_app.notifications.letters import LetterNotStuck
from workflow_app.notifications.models import Letter, LetterState
from workflow_app.organisations.service import add_person


class FakeMailer:
    """Keeps what it was given; raises what it was told to."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.trouble: list[Exception] = []

    def send(self, message: EmailMessage) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append(message)


@pytest.fixture
def mailer(committed: None, noon: ScriptedClock) -> Iterator[FakeMailer]:
    fake = FakeMailer()
    mail.bind(mail.Post(fake, "giaouoc@congdoan.example", "https://giaouoc.example"))
    yield fake
    mail.bind(None)


def _write(*, email: str = "bao@example.vn", key: str = "e1") -> UUID | None:
    with transaction() as session:
        person = add_person(session, full_name="Trần Quốc Bảo", email=email)
        service.notify(
            session,
            event_key=key,
            receivers=[person.id],
            sentence="Giao ước thi đua năm 2019 chờ ông ký.",
            target="/viec/1",
            at=now(),
            subject="Ký giao ước thi đua năm 2019",
        )
        return session.scalar(sa.select(Letter.id))


def _letter() -> Letter:
    with reading() as session:
        return session.scalars(sa.select(Letter)).one()


def test_a_letter_is_sent_after_the_commit(mailer: FakeMailer) -> None:
    _write()
    assert mailer.sent == []
    jobs.run_until_idle()
    (message,) = mailer.sent
    assert message["To"] == "Trần Quốc Bảo <bao@example.vn>"
    assert message["Subject"] == "Ký giao ước thi đua năm 2019"
    assert message["Date"] == "Fri, 01 Mar 2019 05:00:00 +0000"
    assert "https://giaouoc.example/viec/1" in message.get_content()
    assert (_letter().state, _letter().sent_at, _letter().attempts) == (LetterState.SENT, now(), 1)


def test_a_rolled_back_act_sends_nothing(mailer: FakeMailer) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        person = add_person(session, full_name="Trần Quốc Bảo", email="bao@example.vn")
        service.notify(
            session, event_key="e", receivers=[person.id], sentence="x", target="/", at=now(), subject="x"
        )
        raise ZeroDivisionError
    jobs.run_until_idle()
    assert mailer.sent == []


def test_who_has_no_address_gets_no_letter(mailer: FakeMailer) -> None:
    assert _write(email="") is None


def test_a_job_that_runs_twice_sends_once(mailer: FakeMailer) -> None:
    letter = str(_write())
    jobs.run_until_idle()
    letters.send_letter(letter_id=letter)
    assert len(mailer.sent) == 1


def test_two_workers_at_the_same_moment_send_once(mailer: FakeMailer) -> None:
    letter = str(_write())
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        letters.send_letter(letter_id=letter)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailer.sent) == 1


def test_a_server_that_is_away_is_tried_again_later(mailer: FakeMailer, noon: ScriptedClock) -> None:
    _write()
    mailer.trouble = [mail.MailAway("TimeoutError"), mail.MailAway("TimeoutError")]
    jobs.run_until_idle()
    assert (_letter().state, _letter().error, mailer.sent) == (LetterState.WAITING, "TimeoutError", [])
    noon.advance(seconds=121)
    jobs.run_until_idle()
    assert mailer.sent == []
    noon.advance(seconds=239)
    jobs.run_until_idle()
    assert mailer.sent == []
    noon.advance(seconds=2)
    jobs.run_until_idle()
    assert len(mailer.sent) == 1
    assert _letter().error == ""


def test_after_six_tries_an_operator_decides(mailer: FakeMailer, noon: ScriptedClock) -> None:
    letter = _write()
    assert letter is not None
    mailer.trouble = [mail.MailAway("TimeoutError")] * 6
    for _ in range(10):
        jobs.run_until_idle()
        noon.advance(seconds=7200)
    assert (_letter().state, _letter().attempts) == (LetterState.FAILED, 6)
    with transaction() as session:
        assert [row.id for row in letters.stuck(session)] == [letter]
        letters.retry(session, letter)
    jobs.run_until_idle()
    assert len(mailer.sent) == 1


def test_a_refused_address_is_not_tried_again(mailer: FakeMailer, noon: ScriptedClock) -> None:
    _write()
    mailer.trouble = [mail.MailRefused("SMTPRecipientsRefused [550]")]
    jobs.run_until_idle()
    noon.advance(seconds=100_000)
    jobs.run_until_idle()
    assert (_letter().state, mailer.sent) == (LetterState.FAILED, [])


def test_an_address_that_would_forge_a_header_is_refused(mailer: FakeMailer) -> None:
    _write(email="bao@example.vn, all@example.vn")
    jobs.run_until_idle()
    assert (_letter().state, mailer.sent) == (LetterState.FAILED, [])


def test_a_letter_whose_worker_died_is_not_sent_twice_by_itself(
    mailer: FakeMailer, noon: ScriptedClock
) -> None:
    letter = _write()
    assert letter is not None
    mailer.trouble = [SystemExit()]  # type: ignore[list-item]  # what kill does to the thread
    with pytest.raises(SystemExit):
        letters.send_letter(letter_id=str(letter))
    letters.send_letter(letter_id=str(letter))
    assert (_letter().state, mailer.sent) == (LetterState.SENDING, [])
    with transaction() as session:
        assert letters.stuck(session) == []
        noon.advance(seconds=601)
        assert [row.id for row in letters.stuck(session)] == [letter]
        letters.retry(session, letter)
    jobs.run_until_idle()
    assert len(mailer.sent) == 1
    with transaction() as session:
        with pytest.raises(LetterNotStuck):
            letters.retry(session, letter)
        with pytest.raises(NotFound):
            letters.retry(session, new_id())


def test_mail_switched_off_meanwhile_leaves_the_letter_for_the_operator(
    mailer: FakeMailer, noon: ScriptedClock
) -> None:
    letter = _write()
    mail.bind(None)
    jobs.run_until_idle()
    assert _letter().state is LetterState.FAILED
    with transaction() as session:
        assert [row.id for row in letters.stuck(session)] == [letter]


class _Server(threading.Thread):
    """A mail server of a few lines: answers 250 to everything, or a given code to RCPT."""

    def __init__(self, rcpt: str = "250 ok") -> None:
        import socket

        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.rcpt = rcpt
        self.data = b""

    def run(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 test\r\n")
            stream.flush()
            while line := stream.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self._answer(stream, "354 go on")
                    while (line := stream.readline()) != b".\r\n":
                        self.data += line
                self._answer(
                    stream, self.rcpt if word == b"RCPT" else "221 bye" if word == b"QUIT" else "250 ok"
                )
                if word == b"QUIT":
                    break
        self.listener.close()

    @staticmethod
    def _answer(stream: object, text: str) -> None:
        stream.write(f"{text}\r\n".encode())  # type: ignore[attr-defined]  # a socket file
        stream.flush()  # type: ignore[attr-defined]  # a socket file


def _message() -> EmailMessage:
    post = mail.Post(FakeMailer(), "giaouoc@congdoan.example", "https://giaouoc.example")
    return mail.compose(
        post, address="bao@example.vn", name="Trần Quốc Bảo", subject="Ký", body="Ngày 01/3", key="k"
    )


def _through(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib, "SMTP_PORT", server.port)
    server.start()
    mail.SmtpMailer("127.0.0.1", server.port).send(_message())


def test_smtp_carries_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    server = _Server()
    _through(server, monkeypatch)
    server.join(5)
    assert b"Auto-Submitted: auto-generated" in server.data


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 no such user", mail.MailRefused), ("451 later", mail.MailAway)]
)
def test_smtp_tells_never_from_not_now(
    monkeypatch: pytest.MonkeyPatch, answer: str, kind: type[Exception]
) -> None:
    server = _Server(answer)
    with pytest.raises(kind):
        _through(server, monkeypatch)
    server.join(5)


def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(mail.MailAway):
        mail.SmtpMailer("127.0.0.1", 1).send(_message())
