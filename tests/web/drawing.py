"""Drawing macros and pages in tests."""

from typing import Any

from jinja2 import Environment
from lxml import html
from lxml.html import HtmlElement


def draw(env: Environment, macro: str, *args: Any, **kwargs: Any) -> HtmlElement:
    """One macro, such as "notes.tag", as a parsed element inside a <div>."""
    file, name = macro.split(".")
    module = env.get_template(f"macros/{file}.html").module
    return html.fragment_fromstring(str(getattr(module, name)(*args, **kwargs)), create_parent="div")


def page(env: Environment, template: str, **context: Any) -> HtmlElement:
    return html.fromstring(env.get_template(template).render(**context))


def words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
