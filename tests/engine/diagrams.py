"""Small BPMN texts for tests: builders that read like the diagram."""

import itertools
from collections.abc import Sequence

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)


def definitions(body: str) -> bytes:
    """A whole file around messages, errors and one process."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions {NAMESPACES} id="definitions" '
        f'targetNamespace="http://giao-uoc.example/bpmn">{body}</bpmn:definitions>'
    ).encode()


def process(
    *parts: str,
    key: str = "sample",
    name: str = "Quy trình mẫu",
    inputs: Sequence[str] = (),
    lanes: str | None = None,
    before: str = "",
) -> bytes:
    """A file with one process. before: messages and errors. lanes: default = one lane with every user task."""
    body = "".join(parts)
    return definitions(
        f'{before}<bpmn:process id="{key}" name="{name}" isExecutable="true">'
        f"{properties(inputs=','.join(inputs))}{lane_set(body) if lanes is None else lanes}{body}</bpmn:process>"
    )


def properties(**values: str) -> str:
    """Extension properties; empty ones are left out."""
    items = "".join(
        f'<spiffworkflow:property name="{name}" value="{value}"/>' for name, value in values.items() if value
    )
    if not items:
        return ""
    return f"<bpmn:extensionElements><spiffworkflow:properties>{items}</spiffworkflow:properties></bpmn:extensionElements>"


def lane_set(body: str, role: str = "unit_chair", label: str = "Chủ tịch công đoàn cơ sở") -> str:
    """One lane that lists every user task of a body."""
    ids = [part.split('"', 1)[0] for part in body.split('<bpmn:userTask id="')[1:]]
    return lane(role, label, *ids) if ids else ""


def lane(role: str, label: str, *ids: str) -> str:
    """A lane set with one lane."""
    refs = "".join(f"<bpmn:flowNodeRef>{each}</bpmn:flowNodeRef>" for each in ids)
    return f'<bpmn:laneSet id="lanes_{role}"><bpmn:lane id="{role}" name="{label}">{refs}</bpmn:lane></bpmn:laneSet>'


def start(id_: str = "start") -> str:
    return f'<bpmn:startEvent id="{id_}" name="Bắt đầu"/>'


def end(id_: str = "end", inner: str = "") -> str:
    return f'<bpmn:endEvent id="{id_}" name="Kết thúc">{inner}</bpmn:endEvent>'


def flow(source: str, target: str, condition: str = "", id_: str = "") -> str:
    """A sequence flow; its id is `source_target` unless given."""
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
    )
    return (
        f'<bpmn:sequenceFlow id="{id_ or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">'
        f"{inner if condition else ''}</bpmn:sequenceFlow>"
    )


def chain(*ids: str) -> str:
    """Flows from each element to the next."""
    return "".join(flow(source, target) for source, target in itertools.pairwise(ids))


def user(id_: str, form: str = "form", name: str = "Việc", inner: str = "", **extra: str) -> str:
    """A user task with its form and other extension properties."""
    return f'<bpmn:userTask id="{id_}" name="{name}">{properties(form=form, **extra)}{inner}</bpmn:userTask>'


def service(
    id_: str, operation: str = "work", result: str = "", params: str = "", name: str = "Việc máy"
) -> str:
    """A service task with its operation; params: spiffworkflow:parameter elements."""
    variable = f' resultVariable="{result}"' if result else ""
    return (
        f'<bpmn:serviceTask id="{id_}" name="{name}"><bpmn:extensionElements>'
        f'<spiffworkflow:serviceTaskOperator id="{operation}"{variable}>'
        f"<spiffworkflow:parameters>{params}</spiffworkflow:parameters>"
        f"</spiffworkflow:serviceTaskOperator></bpmn:extensionElements></bpmn:serviceTask>"
    )


def parameter(name: str, value: str) -> str:
    return f'<spiffworkflow:parameter id="{name}" type="any" value="{value}"/>'


def call(id_: str, called: str, items: str | None = "unit_ids", item: str = "unit_id", **extra: str) -> str:
    """A call activity; with items a parallel multi-instance one."""
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="false"><bpmn:loopDataInputRef>{items}'
        f'</bpmn:loopDataInputRef><bpmn:inputDataItem id="{item}"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    return (
        f'<bpmn:callActivity id="{id_}" name="Gọi quy trình" calledElement="{called}">{properties(**extra)}'
        f"{loop if items is not None else ''}</bpmn:callActivity>"
    )


def exclusive(id_: str, default: str = "") -> str:
    chosen = f' default="{default}"' if default else ""
    return f'<bpmn:exclusiveGateway id="{id_}"{chosen}/>'


def inclusive(id_: str, default: str = "") -> str:
    chosen = f' default="{default}"' if default else ""
    return f'<bpmn:inclusiveGateway id="{id_}"{chosen}/>'


def parallel(id_: str) -> str:
    return f'<bpmn:parallelGateway id="{id_}"/>'


def subprocess(id_: str, *parts: str) -> str:
    return f'<bpmn:subProcess id="{id_}" name="Phần">{"".join(parts)}</bpmn:subProcess>'


def boundary(id_: str, attached: str, definition: str, *, interrupting: bool = True) -> str:
    return (
        f'<bpmn:boundaryEvent id="{id_}" name="Biên" attachedToRef="{attached}" '
        f'cancelActivity="{str(interrupting).lower()}">{definition}</bpmn:boundaryEvent>'
    )


def catch(id_: str, definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id_}" name="Chờ">{definition}</bpmn:intermediateCatchEvent>'


def throw(id_: str, definition: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{id_}" name="Báo">{definition}</bpmn:intermediateThrowEvent>'


def timer(kind: str, expression: str) -> str:
    """kind: timeDate, timeDuration or timeCycle. expression: with the quotes of a literal."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{expression}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )


def message(name: str) -> str:
    return f'<bpmn:message id="message_{name}" name="{name}"/>'


def message_event(name: str, payload: str = "", variable: str = "") -> str:
    inner = f"<spiffworkflow:messagePayload>{payload}</spiffworkflow:messagePayload>" if payload else ""
    inner += f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>" if variable else ""
    extensions = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>" if inner else ""
    return (
        f'<bpmn:messageEventDefinition messageRef="message_{name}">{extensions}</bpmn:messageEventDefinition>'
    )


def error(code: str) -> str:
    return f'<bpmn:error id="error_{code}" name="{code}" errorCode="{code}"/>'


def error_event(code: str = "") -> str:
    reference = f' errorRef="error_{code}"' if code else ""
    return f"<bpmn:errorEventDefinition{reference}/>"


def approval(key: str = "approval") -> bytes:
    """draft -> approve -> gateway: return to draft, or make the document and end."""
    return process(
        start(), user("draft", "draft_form"), user("approve", "approve_form", due="deadline"),
        exclusive("decided", "decided_make"), service("make", "make_document", "document_id"), end(),
        chain("start", "draft", "approve", "decided"), flow("decided", "draft", "decision == 'return'"),
        flow("decided", "make"), flow("make", "end"), key=key, inputs=["deadline"],
    )  # fmt: skip


def pledge(key: str = "pledge") -> bytes:
    """A bloc's pledge in small: units comment in child instances until a deadline, the leader concludes."""
    return process(
        start(), call("comments", "pledge_comment", inputs="year"), user("conclude", "conclude_form"),
        boundary("late", "comments", timer("timeDate", "deadline")),
        user("remind", "remind_form"), end(),
        chain("start", "comments", "conclude", "end"), chain("late", "remind", "conclude"),
        key=key, inputs=["unit_ids", "year", "deadline"],
    )  # fmt: skip


def everything(key: str = "everything") -> bytes:
    """Every kind of element that runs, in one loop: fan-out, deadline, sub-process, faults, reminder, messages."""
    return process(
        start(), user("draft", "draft_form", due="deadline"), parallel("fork"),
        call("comments", "child", inputs="year"), boundary("late", "comments", timer("timeDate", "deadline")),
        user("chase"), exclusive("commented"),
        subprocess("part", start("s"), user("one"), exclusive("again", "again_e"), end("e"), end("broken", error_event("E2")),
                   exclusive("well", "well_again"), chain("s", "one", "well"), flow("well", "broken", "note == 'broken'"),
                   flow("well", "again"), flow("again", "one", "note == 'again'"), flow("again", "e")),
        boundary("gone", "part", error_event("E2")), exclusive("parted"), parallel("join"),
        service("make", "check", "made"), boundary("failed", "make", error_event("E1")), exclusive("made_or_not"),
        user("approve"), boundary("nudge", "approve", timer("timeCycle", '"R2/PT24H"'), interrupting=False),
        service("remind"), end("reminded"), exclusive("decided", "decided_say"),
        throw("say", message_event("issued")), catch("wait", message_event("answered")), end(),
        chain("start", "draft", "fork", "comments", "commented", "join", "make", "made_or_not", "approve", "decided"),
        chain("late", "chase", "commented"), chain("fork", "part", "parted", "join"), chain("gone", "parted"),
        chain("failed", "made_or_not"), chain("nudge", "remind", "reminded"),
        flow("decided", "draft", "note == 'return'"), chain("decided", "say", "wait", "end"),
        before=error("E1") + error("E2") + message("issued") + message("answered"),
        key=key, inputs=["unit_ids", "year", "deadline"],
    )  # fmt: skip
