"""The building blocks of pages, rendered by plain Jinja: what they promise to readers, keyboards and screen readers."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from jinja2.lexer import TOKEN_DATA
from lxml import html

from tests.web.drawing import draw, page, words
from tests.web.gallery_app import ERRORS, PAGES, TEMPLATES, environment, frame


@pytest.fixture(scope="module")
def env() -> Environment:
    return environment()


WIDGETS = (
    "text",
    "textarea",
    "number",
    "password",
    "date",
    "choice",
    "choices",
    "checkbox",
    "select",
    "file",
)
EVIL = "<script>alert(1)</script>"
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("notes.tag", (EVIL,)),
    ("notes.notice", (EVIL, "stop", EVIL)),
    ("notes.error_summary", ([{"field": EVIL, "text": EVIL}, {"vi": EVIL}],)),
    ("notes.verdict", (EVIL, "done", EVIL, EVIL)),
    ("notes.empty", (EVIL, EVIL, EVIL, EVIL)),
    ("work.work_list", ([{"href": EVIL, "title": EVIL, "object": EVIL, "sender": EVIL, "due": {"text": EVIL, "date": EVIL}}],)),
    ("work.day_strip", ([{"weekday": EVIL, "day": EVIL}], EVIL)),
    ("work.act", (EVIL, EVIL)),
    ("work.copy_text", ("id", EVIL, EVIL)),
    ("record.summary_list", ([(EVIL, EVIL, {"href": EVIL, "text": EVIL})],)),
    ("record.redline", ([{"where": EVIL, "parts": [("del", EVIL), ("ins", EVIL)]}],)),
    ("record.checklist", ([{"state": "soon", "text": EVIL, "href": EVIL, "label": EVIL}],)),
    ("record.timeline", ([{"id": "a", "who": EVIL, "text": EVIL, "time": EVIL, "quote": EVIL}],)),
    ("record.steps", ([{"label": EVIL, "note": EVIL, "state": "now"}],)),
    ("figures.sign_tiles", ([{"unit": EVIL, "person": EVIL, "state": "signed", "text": EVIL, "note": EVIL}], {"unit": EVIL, "text": EVIL})),
    ("figures.bar", (50, EVIL)),
    ("figures.matrix_cell", ("done", EVIL, EVIL)),
    ("figures.diagram", (EVIL, EVIL)),
    ("navigation.breadcrumb", ([{"label": EVIL, "href": EVIL}, {"label": EVIL}],)),
    ("navigation.tabs", ([{"label": EVIL, "href": EVIL, "count": EVIL}], EVIL)),
    ("navigation.pagination", ({"shown": EVIL, "next": EVIL, "items": [{"label": EVIL, "href": EVIL}]},)),
    ("navigation.dossier_parts", ([{"label": EVIL, "href": EVIL, "state": "todo", "note": EVIL}],)),
    *[("fields.field", ({"name": EVIL, "label": EVIL, "hint": EVIL, "errors": [EVIL], "widget": widget,
       "options": [(EVIL, EVIL, EVIL)], "value": {"day": EVIL} if widget == "date" else EVIL, "suffix": EVIL},)) for widget in WIDGETS],
]  # fmt: skip


@pytest.mark.parametrize(("macro", "arguments"), CALLS)
def test_text_is_never_markup(env: Environment, macro: str, arguments: tuple[Any, ...]) -> None:
    drawn = draw(env, macro, *arguments)
    assert list(drawn.iter("script")) == []
    assert EVIL in html.tostring(drawn, encoding="unicode", method="text") or EVIL in "".join(
        drawn.xpath(".//@aria-label | .//@data-xml")
    )


def test_the_error_summary_links_to_each_field_in_the_same_words(env: Environment) -> None:
    drawn = draw(
        env, "notes.error_summary", [{"field": "so", "text": "Nhập số"}, {"field": "ngay", "vi": "Nhập ngày"}]
    )
    assert [(a.get("href"), a.text) for a in drawn.iter("a")] == [("#so", "Nhập số"), ("#ngay", "Nhập ngày")]
    assert words(drawn.find(".//h2")) == "Có 2 lỗi cần sửa"
    assert drawn[0].get("tabindex") == "-1"  # the script moves the focus here


def _arcs(env: Environment, states: list[str]) -> list[tuple[str, float, float]]:
    """Class, start and drawn length of every arc."""
    found = []
    for circle in draw(env, "figures.ring", len(states), states).xpath(
        ".//circle[@stroke-dasharray and @class!='a-gap']"
    ):
        dashes = [float(d) for d in circle.get("stroke-dasharray").split()]
        found.append((circle.get("class"), -float(circle.get("stroke-dashoffset")), sum(dashes[:-1])))
    return found


@pytest.mark.parametrize("n", [1, 2, 5, 14, 16, 40])
def test_the_ring_has_one_arc_per_unit_and_no_two_touch(env: Environment, n: int) -> None:
    arcs = _arcs(env, (["signed", "open", "refused", "substitute", "late", "absent"] * 7)[:n])
    assert len(arcs) == n
    turn = 2 * math.pi * 92
    for (_, start, length), (_, following, _) in zip(
        arcs, [*arcs[1:], ("", turn + arcs[0][1], 0.0)], strict=True
    ):
        assert length > 0
        assert start + length < following


def test_the_ring_tells_its_figure_in_words(env: Environment) -> None:
    drawn = draw(env, "figures.ring", 5, ["signed", "substitute", "late", "open", "refused"])
    assert drawn.xpath(".//svg/@aria-label") == ["3 trên 5 đơn vị đã ký, 1 chờ ký, 1 từ chối hoặc vắng"]
    assert drawn.xpath("string(.//text[1])") == "3/5"


@pytest.mark.parametrize(
    ("percent", "width"), [(0, 0), (75, 120), (119.4, 191), (150, 240), (400, 240), (-5, 0)]
)
def test_a_bar_is_drawn_to_scale_and_cut_at_its_limit(env: Environment, percent: float, width: float) -> None:
    assert float(
        draw(env, "figures.bar", percent).xpath("string(.//rect[@class='b-fill']/@width)")
    ) == pytest.approx(width, abs=0.1)


def test_not_reported_is_not_nought(env: Environment) -> None:
    missing, nought = draw(env, "figures.bar", None), draw(env, "figures.bar", 0)
    assert missing.xpath(".//rect[@class='b-fill']") == []
    assert missing.xpath(".//svg/@aria-label") == ["chưa báo cáo"]
    assert nought.xpath(".//svg/@aria-label") == ["0%"]


def test_a_spark_line_breaks_where_a_period_is_missing(env: Environment) -> None:
    path = draw(env, "figures.spark", [10, 20, None, 40], "bốn quý").xpath("string(.//path/@d)")
    assert re.findall("[ML]", path) == ["M", "L", "M"]
    assert len(draw(env, "figures.spark", [10, 10, None, 10], "x").xpath(".//circle")) == 3


def test_equal_periods_of_a_spark_line_stand_side_by_side(env: Environment) -> None:
    dots = draw(env, "figures.spark", [10, 10, 10], "x").xpath(".//circle/@cx")
    assert len(set(dots)) == 3


def test_a_tile_shows_a_stroke_only_for_a_signature(env: Environment) -> None:
    for state, strokes in (
        ("signed", 1),
        ("late", 1),
        ("substitute", 1),
        ("open", 0),
        ("refused", 0),
        ("absent", 0),
    ):
        drawn = draw(env, "figures.sign_tile", {"no": 1, "unit": "U", "state": state, "text": "T"})
        pens = drawn.xpath(".//svg[@class='gu-pen']")
        assert len(pens) == strokes
        assert all(pen.get("aria-hidden") == "true" for pen in pens)


def test_the_timeline_folds_neighbouring_acts_of_the_machine(env: Environment) -> None:
    events = [
        {"id": f"e{i}", "text": str(i), "time": "t", "system": i in (1, 2, 4), "current": i == 5}
        for i in range(6)
    ]
    drawn = draw(env, "record.timeline", events)
    assert [len(fold.xpath(".//ul/li")) for fold in drawn.iter("details")] == [2, 1]
    assert drawn.xpath(".//li[@id]/@id") == [f"e{i}" for i in range(6)]
    assert drawn.xpath(".//*[@aria-current='step']/@id") == ["e5"]


def test_colour_never_stands_alone(env: Environment) -> None:
    for tone in ("done", "now", "soon", "stop", "gold", ""):
        drawn = draw(env, "notes.tag", "Chữ", tone)
        assert drawn.xpath(".//use")
        assert words(drawn) == "Chữ"


def test_the_page_one_is_on_is_said_to_screen_readers(env: Environment) -> None:
    assert draw(
        env,
        "navigation.tabs",
        [{"label": "A", "href": "#"}, {"label": "B", "href": "#", "current": True}],
        "T",
    ).xpath(".//a[@aria-current='page']/text()") == ["B"]
    crumbs = draw(env, "navigation.breadcrumb", [{"label": "A", "href": "#"}, {"label": "B", "href": "#"}])
    assert crumbs.xpath(".//*[@aria-current='page']/text()") == ["B"]
    assert crumbs.xpath(".//a/text()") == ["A"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_the_same_frame(env: Environment, name: str) -> None:
    drawn = page(env, f"{name}.html", **frame(), theme="dark", text_size="large", lang="en")
    assert drawn.get("lang") == "en"
    assert drawn.get("data-bs-theme") == "dark"
    assert drawn.get("data-text") == "large"
    assert drawn.find("body")[0].get("href") == "#noi-dung"  # the skip link comes first
    assert len(drawn.xpath("//h1")) == 1
    assert drawn.xpath("//main/@id") == ["noi-dung"]
    ids = drawn.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    assert [form for form in drawn.iter("form") if "novalidate" not in form.attrib] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_reference_of_a_page_leads_somewhere(env: Environment, name: str) -> None:
    drawn = page(env, f"{name}.html", **frame())
    ids = set(drawn.xpath("//@id"))
    for value in drawn.xpath("//@aria-describedby | //@aria-labelledby | //label/@for | //@data-copy"):
        assert set(value.split()) <= ids


def test_a_page_with_errors_says_so_first_in_its_title(env: Environment) -> None:
    drawn = page(env, "form.html", **frame())
    assert words(drawn.find(".//title")) == "Lỗi: Đăng ký chỉ tiêu và công trình năm 2019 · Giao Ước"
    first = drawn.xpath("//main//*[self::section or self::h1]")[0]
    assert "data-error-summary" in first.attrib
    assert words(page(env, "inbox.html", **frame()).find(".//title")) == "Việc của tôi · Giao Ước"


def test_another_office_is_chosen_by_a_post_with_a_token(env: Environment) -> None:
    drawn = page(env, "inbox.html", **frame())
    (form,) = drawn.xpath("//form[@action='/seat']")
    assert form.get("method") == "post"
    assert form.xpath(".//input[@name='csrf_token']/@value") == ["the-token"]
    assert [(b.get("name"), b.get("value")) for b in form.iter("button")] == [("seat_id", "s2")]
    assert words(form.xpath(".//*[@aria-current='true']")[0]) == "Chủ tịch CĐCS Sở Nội vụ"


def test_the_frame_stands_without_any_context(env: Environment) -> None:
    drawn = html.fromstring(
        env.from_string("{% extends 'layout.html' %}{% block h1 %}Trang{% endblock %}").render()
    )
    assert drawn.get("lang") == "vi"
    assert drawn.get("data-bs-theme") == "auto"
    assert drawn.xpath("//nav") == []


@pytest.mark.parametrize("code", ERRORS)
def test_error_pages_stand_alone_and_speak_plainly(env: Environment, code: int) -> None:
    for context in ({}, {"error": ERRORS[code]}, {"error": ERRORS[code], **frame()}):
        drawn = page(env, f"errors/{code}.html", **context)
        assert len(drawn.xpath("//h1")) == 1
        assert len(drawn.xpath("//*[@data-notice]")) == 1
        assert str(code) not in words(drawn.find(".//main"))
        assert drawn.xpath("//main//*[contains(@class, 't-stop')]") == []


def test_error_pages_say_what_this_error_asks_for(env: Environment) -> None:
    told = {
        code: words(page(env, f"errors/{code}.html", error=facts).xpath("//*[@data-notice]")[0])
        for code, facts in ERRORS.items()
    }
    assert "Chủ tịch CĐCS Sở Tư pháp" in told[403]
    assert "Nguyễn Thị Minh An, Khối trưởng" in told[409]
    assert "14:02 ngày 05/3/2019" in told[409]
    assert "20 MB" in told[413]
    assert "K7QM 2R9D" in told[500]
    assert "14:00 ngày 05/3/2019" in told[503]
    own = page(env, "errors/409.html", error={"vi": "Đơn vị đã ký rồi."}).xpath("//*[@data-notice]")[0]
    assert "Đơn vị đã ký rồi." in words(own)


def test_the_login_page_takes_password_managers(env: Environment) -> None:
    fields = [
        {"widget": "text", "name": "username", "label": "Tên đăng nhập", "autocomplete": "username"},
        {"widget": "password", "name": "password", "label": "Mật khẩu", "autocomplete": "current-password"},
    ]
    drawn = page(
        env,
        "login.html",
        fields=fields,
        csrf_token=lambda: "the-token",
        form_errors=[{"field": "username", "text": "Sai"}],
    )
    assert drawn.xpath("//main//input/@autocomplete") == ["username", "current-password"]
    assert drawn.xpath("//main//input[@name='csrf_token']/@value") == ["the-token"]
    assert len(drawn.xpath("//h1")) == 1
    assert words(drawn.find(".//title")).startswith("Lỗi: ")


def test_every_word_of_the_frame_can_be_translated(env: Environment) -> None:
    """Text outside _() would stay Vietnamese on an English page. The product's name is not translated."""
    ours = [
        TEMPLATES / "layout.html",
        TEMPLATES / "login.html",
        *TEMPLATES.glob("macros/*.html"),
        *TEMPLATES.glob("errors/*.html"),
    ]
    left = [(file.name, text) for file in ours for text in _plain_texts(env, file)]
    assert left == []


def _plain_texts(env: Environment, file: Path) -> list[str]:
    data = "".join(text if kind == TOKEN_DATA else "\0" for _, kind, text in env.lex(file.read_text("utf-8")))
    text = re.sub(r"""<[^<>]*>|[\w-]+=(".*?"|'.*?')""", " ", data).replace("Giao Ước", "")
    return re.findall(r"[a-zA-ZÀ-ỹ]{2,}", text)
