"""The keyboard: every stop must show its focus and must not lie under something else."""

from playwright.sync_api import Page

_ENOUGH = 150  # stops; no page has so many

_STOP = """() => {
  const element = document.activeElement
  if (!element || element === document.body) return {name: '', fault: 'the focus is nowhere'}
  const name = (element.labels?.[0]?.innerText || element.getAttribute('aria-label') || element.innerText || element.name || '').trim()
  const style = getComputedStyle(element)
  const shown = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'
  const [box] = element.getClientRects()
  if (!box) return {name, fault: 'has no box'}
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth)
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight)
  if (right <= left || bottom <= top) return {name, fault: 'is outside the window'}
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
  const free = element.contains(hit) || hit?.closest('label')?.control === element
  return {name, fault: !shown ? 'shows no focus' : !free ? `lies under ${hit?.outerHTML.slice(0, 80)}` : ''} }"""


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until the stop with these words (its beginning) has the focus; every stop on the way is looked at."""
    seen: list[str] = []
    for _ in range(_ENOUGH):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        assert stop["fault"] == "", f"“{stop['name']}” {stop['fault']}"
        if stop["name"].startswith(words):
            return
        seen.append(stop["name"])
    raise AssertionError(f"no stop “{words}” among {seen}")


def walk(page: Page) -> int:
    """Tab through the whole page and out of it; returns the number of stops."""
    page.evaluate("document.activeElement.blur()")
    for stops in range(_ENOUGH):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return stops
        stop = page.evaluate(_STOP)
        assert stop["fault"] == "", f"“{stop['name']}” {stop['fault']}"
    raise AssertionError("the focus does not come out of the page")
