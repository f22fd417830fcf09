"""The watch over pages watches itself: a page that is spoiled on purpose is found out, fault by fault."""

import pytest

from tests.e2e.audit import audit
from tests.e2e.focus import walk
from tests.e2e.people import DESK, People

SPOILS = {
    "document.querySelector('main').append(document.createElement('h1'))": "2 h1",
    "document.documentElement.lang = 'en'": "lang en",
    "document.querySelector('.gu-skip').remove()": "the first stop is no skip link",
    "document.title = 'x'": "title x",
    "document.querySelector('main').innerHTML += '<a href=\"#nowhere\">x</a>'": "nothing at #nowhere",
    "document.querySelector('main').innerHTML += '<a href=\"tel:no\">x</a>'": "no number to dial: x",
    "document.querySelector('main p').style.fontSize = '13px'": "small text 13px",
    "document.querySelector('main').style.minWidth = '330px'": "320 px: 10 px to scroll sideways",
    "document.querySelector('h1').style.color = 'silver'": "1280 px, light: color-contrast",
    "document.querySelector('h1').style.color = '#222'": "360 px, dark: color-contrast",
    "document.querySelector('main').append(document.createElement('input'))": "label",
}
HIDING = {
    "outline: none !important; box-shadow: none !important": "shows no focus",
    "position: relative; z-index: -1": "lies under",
    "position: absolute; left: -500px": "is outside the window",
}
WRONGS = {
    "console.error('broken')": "console: broken",
    "setTimeout(() => { throw new Error('thrown') })": "script: thrown",
    "document.head.append(Object.assign(document.createElement('style'), {textContent: 'p{}'}))": "console: CSP: style-src",
    "new Image().src = 'https://example.org/x.png'": "request to another host: example.org",
}


def test_a_spoiled_page_is_found_out(people: People) -> None:
    page = people.signed_in("chair2")
    for spoil, fault in SPOILS.items():
        page.set_viewport_size(DESK)
        page.goto("/pledges/")
        page.evaluate(spoil)
        assert any(fault in found for found in audit(page)), fault


def test_a_hidden_focus_is_found_out(people: People) -> None:
    page = people.signed_in("chair2")
    for style, fault in HIDING.items():
        page.goto("/units")
        page.evaluate("style => document.querySelector('main a').style.cssText = style", style)
        with pytest.raises(AssertionError, match=fault):
            walk(page)


def test_what_a_page_does_wrong_is_heard(people: People) -> None:
    page = people.signed_in("chair2")
    for script, complaint in WRONGS.items():
        page.goto("/units")
        page.evaluate(script)
        page.wait_for_timeout(300)
        heard, people.complaints[:] = list(people.complaints), []
        assert any(each.startswith(complaint) for each in heard), heard
