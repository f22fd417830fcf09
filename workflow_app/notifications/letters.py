"""Sending letters: never twice by itself. A worker that dies in between leaves the row "sending"."""

import logging
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import clock, jobs
from workflow_app.core.database import transaction
from workflow_app.core.errors import NotFound, WrongState
from workflow_app.notifications import mail
from workflow_app.notifications.models import Letter, LetterState
from workflow_app.notifications.service import SEND
from workflow_app.organisations.models.people import Person

logger = logging.getLogger(__name__)

_TRIES = 6
_FIRST_WAIT = timedelta(minutes=2)  # doubled each time: about two hours in all


class LetterNotStuck(WrongState):
    """Only a failed letter, or one whose worker died, is sent again."""

    code = "letter_not_stuck"
    vi_default = "Thư này đã gửi hoặc đang chờ gửi, không cần gửi lại."


@jobs.job(SEND)
def send_letter(letter_id: str) -> None:
    """Takes the letter, commits that, sends it, notes the end. A second run finds it taken."""
    post = mail.post()
    if post is None:
        _fail(UUID(letter_id), "mail is switched off", again=False)
        return
    letter = _take(UUID(letter_id), post)
    if letter is None:
        return
    try:
        post.mailer.send(letter)
    except mail.MailRefused as error:
        _fail(UUID(letter_id), str(error), again=False)
    except mail.MailAway as error:
        _fail(UUID(letter_id), str(error), again=True)
    else:
        with transaction() as session:
            sent = {"state": LetterState.SENT, "sent_at": clock.now(), "error": ""}
            session.execute(sa.update(Letter).where(Letter.id == UUID(letter_id)).values(sent))


def retry(session: Session, letter_id: UUID) -> None:
    """An operator sends a failed or stuck letter again; raises NotFound, LetterNotStuck."""
    letter = session.scalar(sa.select(Letter).where(Letter.id == letter_id).with_for_update())
    if letter is None:
        raise NotFound(f"no letter {letter_id}")
    if letter.state not in {LetterState.FAILED, LetterState.SENDING}:
        raise LetterNotStuck(f"letter {letter_id} is {letter.state}")
    letter.state, letter.attempts, letter.error = LetterState.WAITING, 0, ""
    session.flush()
    jobs.defer(session, SEND, queue="mail", letter_id=str(letter_id))


def stuck(session: Session) -> list[Letter]:
    """Letters that an operator should look at: failed, or "sending" for more than 10 minutes."""
    late = clock.now() - timedelta(minutes=10)
    query = sa.select(Letter).where(
        sa.or_(
            Letter.state == LetterState.FAILED,
            sa.and_(Letter.state == LetterState.SENDING, Letter.created_at < late),
        )
    )
    return list(session.scalars(query.order_by(Letter.created_at)))


def _take(letter_id: UUID, post: mail.Post) -> EmailMessage | None:
    with transaction() as session:
        query = sa.select(Letter, Person.full_name).join(Person, Person.id == Letter.person_id)
        row = session.execute(query.where(Letter.id == letter_id).with_for_update(of=Letter)).first()
        if row is None or row.Letter.state is not LetterState.WAITING:
            return None
        letter: Letter = row.Letter
        letter.attempts += 1
        try:
            message = mail.compose(
                post,
                address=letter.address,
                name=row.full_name,
                subject=letter.subject,
                body=letter.body,
                key=letter.id.hex,
            )
        except mail.MailRefused as error:
            letter.state, letter.error = LetterState.FAILED, str(error)
            return None
        letter.state = LetterState.SENDING
        return message


def _fail(letter_id: UUID, error: str, *, again: bool) -> None:
    with transaction() as session:
        letter = session.get_one(Letter, letter_id, with_for_update=True)
        if letter.state is LetterState.SENT:
            return
        letter.error = error
        if again and letter.attempts < _TRIES:
            letter.state = LetterState.WAITING
            wait = _FIRST_WAIT * 2 ** (letter.attempts - 1)
            jobs.defer(session, SEND, queue="mail", at=clock.now() + wait, letter_id=str(letter_id))
        else:
            letter.state = LetterState.FAILED
            logger.warning("letter %s failed: %s", letter_id, error)
