"""Reading an uploaded file: nothing outside it is touched, nothing in it explodes."""

import time

import pytest

from tests.engine import diagrams as d
from workflow_app.engine.errors import DiagramUnreadable
from workflow_app.engine.reading import MAX_BYTES, read

GOOD = d.approval()
BODY = GOOD.split(b"?>", 1)[1].decode()


def with_doctype(doctype, text="&x;"):
    return f'<?xml version="1.0"?>{doctype}{BODY.replace("Quy trình mẫu", text)}'.encode()


LAUGHS = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "file entity": with_doctype('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "http entity": with_doctype('<!DOCTYPE d [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]>'),
    "parameter entity": with_doctype('<!DOCTYPE d [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]>', "x"),
    "external DTD": with_doctype('<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd">', "x"),
    "public DTD": with_doctype('<!DOCTYPE d PUBLIC "-//x" "http://127.0.0.1:1/x.dtd">', "x"),
    "plain DOCTYPE": with_doctype("<!DOCTYPE definitions>", "x"),
    "lower case": with_doctype("<!doctype definitions>", "x"),
    "internal entity": with_doctype('<!DOCTYPE d [<!ENTITY x "import os">]>'),
    "billion laughs": with_doctype(f'<!DOCTYPE d [<!ENTITY x0 "ha">{LAUGHS}]>', "&x9;"),
    "quadratic": with_doctype(f'<!DOCTYPE d [<!ENTITY x "{"a" * 50_000}">]>', "&x;" * 2000),
    "unknown entity": GOOD.replace("Quy trình mẫu".encode(), b"&unknown;"),
    "too deep": GOOD.replace(b"</bpmn:process>", b"<a>" * 3000 + b"</a>" * 3000 + b"</bpmn:process>"),
    "too large": GOOD + b" " * MAX_BYTES,
    "not closed": GOOD[:-20],
    "two roots": GOOD + b"<x/>",
    "empty": b"",
    "no XML": b"PK\x03\x04",
    "UTF-16": GOOD.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
    "latin": GOOD.replace("Quy trình".encode(), "Quy trình".encode("cp1258", "replace") + b"\xff"),
    "NUL": GOOD.replace("Quy trình mẫu".encode(), b"a\x00b"),
    "NUL reference": GOOD.replace("Quy trình mẫu".encode(), b"a&#0;b"),
    "another root": b"<html/>",
    "another namespace": b'<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_file_is_refused_at_once(name):
    begun = time.perf_counter()
    with pytest.raises(DiagramUnreadable) as caught:
        read(HOSTILE[name])
    assert time.perf_counter() - begun < 2
    assert "root:" not in str(caught.value)
    assert caught.value.vi.endswith(".")


def test_a_lie_about_the_encoding_does_not_matter():
    lying = GOOD.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
    assert read(lying).find(".//{*}process").get("name") == "Quy trình mẫu"


def test_a_byte_order_mark_is_fine():
    assert read(b"\xef\xbb\xbf" + GOOD).find(".//{*}process").get("name") == "Quy trình mẫu"


def test_comments_and_processing_instructions_are_dropped():
    root = read(GOOD.replace(b"<bpmn:process", b"<!-- hidden --><?run me?><bpmn:process", 1))
    assert all(isinstance(node.tag, str) for node in root.iter())


def test_includes_are_not_followed():
    include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    root = read(GOOD.replace(b"</bpmn:process>", include + b"</bpmn:process>"))
    assert "root:" not in "".join(root.itertext())
