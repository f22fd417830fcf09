"""Events: which kinds may stand where, and what they refer to."""

from collections.abc import Iterator

from workflow_app.engine.elements import B
from workflow_app.engine.errors import Finding
from workflow_app.engine.lint_rules.view import ACTIVITIES, View

# Everything else is refused: SpiffWorkflow drops it in silence, gets it wrong, or we have no use for it.
_ALLOWED: dict[str, set[tuple[str, ...]]] = {
    "startEvent": {()},
    "endEvent": {(), ("terminate",), ("message",), ("error",)},
    "intermediateCatchEvent": {("timer",), ("message",)},
    "intermediateThrowEvent": {(), ("message",)},
    "boundaryEvent": {("timer",), ("message",), ("error",)},
}
_CODES = {
    "link": "link",
    "compensate": "compensation",
    "conditional": "conditional_event",
    "signal": "signal",
    "escalation": "escalation",
    "cancel": "cancel_event",
}
_NAMES = {
    "startEvent": ("sự kiện bắt đầu không có biểu tượng", "a plain start event"),
    "endEvent": (
        "kết thúc thường, dừng hẳn, thông điệp, hoặc lỗi",
        "a plain, terminate, message or error end",
    ),
    "intermediateCatchEvent": ("chờ thời gian hoặc chờ thông điệp", "a timer or a message to wait for"),
    "intermediateThrowEvent": ("mốc thường hoặc gửi thông điệp", "a plain or message throw event"),
    "boundaryEvent": ("biên thời gian, thông điệp hoặc lỗi", "a timer, message or error boundary event"),
}


def allowed_events(view: View) -> Iterator[Finding]:
    for key, _ in view.of_kind(*_ALLOWED):
        found = tuple(view.definitions(key))
        if found not in _ALLOWED[view.kind(key)]:
            code = next((_CODES[name] for name in found if name in _CODES), "event_not_allowed")
            vi, en = _NAMES[view.kind(key)]
            kinds = ", ".join(found) or "none"
            yield view.finding(
                code, key, f"loại sự kiện {kinds} không dùng được ở đây; hãy dùng {vi}.",
                f"an event of type {kinds} cannot be used here; use {en}.",
            )  # fmt: skip


def boundaries(view: View) -> Iterator[Finding]:
    for key, node in view.of_kind("boundaryEvent"):
        host = node.get("attachedToRef", "")
        if host not in view.nodes or view.kind(host) not in ACTIVITIES:
            yield view.finding(
                "boundary_host", key, "sự kiện biên phải gắn vào một việc. Hãy gắn lại.",
                "a boundary event must be attached to an activity. Attach it again.",
            )  # fmt: skip
        elif view.definitions(key) == ["error"] and view.kind(host) not in (
            "serviceTask",
            "callActivity",
            "subProcess",
        ):
            yield view.finding(
                "error_host", key, "biên lỗi chỉ gắn được vào việc tự động, quy trình được gọi hoặc quy trình con.",
                "an error boundary event belongs on a service task, a call activity or a sub-process.",
            )  # fmt: skip
        if view.definitions(key) == ["error"] and node.get("cancelActivity") == "false":
            yield view.finding(
                "error_interrupts", key, "biên lỗi phải là loại ngắt (viền liền).",
                "an error boundary event must be interrupting.",
            )  # fmt: skip
        yield from _error_reference(view, key, host)


def error_ends(view: View) -> Iterator[Finding]:
    for key, _ in view.of_kind("endEvent"):
        if view.definitions(key) != ["error"]:
            continue
        code, scope = _error_code(view, key), view.scope(key)
        catchers = [other for other in view.attached.get(scope, []) if _error_code(view, other) in ("", code)]
        others = [
            other for other, _ in view.of_kind("boundaryEvent") if _error_code(view, other) in ("", code)
        ]
        # SpiffWorkflow hands the error to every error event of the scope around, also to those of other elements.
        rivals = [other for other in others if scope != view.key and view.scope(other) == view.scope(scope)]
        if not code or len(catchers) != 1 or rivals != catchers:
            yield view.finding(
                "error_end", key,
                "kết thúc lỗi phải nằm trong quy trình con, có mã lỗi, và đúng một biên lỗi của quy trình con nhận mã đó.",
                "an error end must be inside a sub-process, have a code, and be caught by one boundary event of it.",
            )  # fmt: skip


def messages(view: View) -> Iterator[Finding]:
    variables: dict[str, set[frozenset[str]]] = {}
    for key in view.nodes:
        if "message" not in view.definitions(key) and view.kind(key) not in ("sendTask", "receiveTask"):
            continue
        name = view.message_name(key)
        if not name or name not in view.known.messages:
            yield view.finding(
                "message_unknown", key, f"thông điệp «{name or '?'}» chưa được khai báo trong hệ thống.",
                f"message {name or '?'} is not known to the system.",
            )  # fmt: skip
        elif view.kind(key) in ("intermediateCatchEvent", "boundaryEvent", "receiveTask"):
            variables.setdefault(name, set()).add(view.payload_of(key))
            if len(variables[name]) > 1:
                yield view.finding(
                    "message_variable", key, f"thông điệp «{name}» được nhận vào các biến khác nhau; hãy dùng một tên biến.",
                    f"message {name} is received into different variables; use one.",
                )  # fmt: skip
    for tag in ("correlationProperty", "correlationSubscription", "correlationKey"):
        for node in view.root.iter(B + tag):
            yield view.finding(
                "correlation", node.get("id", ""), "không dùng khóa đối chiếu thông điệp; thông điệp được gửi thẳng đến hồ sơ.",
                "message correlation is not used; a message is addressed to one instance.",
            )  # fmt: skip


def event_gateways(view: View) -> Iterator[Finding]:
    for key, node in view.of_kind("eventBasedGateway"):
        targets = [flow.target for flow in view.outgoing[key]]
        kinds = [view.kind(target) for target in targets]
        timers = [target for target in targets if view.definitions(target) == ["timer"]]
        names = [view.message_name(target) for target in targets if target not in timers]
        plain = node.get("instantiate") != "true" and node.get("eventGatewayType") != "Parallel"
        alone = all(len(view.incoming[target]) == 1 for target in targets)
        if (
            not plain or not alone or len(targets) < 2 or len(timers) > 1
            or len(set(names)) < len(names) or set(kinds) != {"intermediateCatchEvent"}
        ):  # fmt: skip
            yield view.finding(
                "event_gateway", key,
                "sau cổng chờ sự kiện phải là ít nhất hai sự kiện chờ khác nhau, nhiều nhất một chờ thời gian, "
                "mỗi sự kiện chỉ có một mũi tên vào.",
                "an event gateway leads to two or more different catch events, at most one of them a timer, each with "
                "one incoming flow.",
            )  # fmt: skip


def _error_reference(view: View, key: str, host: str) -> Iterator[Finding]:
    code = _error_code(view, key)
    if view.definitions(key) != ["error"] or code == "":
        return
    operation = view.used_operations.get(host)
    if code is None or (operation and operation.faults and code not in operation.faults):
        yield view.finding(
            "error_unknown", key, f"mã lỗi «{code or '?'}» không có, hoặc việc này không báo lỗi đó.",
            f"error code {code or '?'} does not exist, or the activity does not report it.",
        )  # fmt: skip


def _error_code(view: View, key: str) -> str | None:
    """Code of an error event; "" for any error; None without one: no error event, unknown or codeless error."""
    definition = view.nodes[key].find(f"{B}errorEventDefinition")
    if definition is None:
        return None
    reference = definition.get("errorRef")
    return (view.errors.get(reference) or None) if reference else ""
