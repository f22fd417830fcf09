"""What every page owes its readers: axe's rules, and what axe does not look at."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Everything that is folded is opened, so that it is looked at as well; a diagram has a test of its own.
_OPEN_ALL = """() => document.querySelectorAll('main details').forEach(
  each => each.querySelector('[data-diagram]') || (each.open = true))"""
# Only violations are asked for: the rest of axe's answer takes longer to carry than to find.
_VIOLATIONS = """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found =>
  found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id} ${node.target} ${node.html.slice(0, 140)}`)))"""
_SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
_FRAME = """() => {
  const first = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .find(each => !each.closest('[hidden]') && each.type !== 'hidden')
  const target = document.getElementById(first?.hash?.slice(1))
  return [
    document.querySelectorAll('h1').length === 1 ? '' : `${document.querySelectorAll('h1').length} h1`,
    document.documentElement.lang === 'vi' ? '' : `lang ${document.documentElement.lang}`,
    first?.classList.contains('gu-skip') && target?.matches('main') ? '' : 'the first stop is no skip link',
    document.title.endsWith('· Giao Ước') && document.title.length > 12 ? '' : `title ${document.title}`,
    ...[...document.querySelectorAll('a[href^="#"]')].filter(each => !document.getElementById(each.hash.slice(1)))
      .map(each => `nothing at ${each.hash}`),
    ...[...document.querySelectorAll('a[href^="tel:"]')].filter(each => !/^tel:\\+?\\d{3,}$/.test(each.getAttribute('href')))
      .map(each => `no number to dial: ${each.textContent}`),
  ].filter(Boolean) }"""
# Letters that people read are at least 14 px, on the paper of a document too.
_SMALL = """() => [...document.querySelectorAll('body *')].filter(each => !each.closest('svg, script, style, option')
  && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim())
  && parseFloat(getComputedStyle(each).fontSize) < 14)
  .map(each => `small text ${getComputedStyle(each).fontSize}: ${each.outerHTML.slice(0, 90)}`)"""


_LINKS = (
    """[...document.querySelectorAll('a[href^="/"]')].map(each => each.getAttribute('href').split('#')[0])"""
)


def audit(page: Page) -> list[str]:
    """The faults of the page that is open, each as one line; none is what we want."""
    faults: list[str] = page.evaluate(_FRAME)
    page.evaluate(_OPEN_ALL)
    page.evaluate(Axe().axe_script)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        faults += [f"{width} px: {text}" for text in page.evaluate(_SMALL)]
        for theme in ("light", "dark"):
            # Without motion: a colour on its way from light to dark has no contrast worth measuring.
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            faults += [f"{width} px, {theme}: {text}" for text in page.evaluate(_VIOLATIONS, TAGS)]
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 640})
        if (over := page.evaluate(_SIDEWAYS)) > 0:
            faults.append(f"{width} px: {over} px to scroll sideways")
    return faults


class Links:
    """Whether the links of pages lead somewhere: for each reader one of each kind, not every unit of a list."""

    def __init__(self) -> None:
        self._tried: set[tuple[BrowserContext, str]] = set()

    def dead(self, page: Page) -> list[str]:
        """The links of the open page that the server refuses to this reader."""
        found = []
        for href in page.evaluate(_LINKS):
            kind = (page.context, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|=[^&]*|\d+", "…", href))
            if kind not in self._tried:
                self._tried.add(kind)
                answer = page.context.request.get(href)
                if not answer.ok:
                    found.append(f"{answer.status} at {href}")
        return found
