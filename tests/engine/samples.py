"""A catalogue for the sample diagrams, and short ways to ask the lint."""

from workflow_app.engine.catalogue import Catalogue, FormSpec, OperationSpec
from workflow_app.engine.errors import DiagramRefused, Finding
from workflow_app.engine.lint import check

KNOWN = Catalogue(
    forms={
        "form": FormSpec(frozenset({"note"})),
        "draft_form": FormSpec(),
        "approve_form": FormSpec(frozenset({"decision"}), {"decision": ("approve", "return")}),
        "conclude_form": FormSpec(),
        "remind_form": FormSpec(),
        "vote_form": FormSpec(frozenset({"votes", "members"})),
    },
    operations={
        "work": OperationSpec(),
        "make_document": OperationSpec(),
        "check": OperationSpec(frozenset({"ok", "score"}), {"ok": (True, False)}, frozenset({"E1", "E2"})),
    },
    roles=frozenset({"unit_chair", "bloc_leader", "federation_officer"}),
    processes=frozenset({"child", "pledge_comment", "other"}),
    messages={"answered": frozenset({"answer"}), "issued": frozenset()},
    inputs={"pledge_comment": frozenset({"unit_id", "year"})},
    calls={"other": frozenset({"child", "between"}), "between": frozenset({"sample"})},
)


def refused(xml: bytes, known: Catalogue = KNOWN) -> tuple[Finding, ...]:
    """Findings of the lint, none when the diagram passes."""
    try:
        check(xml, known=known)
    except DiagramRefused as error:
        return error.findings
    return ()


def codes(xml: bytes, known: Catalogue = KNOWN) -> set[str]:
    """Codes of the findings."""
    return {finding.code for finding in refused(xml, known)}
