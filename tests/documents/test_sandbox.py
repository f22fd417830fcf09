"""A template is data: whatever it tries, no code runs, no attribute is read, no memory fills."""

import sys
import time
import tracemalloc

import pytest

from document_templates import ooxml
from tests.documents.support import AT, docx, one_value
from workflow_app.documents.errors import RenderingFailed
from workflow_app.documents.package import sha256
from workflow_app.documents.rendering import Template, render

_CODE = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ value.__class__ }}",
    "{{ value|attr('__class__') }}",
    "{{ ().__class__.__base__ }}",
    "{{ [].append }}",
    "{{ value.upper() }}",
    "{{ value.format(value) }}",
    "{{ '%s'|format(value) }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ namespace.__init__ }}",
    "{{ self.__init__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ config }}",
    "{{ request }}",
    "{{ range(3) }}",
    "{{ dict(a=1) }}",
    "{{ joiner() }}",
    "{{ value|map('upper')|list }}",
    "{{ value|tojson }}",
    "{{ value|safe }}",
    "{{ value|xmlattr }}",
    "{{ value|pprint }}",
    "{{ value is defined }}",
    "{{ value is callable }}",
    "{% set x = value %}{{ x }}",
    "{% set x %}{{ value }}{% endset %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call value() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block b %}{% endblock %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% autoescape false %}{{ value }}{% endautoescape %}",
    "{% raw %}{{ value }}{% endraw %}{% do value %}",
    "{{ loop.__init__ }}",
    "{% for x in items %}{{ loop.cycle }}{% endfor %}",
    "{% for x in items %}{{ loop._iterator }}{% endfor %}",
    "{% for x in items recursive %}{{ loop(items) }}{% endfor %}",
    "{% for a, b in items %}{{ a }}{% endfor %}",
    "{% for c in value %}{{ c }}{% endfor %}",
    "{{ value[0:1] }}",
    "{{ value ~ value }}",
    "{{ value * 1000000000 }}",
    "{{ 10 ** 1000000000 }}",
    "{{ 7 // 0 }}",
    "{{ value % value }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ value + value }}",
    "{{ items|_counted }}",
    "{{ _counted }}",
    "{{ value|grid(9) }}",
]

_SCHEMA = {
    "type": "object",
    "properties": {"value": {"type": "string"}, "items": {"type": "array", "items": {"type": "integer"}}},
}


def _template(*tags: str) -> Template:
    data = docx(*(ooxml.paragraph("BodyText", tag) for tag in tags))
    return Template("hostile", 1, sha256(data), data, _SCHEMA)


class _Spawned:
    """Notes every process, shell and file opened for writing while it watches."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []

    def __call__(self, event: str, arguments: object) -> None:
        if self.on and event in {
            "os.system",
            "subprocess.Popen",
            "os.exec",
            "os.posix_spawn",
            "socket.connect",
        }:
            self.seen.append(event)


@pytest.fixture(scope="module")
def spawned() -> _Spawned:
    watcher = _Spawned()
    sys.addaudithook(watcher)
    return watcher


@pytest.mark.parametrize("payload", _CODE)
def test_hostile_templates_are_refused_and_start_nothing(payload: str, spawned: _Spawned) -> None:
    spawned.on = True
    try:
        with pytest.raises(RenderingFailed):
            render(_template(payload), {"value": "bí mật", "items": [1, 2]}, at=AT)
    finally:
        spawned.on = False
    assert not spawned.seen


def test_a_key_that_is_the_name_of_a_method_is_data() -> None:
    data = docx(ooxml.paragraph("BodyText", "{{ d.items }} {{ d.values }} {{ d.pop }}"))
    schema = {"type": "object", "properties": {"d": {"type": "object", "properties": {}}}}
    rendered = render(
        Template("keys", 1, sha256(data), data, schema),
        {"d": {"items": "một", "values": "hai", "pop": "ba"}},
        at=AT,
    )
    assert b"m\xe1\xbb\x99t hai ba" in __import__("zipfile").ZipFile(
        __import__("io").BytesIO(rendered.data)
    ).read("word/document.xml")


_BOMBS = {
    "loops in loops": "{% for a in items %}{% for b in items %}{% for c in items %}{% endfor %}{% endfor %}{% endfor %}",
    "loops that print": "{% for a in items %}{% for b in items %}" + "x" * 3000 + "{% endfor %}{% endfor %}",
    "five loops": "{% for a in items %}" * 5 + "{% endfor %}" * 5,
}


@pytest.mark.parametrize("name", _BOMBS)
def test_bombs_end_soon_and_small(name: str) -> None:
    tracemalloc.start()
    started = time.monotonic()
    try:
        with pytest.raises(RenderingFailed):
            render(_template(_BOMBS[name]), {"value": "x", "items": list(range(400))}, at=AT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 10
    assert peak < 100 * 2**20


def test_a_text_longer_than_any_of_ours_is_refused() -> None:
    with pytest.raises(RenderingFailed, match="longer"):
        render(one_value(), {"value": "x" * 200_000}, at=AT)


def test_the_loop_words_our_templates_use_work() -> None:
    text = "{% for x in items %}{{ loop.index }}/{{ loop.length }}{% if not loop.last %}, {% endif %}{% endfor %}"
    rendered = render(_template(text), {"value": "", "items": [7, 8]}, at=AT)
    assert rendered.content_id == render(_template("1/2, 2/2"), {"value": "", "items": []}, at=AT).content_id
