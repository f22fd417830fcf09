"""Vietnamese first, English second: every sentence of the pages has both."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import workflow_app
from tests.web.house import Browser, House
from workflow_app.core.vietnamese import end_of_day
from workflow_app.core.working_days import load_calendar
from workflow_app.web import wording
from workflow_app.web.operations import definitions, instances
from workflow_app.web.organisations import mandates
from workflow_app.web.papers import papers
from workflow_app.web.translations import CATALOGUE, english

Browse = Callable[[str], Browser]

ROOT = Path(workflow_app.__file__).parent
_PLACE = re.compile(r"%\(\w+\)s")


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def sentences(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, sentence) of everything that is marked for translation below a folder."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    for file, _line, text, _comments, _context in extract_from_dir(folder, methods):
        yield file, text if isinstance(text, str) else text[0]


@pytest.mark.parametrize("part", ["web", "processes"])
def test_every_sentence_has_an_english_one(part: str) -> None:
    known = {message.id for message in catalogue() if message.string}
    missing = sorted({f"{file}: {text}" for file, text in sentences(ROOT / part) if text not in known})
    assert missing == [], f"add these to {CATALOGUE.name}"


def test_words_that_templates_translate_by_value_are_in_the_catalogue() -> None:
    known = {message.id for message in catalogue() if message.string}
    tables = (papers.STATES, papers.VERSION_STATES, instances.STATUSES, definitions.STATUSES)
    words = {words[0] for table in tables for words in table.values()} | set(mandates.LABELS.values())
    assert words <= known


def test_an_english_sentence_names_the_same_values() -> None:
    for message in catalogue():
        assert set(_PLACE.findall(str(message.id))) == set(_PLACE.findall(str(message.string))), message.id


def test_a_reader_of_english_gets_english(house: House, browse: Browse) -> None:
    house.letter(due=end_of_day(date(2019, 3, 6)))
    browser = browse("chair")
    browser.client.set_cookie("language", "en")
    page = browser.get("/").get_data(as_text=True)
    assert '<html lang="en"' in page
    assert "My work" in page
    assert "3 working days left" in page
    assert "Wednesday 6 March 2019" in page
    assert "One task is waiting for Trần Quốc Bảo." in page
    browser.client.set_cookie("language", "vi")
    assert "Việc của tôi" in browser.get("/").get_data(as_text=True)


@pytest.mark.parametrize("days", range(-20, 40))
def test_the_words_for_a_deadline_are_those_of_the_calendar(app: object, days: int) -> None:
    calendar, today = load_calendar(), date(2019, 3, 1)
    day = date.fromordinal(today.toordinal() + days)
    with app.test_request_context("/"):  # type: ignore[attr-defined]  # a Flask
        said = wording.due(calendar, end_of_day(day)).text
    assert said == calendar.due_wording(today, day).text


def test_the_catalogue_is_compiled_once() -> None:
    assert english() is english()
