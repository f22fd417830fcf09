"""An administrator and the accounts of his people: opening, first passwords, closing, and what is refused."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.web.house import PASSWORD, SINCE, Browser, House
from workflow_app.audit.models import AuditEvent
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.notifications.models import Notification
from workflow_app.organisations import accounts
from workflow_app.organisations import service as organisations
from workflow_app.organisations.errors import PinRefused
from workflow_app.organisations.models import Account
from workflow_app.organisations.tokens import issue_token

Browse = Callable[[str], Browser]
OWN = "chiều nay mưa trên phá 5"
_SHOWN = re.compile(r'gu-code" translate="no">([a-z0-9-]+)<')


def _url(person_id: UUID, act: str = "") -> str:
    return f"/administration/accounts/{person_id}{act}"


def _newcomer(house: House, name: str = "Võ Thị Ngọc Hân", unit: str = "one") -> UUID:
    with transaction() as session:
        person = organisations.add_person(session, full_name=name, email="han@example.vn")
        organisations.appoint(
            session,
            person_id=person.id,
            unit_id=house.units[unit],
            office_code="committee_member",
            valid_from=SINCE,
        )
    return person.id


def _first_password(browser: Browser) -> str:
    found = _SHOWN.search(browser.page)
    assert found is not None, browser.page[:2000]
    return found[1]


def _events(person_id: UUID) -> list[AuditEvent]:
    with reading() as session:
        query = sa.select(AuditEvent).where(
            AuditEvent.object_id == person_id, AuditEvent.object_type == "account"
        )
        return list(session.scalars(query.order_by(AuditEvent.id)))


def test_an_account_is_opened_with_a_first_password_that_has_to_be_changed(
    app: Flask, house: House, browse: Browse
) -> None:
    person, admin = _newcomer(house), browse("admin")
    admin.get(_url(person))
    assert 'value="hanvtn"' in admin.page
    answer = admin.post(_url(person), {"username": "hanvtn"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    first = _first_password(admin)
    assert admin.get(_url(person)).status_code == 200
    assert first not in admin.page
    newcomer = Browser(app)
    assert newcomer.sign_in("hanvtn", first).location == "/account"
    assert newcomer.get("/units").location == "/account"
    newcomer.get("/account")
    kept = newcomer.post("/account/password", {"old": first, "new": first, "again": first})
    assert kept.status_code == 422
    assert "phải khác mật khẩu đã được cấp" in newcomer.page
    assert newcomer.post("/account/password", {"old": first, "new": OWN, "again": OWN}).status_code == 303
    assert Browser(app).sign_in("hanvtn", first).status_code == 422
    assert Browser(app).sign_in("hanvtn", OWN).location == "/"
    assert [event.action for event in _events(person)] == ["account.opened", "account.password_changed"]


def test_no_event_and_no_table_holds_a_first_password(house: House, browse: Browse) -> None:
    person, admin = _newcomer(house), browse("admin")
    admin.get(_url(person))
    admin.post(_url(person), {"username": "hanvtn"})
    first = _first_password(admin)
    with reading() as session:
        tables = session.scalars(
            sa.text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        for table in tables:
            held = sa.text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :first")  # noqa: S608 - own names
            assert session.scalar(held, {"first": f"%{first}%"}) == 0, table
        assert not [event for event in session.scalars(sa.select(AuditEvent)) if first.encode() in event.body]


def test_a_lost_answer_is_asked_for_again_and_nothing_happens_twice(house: House, browse: Browse) -> None:
    person, admin = _newcomer(house), browse("admin")
    admin.get(_url(person))
    form = {
        "csrf_token": admin.token(),
        "username": "hanvtn",
        "op_id": "0192f0c1-0000-7000-8000-000000000001",
    }
    shown = []
    for _ in range(2):
        assert admin.send(_url(person), form).status_code == 200
        shown.append(_first_password(admin))
    assert shown[0] == shown[1]
    assert len(_events(person)) == 1
    with transaction() as session:
        organisations.set_password(session, person, password=OWN, at=clock.now())
    assert admin.send(_url(person), form).status_code == 303, "what is not in force any more is not shown"


def test_the_same_form_does_not_do_another_act(house: House, browse: Browse) -> None:
    admin, chair = browse("admin"), house.people["chair"]
    admin.get(_url(chair))
    form = {"csrf_token": admin.token(), "op_id": "0192f0c1-0000-7000-8000-000000000002"}
    assert admin.send(_url(chair, "/pin-reset"), form).status_code == 303
    assert admin.send(_url(chair, "/closure"), form).status_code == 409
    with reading() as session:
        assert session.get_one(Account, chair).active


def test_a_taken_or_wrong_user_name_is_refused_and_stays_typed(house: House, browse: Browse) -> None:
    person, admin = _newcomer(house), browse("admin")
    for typed, sentence in (("chair", "đã có người dùng"), ("a/b", "gồm 3 đến 64 chữ")):
        admin.get(_url(person))
        assert admin.post(_url(person), {"username": typed}).status_code == 422
        assert f'value="{typed}"' in admin.page
        assert sentence in admin.page
    assert _events(person) == []


def test_a_proposed_user_name_is_free(house: House) -> None:
    with transaction() as session:
        for number in range(3):
            person = organisations.add_person(session, full_name="Đặng Thị Út")
            name = accounts.propose_username(session, person.full_name)
            organisations.open_account(session, person.id, username=name, at=clock.now())
            assert name == ("utdt" if number == 0 else f"utdt{number + 1}")
        assert accounts.propose_username(session, "An") == "an1"
        assert accounts.propose_username(session, "…") == "001"


def test_after_a_reset_the_old_password_sessions_and_tokens_are_over(
    app: Flask, house: House, browse: Browse
) -> None:
    chair, admin, phone = house.people["chair"], browse("admin"), browse("chair")
    with transaction() as session:
        organisations.set_pin(session, chair, pin="271828")
        token, _secret = issue_token(session, chair, name="x", scopes=["read"], days=9, at=clock.now())
    for _ in range(7):  # who has forgotten it has tried it
        Browser(app).sign_in("chair", "khong nho nua")
    assert Browser(app).sign_in("chair").status_code == 429
    admin.get(_url(chair))
    assert "Sai mật khẩu nhiều lần" in admin.page
    assert admin.post(_url(chair, "/password")).status_code == 200
    first = _first_password(admin)
    assert phone.get("/").status_code == 302
    assert Browser(app).sign_in("chair").status_code == 422
    assert Browser(app).sign_in("chair", first).location == "/account", (
        "and nobody waits for the failures before"
    )
    accounts.prove_pin(chair, "271828", at=clock.now())
    with reading() as session:
        assert session.get_one(type(token), token.id).revoked_at == clock.now()
        told = session.scalars(sa.select(Notification).where(Notification.person_id == chair)).all()
    assert ["đặt lại mật khẩu" in one.sentence for one in told] == [True]
    assert first not in told[0].sentence


def test_a_first_password_has_an_end(
    app: Flask, house: House, browse: Browse, noon: clock.ScriptedClock
) -> None:
    chair, admin = house.people["chair"], browse("admin")
    admin.get(_url(chair))
    admin.post(_url(chair, "/password"))
    first = _first_password(admin)
    noon.advance(seconds=7 * 86400 - 1)
    assert Browser(app).sign_in("chair", first).status_code == 303
    noon.advance(seconds=1)
    assert Browser(app).sign_in("chair", first).status_code == 422
    again = browse("admin")
    again.get(_url(chair))
    assert "Mật khẩu lần đầu đã hết hạn" in again.page


def test_a_closed_account_is_out_until_it_is_opened_again(app: Flask, house: House, browse: Browse) -> None:
    chair, admin, phone = house.people["chair"], browse("admin"), browse("chair")
    admin.get(_url(chair))
    assert admin.post(_url(chair, "/closure")).status_code == 303
    assert phone.get("/").status_code == 302
    assert Browser(app).sign_in("chair").status_code == 422
    admin.get(_url(chair))
    assert admin.post(_url(chair, "/password")).status_code == 409
    assert "Tài khoản này đang khóa" in admin.page
    admin.get(_url(chair))
    assert admin.post(_url(chair, "/reopening")).status_code == 200
    assert Browser(app).sign_in("chair").status_code == 422, "the old password does not come back"
    assert Browser(app).sign_in("chair", _first_password(admin)).location == "/account"
    actions = [event.action for event in _events(chair)]
    assert actions == ["account.closed", "account.reopened"]


def test_a_reset_pin_signs_nothing_before_its_owner_has_set_another(house: House, browse: Browse) -> None:
    chair, admin = house.people["chair"], browse("admin")
    with transaction() as session:
        organisations.set_pin(session, chair, pin="271828")
    admin.get(_url(chair))
    assert admin.post(_url(chair, "/pin-reset")).status_code == 303
    for secret in ("271828", PASSWORD):
        with pytest.raises(PinRefused):
            accounts.prove_secret(chair, secret, at=clock.now())
    owner = browse("chair")
    owner.get("/account")
    assert owner.post("/account/pin", {"pin_password": PASSWORD, "pin": "314159"}).status_code == 303
    accounts.prove_secret(chair, "314159", at=clock.now())


def test_a_wait_is_taken_off(app: Flask, house: House, browse: Browse) -> None:
    chair, admin = house.people["chair"], browse("admin")
    for _ in range(6):
        Browser(app).sign_in("chair", "sai roi")
    assert Browser(app).sign_in("chair").status_code == 429
    admin.get(_url(chair))
    assert admin.post(_url(chair, "/unlocking")).status_code == 303
    assert Browser(app).sign_in("chair").status_code == 303


def test_a_lost_phone_is_signed_out_and_the_password_stays(app: Flask, house: House, browse: Browse) -> None:
    chair, admin, phone = house.people["chair"], browse("admin"), browse("chair")
    admin.get(_url(chair))
    assert admin.post(_url(chair, "/sign-out")).status_code == 303
    assert phone.get("/").status_code == 302
    assert Browser(app).sign_in("chair").status_code == 303


@pytest.mark.parametrize("act", ["password", "closure", "pin-reset", "unlocking", "sign-out", "reopening"])
def test_nobody_does_it_to_himself(house: House, browse: Browse, act: str) -> None:
    admin = browse("admin")
    admin.get(_url(house.people["admin"]))
    assert 'name="op_id"' not in admin.page
    admin.get(_url(house.people["chair"]))
    assert admin.post(_url(house.people["admin"], f"/{act}")).status_code == 409
    assert "tài khoản của chính ông/bà" in admin.page
    assert admin.get("/").status_code == 200
    assert _events(house.people["admin"]) == []


@pytest.mark.parametrize("who", ["chair", "officer", "auditor", "author", "stranger_admin", "leader"])
def test_only_the_administrator_of_the_union_does_it(house: House, browse: Browse, who: str) -> None:
    chair, other = house.people["chair"], browse(who)
    other.get("/preferences")
    form = {"csrf_token": other.token(), "op_id": "0192f0c1-0000-7000-8000-000000000003"}
    for act in ("", "/password", "/closure", "/pin-reset", "/unlocking", "/sign-out", "/reopening"):
        assert other.send(_url(chair, act), form).status_code in {403, 404}, act
    assert _events(chair) == []


def test_an_office_given_elsewhere_gives_no_power_over_the_account(house: House, browse: Browse) -> None:
    chair = house.people["chair"]
    with transaction() as session:  # as if a rearrangement had put him into both unions
        organisations.appoint(
            session,
            person_id=chair,
            unit_id=house.units["far"],
            office_code="committee_member",
            valid_from=SINCE,
        )
    for who in ("stranger_admin", "admin"):
        browser = browse(who)
        assert browser.get(_url(chair)).status_code == 403
        assert "ngoài phạm vi của ông/bà" in browser.page


def test_nobody_is_pulled_into_an_office_from_another_union(house: House, browse: Browse) -> None:
    admin = browse("stranger_admin")
    admin.get(f"/administration/units/{house.units['far']}/appointments/new")
    chosen = {"office": "committee_member", "person": str(house.people["chair"])}
    answer = admin.post(f"/administration/units/{house.units['far']}/appointments", chosen)
    assert answer.status_code == 422
    assert "không thuộc đơn vị" in admin.page


def test_the_list_is_searched_without_diacritics_and_filtered(house: House, browse: Browse) -> None:
    _newcomer(house)
    admin = browse("admin")
    with transaction() as session:
        organisations.close_account(session, house.people["deputy"], at=clock.now())

    def names(query: str) -> set[str]:
        page = admin.get(f"/administration/accounts?{query}").get_data(as_text=True)
        return set(re.findall(r'<a href="/administration/accounts/[0-9a-f-]{36}">([^<]+)</a>', page))

    assert names("q=tran+quoc") == {"Trần Quốc Bảo"}
    assert names("q=chair") == {"Trần Quốc Bảo"}, "by user name"
    assert names("state=none") == {"Võ Thị Ngọc Hân"}
    assert names("state=closed") == {"Phạm Ngọc Diệp"}
    assert names("q=khong+ai") == set()
    everybody = names("")
    assert {"Trần Quốc Bảo", "Võ Thị Ngọc Hân", "Đặng Hoài Phương"} <= everybody
    assert "Lâm Quang Vinh" not in everybody, "of another federation"
    assert "đăng nhập" in admin.page


def test_a_long_list_has_pages_and_each_person_is_on_one(house: House, browse: Browse) -> None:
    with transaction() as session:
        for number in range(60):
            person = organisations.add_person(session, full_name=f"Nguyễn Văn {number % 5}")  # names repeat
            organisations.appoint(
                session,
                person_id=person.id,
                unit_id=house.units["one"],
                office_code="committee_member",
                valid_from=SINCE,
            )
    admin, seen, target = browse("admin"), list[str](), "/administration/accounts"
    while target:
        page = admin.get(target).get_data(as_text=True)
        seen += re.findall(r'<a href="/administration/accounts/([0-9a-f-]{36})">', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        target = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 60 + 11
