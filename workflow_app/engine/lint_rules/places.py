"""Who does it: lanes, roles, forms, and the properties we read."""

from collections.abc import Iterator

from workflow_app.engine.elements import B, properties, role_of
from workflow_app.engine.errors import Finding
from workflow_app.engine.lint_rules.view import View

SYSTEM_LANE = "system"  # a lane for what the machine does; no person ever stands in it


def lanes(view: View) -> Iterator[Finding]:
    for node in view.process.iter(f"{B}lane"):
        role = role_of(node.get("id", ""))
        outer = node.find(f"{B}childLaneSet") is not None
        if role not in view.known.roles and role != SYSTEM_LANE and not outer:
            yield view.finding(
                "lane_role", node.get("id", ""),
                f"làn «{node.get('name', '')}» có mã «{role}» không phải vai trò của hệ thống. Hãy đặt mã làn là một vai trò.",
                f"lane {node.get('name', '')} has the id {role}, which is no role. Make the lane id a role code.",
            )  # fmt: skip


def user_tasks(view: View) -> Iterator[Finding]:
    for key, _ in view.of_kind("userTask"):
        element = view.elements[key]
        if element.lane is None or element.lane == SYSTEM_LANE:
            yield view.finding(
                "task_lane", key, "việc này chưa nằm trong làn của một vai trò. Hãy kéo việc vào làn của người làm.",
                "this task is in no lane of a role. Move it into the lane of those who do it.",
            )  # fmt: skip
        if not element.form:
            yield view.finding(
                "task_form", key, "việc này chưa có biểu mẫu. Hãy ghi thuộc tính form.",
                "this task has no form. Set its property form.",
            )  # fmt: skip
        elif element.form not in view.known.forms:
            yield view.finding(
                "form_unknown", key, f"biểu mẫu «{element.form}» không có trong hệ thống. Hãy chọn biểu mẫu đã có.",
                f"form {element.form} does not exist. Choose an existing one.",
            )  # fmt: skip
        if not element.name:
            yield view.finding(
                "task_name", key, "việc này chưa có tên. Hãy ghi tên việc bằng tiếng Việt.",
                "this task has no name. Write one.",
            )  # fmt: skip


KNOWN_PROPERTIES = {
    "process": frozenset(("inputs",)),
    "userTask": frozenset(("form", "due", "soft_due", "act")),
    "callActivity": frozenset(("inputs", "result")),
}


def property_names(view: View) -> Iterator[Finding]:
    for key, node in [(view.key, view.process), *view.nodes.items()]:
        kind = "process" if key == view.key else view.kind(key)
        for name in sorted(properties(node).keys() - KNOWN_PROPERTIES.get(kind, frozenset())):
            allowed = ", ".join(sorted(KNOWN_PROPERTIES.get(kind, ()))) or "-"
            yield view.finding(
                "property_unknown", key, f"thuộc tính «{name}» không có tác dụng ở đây. Dùng được: {allowed}.",
                f"property {name} has no effect here. Known: {allowed}.",
            )  # fmt: skip
