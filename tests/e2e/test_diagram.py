"""The diagram at its first opening: what it shows fits its frame, and says only what has happened."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import DESK, PHONE, People
from tests.e2e.product import Product
from tests.e2e.town import Town
from tests.processes.pledges import way

_BOXES = """() => {
  const of = (node) => { const { x, y, right, bottom } = node.getBoundingClientRect(); return { x, y, right, bottom }; };
  const plane = document.querySelector(".djs-container .djs-shape[data-element-id^='participant_']");
  return { frame: of(document.querySelector("[data-diagram]")), pool: of(plane.querySelector(".djs-visual")),
           now: of(document.querySelector(".wf-active .djs-visual")), mark: of(document.querySelector(".bjs-powered-by")) };
}"""


@pytest.fixture
def approving(town: Town) -> Town:
    """The units have commented without a second round, the federation is asked."""
    town.open()
    way.go_to_approval(town)
    return town


def _unfolded(page: Page, town: Town) -> dict[str, Any]:
    page.goto(f"/pledges/{town.pledge_id}")
    page.locator("details:has([data-diagram]) > summary").click()
    expect(page.locator(".wf-active").first).to_be_visible()
    boxes: dict[str, Any] = page.evaluate(_BOXES)
    return boxes


def _inside(frame: dict[str, float], box: dict[str, float], sides: str = "xy") -> bool:
    beside = box["x"] >= frame["x"] - 1 and box["right"] <= frame["right"] + 1
    above = box["y"] >= frame["y"] - 1 and box["bottom"] <= frame["bottom"] + 1
    return (beside or "x" not in sides) and (above or "y" not in sides)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_desk_the_whole_diagram_stands_in_its_frame_and_leaves_the_mark_free(
    people: People, approving: Town, scheme: str
) -> None:
    boxes = _unfolded(people.signed_in("chair1", viewport=DESK, color_scheme=scheme), approving)
    assert _inside(boxes["frame"], boxes["pool"])
    width = boxes["frame"]["right"] - boxes["frame"]["x"]
    assert boxes["pool"]["right"] - boxes["pool"]["x"] > width * 0.9, "no room is given away"
    assert boxes["mark"]["y"] >= boxes["pool"]["bottom"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_all_lanes_stand_around_what_is_being_done(
    people: People, approving: Town, scheme: str
) -> None:
    boxes = _unfolded(people.signed_in("chair1", viewport=PHONE, color_scheme=scheme), approving)
    assert _inside(boxes["frame"], boxes["now"])
    assert _inside(boxes["frame"], boxes["pool"], "y")
    assert boxes["mark"]["y"] >= boxes["pool"]["bottom"]


def test_the_buttons_go_to_the_whole_and_to_the_step_of_now(people: People, approving: Town) -> None:
    page = people.signed_in("chair1", viewport=PHONE)
    _unfolded(page, approving)
    page.get_by_role("button", name="Vừa khung").click()
    boxes = page.evaluate(_BOXES)
    assert _inside(boxes["frame"], boxes["pool"])
    page.get_by_role("button", name="Bước đang làm").click()
    boxes = page.evaluate(_BOXES)
    assert _inside(boxes["frame"], boxes["now"])
    assert boxes["now"]["right"] - boxes["now"]["x"] >= 90, "at the size at which it was drawn"


def test_a_second_round_that_was_never_asked_for_is_not_drawn_as_taken(
    people: People, approving: Town, product: Product
) -> None:
    page = people.signed_in("chair1")
    _unfolded(page, approving)
    taken = set(page.locator(".wf-taken").evaluate_all("nodes => nodes.map(n => n.dataset.elementId)"))
    labels = {name: _flow(page, name) for name in ("Trình duyệt", "Góp ý thêm")}
    assert labels["Trình duyệt"] in taken
    assert labels["Góp ý thêm"] not in taken


def _flow(page: Page, name: str) -> str:
    """The id of the flow with this name in the diagram that the page draws."""
    address = page.locator("[data-diagram]").get_attribute("data-xml")
    xml = page.request.get(address or "").text()
    return next(
        part.split('"')[0]
        for part in xml.split('sequenceFlow id="')[1:]
        if f'name="{name}"' in part.split(">")[0]
    )
