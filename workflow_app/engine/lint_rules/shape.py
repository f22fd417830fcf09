"""The file as a whole: schema, size, ids, and the kinds of elements we run."""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.spiff.parser.process import VALIDATOR

from workflow_app.engine.elements import B, S
from workflow_app.engine.errors import Finding
from workflow_app.engine.lint_rules.view import View

MAX_NODES = 300  # SpiffWorkflow's parser recurses: 400 in a chain still work, 600 do not
_KEY = re.compile(r"[a-z][a-z0-9_]{1,62}")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,98}")
_REFUSED = {
    "complexGateway": ("complex_gateway", "cổng phức hợp (complex gateway)", "a complex gateway"),
    "adHocSubProcess": ("ad_hoc", "quy trình con tự do (ad-hoc)", "an ad-hoc sub-process"),
    "transaction": ("transaction", "giao dịch (transaction)", "a transaction sub-process"),
    "scriptTask": ("script_task", "việc chạy mã lệnh (script task)", "a script task"),
    "businessRuleTask": (
        "business_rule",
        "việc theo bảng quyết định (business rule task)",
        "a business rule task",
    ),
    "manualTask": ("plain_task", "việc làm tay không có biểu mẫu (manual task)", "a manual task"),
    "task": ("plain_task", "việc chưa rõ loại (task)", "a task without a type"),
}
_INSTEAD = {
    "complex_gateway": ("dùng cổng loại trừ hoặc song song", "use exclusive or parallel gateways"),
    "ad_hoc": ("vẽ từng việc theo thứ tự", "draw the tasks in their order"),
    "transaction": ("dùng quy trình con thường", "use a plain sub-process"),
    "script_task": ("dùng việc tự động (service task) có sẵn", "use a service task with a known operation"),
    "business_rule": ("dùng việc tự động (service task) tính quyết định", "use a service task that decides"),
    "plain_task": (
        "đổi thành việc của người dùng (user task) có biểu mẫu",
        "make it a user task with a form",
    ),
}


def one_process(view: View) -> Iterator[Finding]:
    count = len(view.root.findall(f"{B}process"))
    if count != 1:
        yield Finding(
            "one_process",
            "",
            f"Tệp có {count} quy trình (process); mỗi tệp phải có đúng một. Hãy tách mỗi quy trình ra một tệp.",
            f"The file has {count} processes; it must have exactly one. Put each process into a file of its own.",
        )


def unique_ids(view: View) -> Iterator[Finding]:
    # Ids of extensions (operations, parameters) are names of their own and may repeat.
    nodes = (node for node in view.root.iter() if not str(node.tag).startswith(S))
    counts = Counter(node.get("id", "") for node in nodes)
    for key, count in counts.items():
        if not key:
            continue
        if count > 1:
            yield view.finding(
                "duplicate_id",
                key,
                f"mã (id) này dùng cho {count} phần tử. Hãy đặt cho mỗi phần tử một mã riêng.",
                f"this id is used by {count} elements. Give each element an id of its own.",
            )
    for node in view.root.iter(f"{B}sequenceFlow", *(f"{B}{kind}" for kind in _REFUSED)):
        if not _ID.fullmatch(node.get("id", "")):
            yield view.finding(
                "bad_id",
                node.get("id", ""),
                "phần tử không có mã (id) hợp lệ. Mã gồm chữ không dấu, số, dấu gạch dưới.",
                "the element has no valid id. An id has plain letters, digits and underscores.",
            )


def valid_schema(view: View) -> Iterator[Finding]:
    copied = etree.fromstring(etree.tostring(view.root))  # the validator changes the tree it is given
    try:
        VALIDATOR.validate(copied)
    except ValidationException as error:
        said = re.sub(r"\{[^}]*\}", "", str(error))[:160].strip(" .")
        yield Finding(
            "schema",
            "",
            f"Tệp không đúng chuẩn BPMN 2.0 ({said}). Hãy mở tệp trong phần mềm vẽ, sửa chỗ này và lưu lại.",
            f"The file is no valid BPMN 2.0 ({said}). Open it in the modeller, mend this place and save it again.",
        )


def known_ends(view: View) -> Iterator[Finding]:
    for flow in view.flows:
        if flow.source not in view.nodes or flow.target not in view.nodes:
            yield view.finding(
                "dangling_flow",
                flow.id,
                "mũi tên không nối hai phần tử của quy trình. Hãy nối lại hoặc xóa mũi tên.",
                "the flow does not connect two elements of the process. Connect it again or delete it.",
            )
        elif view.scope(flow.source) != view.scope(flow.target):
            yield view.finding(
                "crossing_flow",
                flow.id,
                "mũi tên đi qua ranh giới của quy trình con. Hãy nối trong cùng một phạm vi.",
                "the flow crosses the border of a sub-process. Connect elements of the same scope.",
            )


def process_key(view: View) -> Iterator[Finding]:
    if not _KEY.fullmatch(view.key):
        yield view.finding(
            "process_key",
            view.key,
            "mã quy trình phải gồm chữ thường không dấu, số, gạch dưới và bắt đầu bằng chữ, ví dụ pledge_comment.",
            "the process id must have lower-case letters, digits and underscores and start with a letter.",
        )


def executable(view: View) -> Iterator[Finding]:
    if view.process.get("isExecutable") != "true":
        yield view.finding(
            "not_executable",
            view.key,
            "quy trình chưa được đánh dấu là chạy được. Hãy đặt isExecutable là true.",
            "the process is not marked as executable. Set isExecutable to true.",
        )


def size(view: View) -> Iterator[Finding]:
    count = len(view.nodes)
    if count > MAX_NODES:
        yield view.finding(
            "too_many_nodes",
            view.key,
            f"sơ đồ có {count} phần tử, nhiều hơn {MAX_NODES}. Hãy tách thành quy trình được gọi.",
            f"the diagram has {count} nodes, more than {MAX_NODES}. Move parts into called processes.",
        )


def allowed_elements(view: View) -> Iterator[Finding]:
    for key, node in view.nodes.items():
        if view.kind(key) in _REFUSED:
            code, vi, en = _REFUSED[view.kind(key)]
            instead_vi, instead_en = _INSTEAD[code]
            yield view.finding(
                code, key, f"không dùng được {vi}; hãy {instead_vi}.", f"{en} cannot be used; {instead_en}."
            )
        if node.get("triggeredByEvent") == "true":
            yield view.finding(
                "event_subprocess",
                key,
                "không dùng được quy trình con theo sự kiện; hãy dùng sự kiện biên trên một việc.",
                "an event sub-process cannot be used; use a boundary event on an activity.",
            )
        if node.get("isForCompensation") == "true":
            yield view.finding(
                "compensation",
                key,
                "việc bù trừ (compensation) không được chạy; hãy vẽ nhánh xử lý bằng cổng loại trừ.",
                "compensation is never run; draw the branch with an exclusive gateway.",
            )


def one_start_per_scope(view: View) -> Iterator[Finding]:
    for scope in view.scopes():
        starts = [key for key in view.within(scope) if view.kind(key) == "startEvent"]
        if len(starts) != 1:
            yield view.finding(
                "one_start",
                scope,
                f"phải có đúng một sự kiện bắt đầu, hiện có {len(starts)}.",
                f"there must be exactly one start event, there are {len(starts)}.",
            )


def an_end_per_scope(view: View) -> Iterator[Finding]:
    for scope in view.scopes():
        if not any(view.kind(key) == "endEvent" for key in view.within(scope)):
            yield view.finding(
                "no_end",
                scope,
                "chưa có sự kiện kết thúc. Hãy thêm ít nhất một.",
                "there is no end event. Add one.",
            )
