"""What a page costs to fetch, and the diagram with its marks."""

import gzip

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.acting import unfold
from tests.e2e.audit import audit
from tests.e2e.people import DESK, PHONE, People
from tests.e2e.product import Product
from tests.e2e.town import Town
from tests.processes.pledges import way

TASK_BUDGET = 90_000  # bytes, gzip, without fonts
DIAGRAM_BUDGET = 150_000
# The middle of the bpmn.io mark: is it the mark that is seen there, and in full strength?
_MARK_SEEN = """mark => { const box = mark.getBoundingClientRect(), style = getComputedStyle(mark)
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
  return box.width > 20 && box.height > 10 && style.visibility === 'visible' && style.opacity === '1' && mark.contains(hit) }"""
_MARK_PRINTED = """mark => { for (let each = mark; each; each = each.parentElement) {
    const style = getComputedStyle(each)
    if (style.display === 'none' || style.visibility !== 'visible' || style.opacity !== '1') return false }
  return mark.getBoundingClientRect().width > 20 }"""
_OUTLINES = """id => getComputedStyle(document.querySelector(`[data-element-id="${id}"] .djs-visual > :first-child`)).stroke"""


@pytest.fixture
def signing(town: Town, product: Product) -> Town:
    town.open()
    town.sign_from(product.clock)
    way.sign(town, 1)
    return town


class Scales:
    """Weighs every answer to a page as a compressing server sends it."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", self._keep)

    def _keep(self, answer: Response) -> None:
        self._answers.append(answer)

    def weight(self) -> int:
        answers = [each for each in self._answers if each.request.resource_type != "font" and each.ok]
        return sum(len(gzip.compress(each.body())) for each in answers)


def test_a_task_page_stays_within_its_budget(people: People, signing: Town) -> None:
    page = people.signed_in("chair2")
    scales = Scales(page)
    page.goto(f"/tasks/{signing.task('sign', signing.unit_ids[1])}", wait_until="networkidle")
    assert 10_000 < scales.weight() <= TASK_BUDGET


def test_a_pledge_with_its_diagram_stays_within_its_budget(people: People, signing: Town) -> None:
    page = people.signed_in("chair2")
    scales = Scales(page)
    page.goto(f"/pledges/{signing.pledge_id}")
    draw(page)
    page.wait_for_load_state("networkidle")
    assert 50_000 < scales.weight() <= DIAGRAM_BUDGET


def test_the_diagram_shows_where_the_pledge_stands(people: People, signing: Town) -> None:
    page = people.signed_in("chair2")
    page.goto(f"/pledges/{signing.pledge_id}")
    draw(page)
    box = page.locator("[data-diagram]")
    expect(box.locator("[data-element-id='draft'].wf-done")).to_have_count(1)
    expect(
        box.locator("[data-element-id='witness'].wf-done, [data-element-id='witness'].wf-active")
    ).to_have_count(0)
    assert box.locator(".wf-active").count() == 1
    assert box.locator(".wf-taken").count() > 5
    expect(box.locator(".gu-mark.is-active")).to_have_text("1/2")
    assert page.evaluate(_OUTLINES, "draft") != page.evaluate(_OUTLINES, "witness")


def test_the_mark_of_the_diagrams_maker_is_never_hidden(people: People, signing: Town) -> None:
    page = people.signed_in("chair2", reduced_motion="reduce")
    page.goto(f"/pledges/{signing.pledge_id}")
    draw(page)
    mark = page.locator(".bjs-powered-by")
    for viewport, theme in ((DESK, "light"), (DESK, "dark"), (PHONE, "dark"), (PHONE, "light")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=theme, media="screen")
        page.get_by_role("button", name="Phóng to").click()
        mark.scroll_into_view_if_needed()
        assert mark.evaluate(_MARK_SEEN), (viewport, theme)
        page.emulate_media(color_scheme=theme, media="print")
        assert mark.evaluate(_MARK_PRINTED), (viewport, theme)


def test_an_opened_diagram_keeps_the_rules_too(people: People, signing: Town) -> None:
    page = people.signed_in("chair2", reduced_motion="reduce")
    page.goto(f"/pledges/{signing.pledge_id}")
    draw(page)
    assert audit(page) == []


def draw(page: Page) -> None:
    """Opens the diagram and waits until it stands."""
    unfold(page, "Xem sơ đồ")
    expect(page.locator("[data-diagram] .wf-active")).to_be_visible()
    expect(page.get_by_role("button", name="Phóng to")).to_be_visible()
