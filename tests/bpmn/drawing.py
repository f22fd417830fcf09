"""A diagram as it is drawn, and the rules of a legible drawing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import isclose

from lxml import etree

MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"

Point = tuple[float, float]
Segment = tuple[Point, Point]
Rule = Callable[["Drawing"], Iterator[str]]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; y grows downwards. A box that only touches another does not overlap it."""

    x: float
    y: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    @property
    def centre(self) -> Point:
        return (self.x + self.right) / 2, (self.y + self.bottom) / 2


class Drawing:
    """One diagram file: its elements by id, and where each is drawn."""

    def __init__(self, root: etree._Element) -> None:
        process = root.findall(f"{MODEL}process")
        self.participants = {e.get("id"): e for e in root.iter(f"{MODEL}participant")}
        self.lanes = {e.get("id"): e for e in root.iter(f"{MODEL}lane")}
        self.flows = {e.get("id"): e for e in root.iter(f"{MODEL}sequenceFlow")}
        self.nodes = {e.get("id"): e for p in process for e in p if _is_node(e)}
        self.shapes = list(root.iter(f"{DI}BPMNShape"))
        self.drawn_flows = list(root.iter(f"{DI}BPMNEdge"))
        self.boxes = {s.get("bpmnElement"): _box(s.find(BOUNDS)) for s in self.shapes}
        self.labels = {
            e.get("bpmnElement"): _box(bounds)
            for e in [*self.shapes, *self.drawn_flows]
            if (bounds := e.find(f"{DI}BPMNLabel/{BOUNDS}")) is not None
        }
        self.routes = {
            e.get("bpmnElement"): [(float(w.get("x")), float(w.get("y"))) for w in e.iter(WAYPOINT)]
            for e in self.drawn_flows
        }

    @property
    def node_boxes(self) -> dict[str, Box]:
        return {id_: box for id_, box in self.boxes.items() if id_ in self.nodes}

    def segments(self) -> Iterator[tuple[str, Segment]]:
        for id_, points in self.routes.items():
            for segment in pairwise(points):
                yield id_, segment


def _is_node(element: etree._Element) -> bool:
    kind = etree.QName(element).localname
    return kind.endswith(("Event", "Gateway", "Task", "task", "Activity", "subProcess"))


def _box(bounds: etree._Element) -> Box:
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + width, y + height)


def _area(segment: Segment) -> Box:
    (x1, y1), (x2, y2) = segment
    return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _kind(element: etree._Element) -> str:
    return etree.QName(element).localname


# The rules. Each yields one sentence for each fault it finds.


def undrawn(drawing: Drawing) -> Iterator[str]:
    for wanted, drawn in (
        ({**drawing.participants, **drawing.lanes, **drawing.nodes}, drawing.shapes),
        (drawing.flows, drawing.drawn_flows),
    ):
        count = Counter(e.get("bpmnElement") for e in drawn)
        yield from (f"{id_} is drawn {count[id_]} times" for id_ in wanted if count[id_] != 1)
        yield from (f"{id_} is drawn but does not exist" for id_ in count if id_ not in wanted)


def overlapping(drawing: Drawing) -> Iterator[str]:
    hosts = {(id_, e.get("attachedToRef")) for id_, e in drawing.nodes.items()}
    for (one, a), (other, b) in combinations(drawing.node_boxes.items(), 2):
        if a.overlaps(b) and not {(one, other), (other, one)} & hosts:
            yield f"{one} overlaps {other}"


def outside_their_lane(drawing: Drawing) -> Iterator[str]:
    placed = {ref.text for lane in drawing.lanes.values() for ref in lane.iter(f"{MODEL}flowNodeRef")}
    yield from (f"{id_} is in no lane" for id_ in drawing.nodes if id_ not in placed)
    for lane, element in drawing.lanes.items():
        for ref in element.iter(f"{MODEL}flowNodeRef"):
            if ref.text in drawing.boxes and not drawing.boxes[lane].holds(drawing.boxes[ref.text]):
                yield f"{ref.text} lies outside lane {lane}"


def lanes_out_of_order(drawing: Drawing) -> Iterator[str]:
    (pool,) = (drawing.boxes[id_] for id_ in drawing.participants)
    lanes = [drawing.boxes[id_] for id_ in drawing.lanes]
    edges = [pool.y, *(lane.bottom for lane in lanes)]
    if edges != [*(lane.y for lane in lanes), pool.bottom] or not all(pool.holds(lane) for lane in lanes):
        yield "the lanes do not fill the pool from top to bottom"


def boundary_events_elsewhere(drawing: Drawing) -> Iterator[str]:
    for id_, element in drawing.nodes.items():
        if _kind(element) == "boundaryEvent":
            host, (x, y) = drawing.boxes[element.get("attachedToRef")], drawing.boxes[id_].centre
            if y != host.bottom or not host.x < x < host.right:
                yield f"{id_} is not on the lower border of its task"


def loose_ends(drawing: Drawing) -> Iterator[str]:
    for id_, points in drawing.routes.items():
        if id_ in drawing.flows:
            for name, point in (("sourceRef", points[0]), ("targetRef", points[-1])):
                node = drawing.flows[id_].get(name)
                if node in drawing.boxes and not _touches(drawing, node, point):
                    yield f"{id_} does not touch {node}"


def _touches(drawing: Drawing, node: str, point: Point) -> bool:
    """Whether the point is on the outline: a rectangle of a task, a rhomb of a gateway, a circle of an event."""
    box, (cx, cy) = drawing.boxes[node], drawing.boxes[node].centre
    across, down = abs(point[0] - cx) / (box.right - cx), abs(point[1] - cy) / (box.bottom - cy)
    kind = _kind(drawing.nodes[node])
    if kind.endswith("Gateway"):
        return isclose(across + down, 1)
    if kind.endswith("Event"):
        return isclose(across**2 + down**2, 1)
    return isclose(max(across, down), 1)


def slanting(drawing: Drawing) -> Iterator[str]:
    for id_, ((x1, y1), (x2, y2)) in drawing.segments():
        if (x1 == x2) == (y1 == y2):
            yield f"{id_} is not drawn in right angles"


def flows_through_shapes(drawing: Drawing) -> Iterator[str]:
    for id_, segment in drawing.segments():
        for node, box in drawing.node_boxes.items():
            if _area(segment).overlaps(box):
                yield f"{id_} runs through {node}"


def flows_on_flows(drawing: Drawing) -> Iterator[str]:
    for (one, a), (other, b) in combinations(drawing.segments(), 2):
        first, second = _area(a), _area(b)
        level = first.y == first.bottom == second.y == second.bottom
        upright = first.x == first.right == second.x == second.right
        if (level and first.x < second.right and second.x < first.right) or (
            upright and first.y < second.bottom and second.y < first.bottom
        ):
            yield f"{one} lies upon {other}"


def unlabelled(drawing: Drawing) -> Iterator[str]:
    for id_, element in {**drawing.nodes, **drawing.flows}.items():
        inside = id_ in drawing.nodes and not _kind(element).endswith(("Event", "Gateway"))
        if element.get("name") and not inside and id_ not in drawing.labels:
            yield f"{id_} has no place for its name"


def hidden_labels(drawing: Drawing) -> Iterator[str]:
    (pool,) = (drawing.boxes[id_] for id_ in drawing.participants)
    for id_, label in drawing.labels.items():
        covers = [node for node, box in drawing.node_boxes.items() if box.overlaps(label)]
        covers += [flow for flow, segment in drawing.segments() if _area(segment).overlaps(label)]
        covers += [other for other, box in drawing.labels.items() if other != id_ and box.overlaps(label)]
        yield from (f"the name of {id_} meets {other}" for other in covers)
        if not pool.holds(label):
            yield f"the name of {id_} lies outside the pool"


RULES: list[Rule] = [
    undrawn,
    overlapping,
    outside_their_lane,
    lanes_out_of_order,
    boundary_events_elsewhere,
    loose_ends,
    slanting,
    flows_through_shapes,
    flows_on_flows,
    unlabelled,
    hidden_labels,
]
