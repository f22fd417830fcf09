"""The stories that can be played, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from workflow_app.scenarios import angiang_2019, soctrang_2020
from workflow_app.scenarios.checks import Expected
from workflow_app.scenarios.pledge_year import PledgeYear
from workflow_app.scenarios.practice import an_giang, soc_trang
from workflow_app.scenarios.practice.accounts import Secrets
from workflow_app.scenarios.practice.plans import FederationPlan


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story. begins: local time of its first act. play: its acts. expected: how it must end."""

    name: str
    title: str
    begins: str
    year: int
    federation: FederationPlan
    play: Callable[[PledgeYear, Secrets], None]
    expected: Expected


_ALL = (
    Scenario(
        name="angiang-2019",
        title="Khối thi đua 04 An Giang, năm 2019: giao ước của 14 đơn vị, từ dự thảo đến ban hành",
        begins=angiang_2019.BEGINS,
        year=angiang_2019.YEAR,
        federation=an_giang.PLAN,
        play=lambda year, _: angiang_2019.play(year),
        expected=Expected(
            comments={"agreed": 8, "remarked": 3, "silent": 3},
            signs={"signed": 14},
            late=2,
            documents=("GƯ", "GM", "BB", "KH"),
        ),
    ),
    Scenario(
        name="soctrang-2020",
        title="Cụm thi đua số 3 Sóc Trăng, năm 2020: hai vòng góp ý, thay chủ tịch giữa chừng, một đơn vị không ký",
        begins=soctrang_2020.BEGINS,
        year=soctrang_2020.YEAR,
        federation=soc_trang.PLAN,
        play=soctrang_2020.play,
        expected=Expected(
            comments={"agreed": 13, "silent": 3},
            signs={"signed": 15, "not_signed": 1},
            late=0,
            documents=("GƯ", "GM", "BB", "KH"),
        ),
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
