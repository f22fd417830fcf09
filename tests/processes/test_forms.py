"""Forms of human tasks: nested names, hostile values, one Vietnamese sentence for each fault."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.processes.pledges import texts
from workflow_app.core.errors import Invalid
from workflow_app.processes.forms import unflatten
from workflow_app.processes.pledges.forms import FORMS, PledgeComment, PledgeDraft, PledgeSign
from workflow_app.processes.registry import processes


def test_numbered_names_become_rows_in_their_order() -> None:
    given_names = [("targets-1-text", "hai"), ("targets-0-text", "một"), ("closing", "hết")]
    assert unflatten(given_names) == {"targets": [{"text": "một"}, {"text": "hai"}], "closing": "hết"}


def test_an_empty_row_of_the_page_is_left_out() -> None:
    names = [
        ("targets-0-text", "một"),
        ("targets-0-kind", "grade"),
        ("targets-1-text", ""),
        ("targets-1-kind", "grade"),
    ]
    assert unflatten(names) == {"targets": [{"text": "một", "kind": "grade"}]}


@pytest.mark.parametrize("name", ["__class__", "a--b", "-a", "a.b", "A", "a b", "ô", "a-"])
def test_a_name_that_no_page_makes_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        unflatten([(name, "x")])


def test_a_name_that_is_a_value_and_a_group_is_refused() -> None:
    with pytest.raises(Invalid):
        unflatten([("plan", "x"), ("plan-purposes", "y")])


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=20))
def test_any_posted_names_are_read_or_refused_but_never_crash(items: list[tuple[str, str]]) -> None:
    try:
        unflatten(items)
    except Invalid as refused:
        assert refused.errors


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(FORMS)), st.dictionaries(st.text(max_size=12), _JSON, max_size=6))
def test_any_json_is_a_form_or_a_refusal_with_sentences(key: str, values: dict[str, Any]) -> None:
    try:
        FORMS[key].parse(values)
    except Invalid as refused:
        assert all(error.vi and not error.vi.isascii() for error in refused.errors), refused.errors


@given(st.sampled_from(sorted(FORMS)), st.data())
def test_a_hostile_value_in_any_declared_field_is_told_in_vietnamese(key: str, data: st.DataObject) -> None:
    form = FORMS[key]
    field = data.draw(st.sampled_from(sorted(form.model_fields)))
    hostile = data.draw(
        st.sampled_from(["\x00", "a\x00b", "x" * 20_000, [], {}, [[]], -1, 10**30, "1e999", "NaN", True])
    )
    try:
        form.parse({field: hostile})
    except Invalid as refused:
        assert all(error.vi for error in refused.errors)


@pytest.mark.parametrize("key", ["typename", "__builtins__", "_sys_actor", "nguoi_duyet"])
def test_a_field_that_the_form_does_not_have_is_refused_not_ignored(key: str) -> None:
    with pytest.raises(Invalid) as refused:
        PledgeComment.parse({"verdict": "agree", key: "me"})
    assert refused.value.errors[0].field == key


def test_what_a_phone_types_in_pieces_is_stored_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Giao ước có hiệu lực")
    form = PledgeDraft.parse({**texts.text(), "closing": decomposed})
    assert form.closing == "Giao ước có hiệu lực"


def test_spaces_alone_fill_nothing_in() -> None:
    with pytest.raises(Invalid) as refused:
        PledgeDraft.parse({**texts.text(), "closing": "   "})
    assert [error.field for error in refused.value.errors] == ["closing"]


def test_control_characters_never_reach_a_document() -> None:
    with pytest.raises(Invalid) as refused:
        PledgeDraft.parse({**texts.text(), "closing": "Giao\x00ước"})
    assert [error.field for error in refused.value.errors] == ["closing"]


def test_a_secret_is_not_in_what_is_logged() -> None:
    form = PledgeSign.parse(texts.signature("a" * 64))
    assert texts.PIN not in repr(form)
    with pytest.raises(Invalid) as refused:
        PledgeSign.parse({**texts.signature("short"), "secret": "canary-pin"})
    assert "canary-pin" not in f"{refused.value!r} {refused.value.errors} {refused.value.__cause__}"


def test_every_fault_is_told_at_once_with_the_row_it_is_in() -> None:
    broken = texts.text()
    broken["targets"][1] |= {"value": "hai"}
    broken["closing"] = ""
    with pytest.raises(Invalid) as refused:
        PledgeDraft.parse(broken)
    fields = {error.field: error.vi for error in refused.value.errors}
    assert set(fields) == {"targets-1-value", "closing"}
    assert "hai" in fields["targets-1-value"]


def test_a_registered_process_lacks_nothing() -> None:
    for process in processes():
        from bpmn import diagram
        from document_templates import template_files
        from workflow_app.engine import operations

        for key in process.diagrams:
            assert diagram(key), f"Quy trình {process.key}: thiếu sơ đồ {key}"
        known = {files.key for files in template_files()}
        assert set(process.templates) <= known, f"Quy trình {process.key}: thiếu mẫu văn bản"
        assert set(process.operations) <= set(operations.catalogue()), (
            f"Quy trình {process.key}: thiếu việc của máy"
        )
        assert process.title
        assert not process.title.isascii(), f"Quy trình {process.key}: thiếu tên tiếng Việt"
