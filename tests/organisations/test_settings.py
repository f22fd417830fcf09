"""Dated settings: the nearest unit decides, as of a day; every value is checked by its key."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, Cast, found
from workflow_app.core.clock import now
from workflow_app.core.errors import Invalid
from workflow_app.core.ids import new_id
from workflow_app.organisations import settings_data
from workflow_app.organisations.errors import LaterChange, SettingMissing
from workflow_app.organisations.models import DatedSetting, Office
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.settings_data import KEYS, change_setting, setting, settings, working_calendar
from workflow_app.organisations.settings_keys import FLAG, SettingKey
from workflow_app.organisations.settings_overview import only_root, states_of

NEXT = DAY + timedelta(days=30)


def _change(session: Session, key: str, value: Any, *, unit: Any = None, since: date = DAY) -> DatedSetting:
    return change_setting(
        session, key, value, unit_id=unit, valid_from=since, legal_basis="5/HD-LĐLĐ", by=new_id(), at=now()
    )


def test_every_key_has_a_first_value_that_is_not_confirmed(session: Session, cast: Cast) -> None:
    unit = cast.unions[0].id
    values = settings(session, [key for key in KEYS if key != "calendar"], unit_id=unit, on=DAY)
    assert values["pledge.comment_days"] == 7
    assert values["pledge.quorum"] == Fraction(2, 3)
    assert values["pledge.signing_order"] == "leader_first"
    assert values["pledge.symbol"]["GƯ"] == "{number}/GƯ-{symbol}"
    assert not session.scalars(sa.select(DatedSetting).where(DatedSetting.confirmed)).all()


def test_every_default_fits_its_own_key() -> None:
    for key in KEYS.values():
        if key.default is not None:
            key.validate(key.default)


def test_the_nearest_unit_up_the_tree_decides(session: Session, cast: Cast) -> None:
    own, federation = cast.unions[0].id, cast.federation.id
    _change(session, "pledge.comment_days", 10, unit=federation)
    assert setting(session, "pledge.comment_days", unit_id=own, on=DAY) == 10
    _change(session, "pledge.comment_days", 12, unit=own)
    assert setting(session, "pledge.comment_days", unit_id=own, on=DAY) == 12
    assert setting(session, "pledge.comment_days", unit_id=cast.unions[1].id, on=DAY) == 10
    assert setting(session, "pledge.comment_days", unit_id=None, on=DAY) == 7


def test_a_new_value_holds_from_its_day(session: Session, cast: Cast) -> None:
    _change(session, "pledge.max_rounds", 2, since=NEXT)
    assert setting(session, "pledge.max_rounds", unit_id=None, on=NEXT - timedelta(days=1)) == 3
    assert setting(session, "pledge.max_rounds", unit_id=None, on=NEXT) == 2
    assert [
        row.value for row in settings_data.history_of_setting(session, "pledge.max_rounds", unit_id=None)
    ] == [2, 3]
    with pytest.raises(LaterChange):
        _change(session, "pledge.max_rounds", 4, since=DAY)


def test_a_value_corrected_on_its_first_day_is_one_row(session: Session, cast: Cast) -> None:
    _change(session, "pledge.max_rounds", 2)
    _change(session, "pledge.max_rounds", 4)
    assert [
        row.value for row in settings_data.history_of_setting(session, "pledge.max_rounds", unit_id=None)
    ] == [4, 3]


def test_several_settings_are_one_statement(session: Session, cast: Cast) -> None:
    statements: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    settings(session, ["pledge.quorum", "pledge.max_rounds", "help_line"], unit_id=cast.unions[0].id, on=DAY)
    assert len(statements) == 1


def test_what_nobody_set_is_missing_and_named(session: Session, cast: Cast) -> None:
    with pytest.raises(SettingMissing) as refused:
        setting(session, "pledge.max_rounds", unit_id=None, on=date(2001, 1, 1))
    assert "Số vòng góp ý tối đa" in refused.value.vi


def test_an_unknown_key_is_a_mistake_of_ours(session: Session, cast: Cast) -> None:
    with pytest.raises(KeyError):
        setting(session, "pledge.colour", unit_id=None, on=DAY)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pledge.comment_days", 0),
        ("pledge.comment_days", "7"),
        ("pledge.comment_days", True),
        ("pledge.comment_days", 7.5),
        ("pledge.quorum", "3/2"),
        ("pledge.quorum", "0"),
        ("pledge.quorum", "1/0"),
        ("pledge.quorum", "hai phần ba"),
        ("pledge.quorum", 0.66),
        ("pledge.signing_order", "random"),
        ("pledge.silence_agrees", 1),
        ("pledge.reminder_days", [7, -1]),
        ("pledge.reminder_days", "7, 3"),
        ("pledge.symbol", {"GƯ": "GƯ-KTĐ04"}),
        ("pledge.symbol", {"GƯ": "{number}/{number}"}),
        ("help_line", {"office": "Văn phòng", "phone": ""}),
        ("help_line", {"office": "Văn phòng", "phone": " ", "hours": "8-17"}),
        ("legal_bases", {"GƯ": [{"text": "Luật", "from": "2024-13-01"}]}),
        ("legal_bases", {"GƯ": [{"text": "Luật", "from": "2024-01-01", "to": "2023-01-01"}]}),
        ("legal_bases", {"GƯ": [{"text": " ", "from": "2024-01-01"}]}),
        ("legal_bases", ["Luật"]),
        (
            "calendar",
            {"complete": True, "days": [{"day": "x", "name": "Tết", "source": "Luật", "works": False}]},
        ),
        ("calendar", {"days": []}),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_label(
    session: Session, cast: Cast, key: str, value: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        _change(session, key, value)
    assert refused.value.errors[0].vi.startswith(KEYS[key].vi)


@pytest.mark.parametrize(
    ("on", "expected", "absent"),
    [
        (date(2019, 3, 1), "Nghị định số 91/2017/NĐ-CP", "1723/HD-TLĐ"),
        (date(2020, 2, 14), "Hướng dẫn số 1723/HD-TLĐ ngày 12 tháng 11 năm 2019", "152/2025/NĐ-CP"),
        (date(2026, 1, 15), "Nghị định số 152/2025/NĐ-CP", "91/2017/NĐ-CP"),
        (date(2027, 3, 1), "Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022", "152/2025/NĐ-CP"),
    ],
)
def test_legal_bases_are_those_of_the_day(
    session: Session, cast: Cast, on: date, expected: str, absent: str
) -> None:
    bases = setting(session, "legal_bases", unit_id=cast.unions[0].id, on=on)["GƯ"]
    assert any(text.startswith(expected) for text in bases)
    assert not any(absent in text for text in bases)


def test_the_working_calendar_comes_from_the_table(session: Session, cast: Cast) -> None:
    calendar = working_calendar(session, unit_id=cast.unions[0].id, on=DAY)
    assert not calendar.is_working_day(date(2019, 4, 15))  # the day after Giỗ Tổ, in lieu of a Sunday
    assert calendar.is_working_day(date(2019, 5, 4))  # a Saturday worked in exchange
    assert 2019 in calendar.complete_years


def test_a_federation_may_have_its_own_day_off(session: Session, cast: Cast) -> None:
    value = {
        "complete": True,
        "days": [{"day": "2019-03-08", "name": "8/3", "source": "1/TB", "works": False}],
    }
    _change(session, "calendar", value, unit=cast.federation.id, since=date(2019, 1, 1))
    assert not working_calendar(session, unit_id=cast.unions[0].id, on=DAY).is_working_day(date(2019, 3, 8))
    assert working_calendar(session, unit_id=None, on=DAY).is_working_day(date(2019, 3, 8))


def test_confirming_takes_the_mark_off(session: Session, cast: Cast) -> None:
    row = settings_data.history_of_setting(session, "help_line", unit_id=None)[0]
    settings_data.confirm_setting(session, row.id, by=new_id(), at=now())
    assert row.confirmed


def test_seeding_again_changes_nothing_that_was_changed(session: Session, cast: Cast) -> None:
    _change(session, "pledge.max_rounds", 2)
    session.get_one(Office, "chair").title = "Chủ tịch Công đoàn"
    before = session.scalar(sa.select(sa.func.count()).select_from(DatedSetting))
    seed_reference(session)
    assert session.scalar(sa.select(sa.func.count()).select_from(DatedSetting)) == before
    assert session.get_one(Office, "chair").title == "Chủ tịch Công đoàn"


def test_a_process_registers_its_own_keys_once() -> None:
    mine = SettingKey("test.flag", "Thử", FLAG, True)
    settings_data.register(mine)
    try:
        settings_data.register(mine)
        with pytest.raises(ValueError, match="twice"):
            settings_data.register(SettingKey("test.flag", "Khác", FLAG, False))
    finally:
        del KEYS["test.flag"]


def test_a_corrected_value_stays_readable(session: Session, cast: Cast) -> None:
    _change(session, "pledge.max_rounds", 2)
    _change(session, "pledge.max_rounds", 4)
    _change(session, "pledge.max_rounds", 5)
    corrected = settings_data.corrections_of_setting(session, "pledge.max_rounds", unit_id=None)
    assert {row.value for row in corrected} == {2, 4}
    assert setting(session, "pledge.max_rounds", unit_id=None, on=DAY) == 5


def test_confirming_keeps_the_paper_that_stands_and_adds_a_missing_one(session: Session, cast: Cast) -> None:
    by, at = new_id(), now()
    first = settings_data.history_of_setting(session, "pledge.quorum", unit_id=None)[0]
    settings_data.confirm_setting(session, first.id, by=by, at=at, legal_basis="30/HD-LĐLĐ")
    settings_data.confirm_setting(session, first.id, by=by, at=at, legal_basis="khác")
    assert first.legal_basis == "30/HD-LĐLĐ"


def test_the_overview_says_what_holds_from_where_and_what_comes(session: Session, cast: Cast) -> None:
    own, key = cast.unions[0].id, "pledge.comment_days"
    _change(session, key, 10, unit=cast.federation.id)
    inherited = states_of(session, [key], unit_id=own, on=DAY)[key]
    assert (inherited.value, inherited.own, inherited.coming) == (10, False, None)
    _change(session, key, 12, unit=own, since=NEXT)
    coming = states_of(session, [key], unit_id=own, on=DAY)[key]
    assert (coming.value, coming.own, coming.coming.value if coming.coming else None) == (10, False, 12)
    held = states_of(session, [key], unit_id=own, on=NEXT)[key]
    assert (held.value, held.own, held.coming) == (12, True, None)
    common = states_of(session, [key], unit_id=None, on=DAY)[key]
    assert (common.value, common.own) == (7, True)


def test_only_one_unit_above_all_others_stands_for_the_whole_installation(
    session: Session, cast: Cast
) -> None:
    assert only_root(session, DAY) == cast.federation.id
    found(session, "ST", "LĐLĐ tỉnh Sóc Trăng", None, kind="federation")
    assert only_root(session, DAY) is None


def test_every_signing_order_that_pledges_know_can_be_chosen() -> None:
    from workflow_app.processes.pledges.rules import SigningOrder

    assert {value for value, _label in KEYS["pledge.signing_order"].shape.options} == set(SigningOrder)
