"""The clerk keeps a number for a paper made outside, writes it in or cancels it; nobody else does."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.processes.pledges.conftest import app, at, february, signing, store_root, world
from tests.processes.pledges.screens import Person, add_stranger
from tests.processes.pledges.world import World
from workflow_app.audit import history
from workflow_app.core.database import reading
from workflow_app.documents.models import EntryStatus, RegisterBook, RegisterEntry

__all__ = ["app", "at", "february", "signing", "store_root", "world"]  # fixtures of the pledge, used here

At = Callable[[str], Person]
REPORT = {"kind": "BC", "subject": "Báo cáo quý I", "on-day": "1", "on-month": "3", "on-year": "2019"}
SENT = {"signer": "Nguyễn Thị Minh An", "recipients": "LĐLĐ tỉnh", "copies": "2"}


def book_path() -> str:
    with reading() as session:
        return f"/registers/{session.query(RegisterBook.id).one()[0]}"


def entries() -> list[RegisterEntry]:
    with reading() as session:
        return session.query(RegisterEntry).order_by(RegisterEntry.number).all()


def keep(clerk: Person) -> str:
    """Keeps a number; returns the path of its entry."""
    path = book_path()
    clerk.get(f"{path}/entries/new")
    answer = clerk.post(f"{path}/entries/new", REPORT)
    assert answer.status_code == 303, clerk.words()
    return f"{path}/entries/{entries()[-1].id}"


def test_a_number_is_kept_written_in_and_stands_in_every_column(signing: World, at: At) -> None:
    clerk = at("clerk")
    path = keep(clerk)
    clerk.get(book_path())
    assert "05/BC-KTĐ04" in clerk.words()
    assert "Số đang giữ" in clerk.words()
    clerk.get(path)
    assert (
        clerk.post(
            path, SENT | {"sent_on-day": "1", "sent_on-month": "3", "sent_on-year": "2019"}
        ).status_code
        == 303
    )
    entry = entries()[-1]
    assert (entry.status, entry.signer, entry.copies, entry.sent_on) == (
        EntryStatus.ISSUED,
        "Nguyễn Thị Minh An",
        2,
        date(2019, 3, 1),
    )
    clerk.get(book_path())
    assert "Số đang giữ" not in clerk.words()
    assert clerk.get(path).status_code == 409, "what is written in stays"
    with reading() as session:
        told = [event.action for event in history.of_object(session, entry.id, limit=10).events]
    assert told == ["register.reserved", "register.written"]


def test_a_kept_number_is_cancelled_with_a_reason_and_never_used_again(signing: World, at: At) -> None:
    clerk = at("clerk")
    path = f"{keep(clerk)}/cancellation"
    clerk.get(path)
    assert clerk.post(path, {"reason": " "}).status_code == 422
    assert "Nhập lý do." in clerk.words()
    assert clerk.post(path, {"reason": "Văn bản không ban hành"}).status_code == 303
    clerk.get(book_path())
    assert "Số đã hủy: Văn bản không ban hành" in clerk.words()
    assert clerk.get(path).status_code == 409
    keep(clerk)
    assert [entry.number for entry in entries()] == [1, 2, 3, 4, 5, 6]


WRONG: list[tuple[dict[str, str], str]] = [
    ({"on-day": "2"}, "không sau hôm nay"),
    ({"on-month": "1"}, "Số gần nhất trong sổ ghi ngày"),
    ({"on-year": "2018"}, "Sổ này của năm 2019"),
    ({"on-day": "31", "on-month": "2"}, ""),
    ({"on-day": ""}, ""),
    ({"kind": "B C"}, ""),
    ({"kind": "=1+1"}, ""),
    ({"kind": ""}, "Nhập ký hiệu loại văn bản"),
    ({"subject": "  "}, "Nhập"),
    ({"subject": "x" * 501}, "Rút ngắn"),
    ({"number": "99"}, "không thuộc biểu mẫu"),
    ({"__class__": "x"}, "ô lạ"),
]


def test_a_wrong_reservation_takes_no_number_and_says_what_to_mend(signing: World, at: At) -> None:
    clerk, path = at("clerk"), f"{book_path()}/entries/new"
    clerk.get(path)
    form = {"csrf_token": clerk.token(), "op_id": str(uuid4()), **REPORT}
    for changed, said in WRONG:
        assert clerk.send(path, {**form, **changed}).status_code == 422, changed
        links = clerk.tree().xpath("//section[@id='loi']//li")
        assert len(links) == 1, changed
        assert said in links[0].text_content(), changed
    assert len(entries()) == 4


def test_a_second_click_keeps_one_number(signing: World, at: At) -> None:
    clerk, path = at("clerk"), f"{book_path()}/entries/new"
    clerk.get(path)
    form = {"csrf_token": clerk.token(), "op_id": str(uuid4()), **REPORT}
    assert [clerk.send(path, form).status_code for _ in range(2)] == [303, 303]
    assert len(entries()) == 5


def test_two_tabs_settle_a_number_once(signing: World, at: At) -> None:
    first, second = at("clerk"), at("clerk")
    path = keep(first)
    first.get(path)
    second.get(f"{path}/cancellation")
    assert first.post(path, SENT).status_code == 303
    assert second.post(f"{path}/cancellation", {"reason": "Thôi"}).status_code == 409
    assert "đã được ghi vào sổ" in second.words()
    assert entries()[-1].status is EntryStatus.ISSUED


def test_a_number_of_a_document_is_settled_with_its_document_only(signing: World, at: At) -> None:
    clerk = at("clerk")
    clerk.get(f"{book_path()}/entries/new")
    path = f"{book_path()}/entries/{entries()[0].id}"
    for each in (path, f"{path}/cancellation"):
        assert clerk.get(each).status_code == 409
        body: dict[str, Any] = {**SENT} if each == path else {"reason": "x"}
        clerk.get(f"{book_path()}/entries/new")
        assert clerk.post(each, body).status_code == 409
        assert "thuộc một văn bản trong hệ thống" in clerk.words()
    assert entries()[0].status is EntryStatus.TAKEN


def test_only_the_clerk_of_the_owner_writes_in_a_book(signing: World, at: At) -> None:
    clerk = at("clerk")
    path = keep(clerk)
    add_stranger(signing)
    form = {"op_id": str(uuid4()), "reason": "x"}
    for who, expected in (("officer", 403), ("chair1", 404), ("stranger", 404)):
        person = at(who)
        person.get("/preferences")
        for address in (f"{book_path()}/entries/new", path, f"{path}/cancellation"):
            assert person.get(address).status_code == expected, (who, address)
        person.get("/preferences")
        token = {"csrf_token": person.token()}
        assert person.send(f"{book_path()}/entries/new", {**REPORT, **form, **token}).status_code == expected
        assert person.send(f"{path}/cancellation", {**form, **token}).status_code == expected
    assert entries()[-1].status is EntryStatus.TAKEN
    assert len(entries()) == 5


def test_a_number_of_another_book_does_not_exist_in_this_one(signing: World, at: At) -> None:
    clerk = at("clerk")
    path = f"{book_path()}/entries/{UUID(int=5)}"
    assert clerk.get(path).status_code == 404
    clerk.get(f"{book_path()}/entries/new")
    assert clerk.post(f"{path}/cancellation", {"reason": "x"}).status_code == 404
