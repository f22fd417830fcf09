"""Short ways to act on a machine; what is seen of it; every act that is possible."""

from tests.engine import diagrams as d
from workflow_app.engine.compiled import compile_diagram
from workflow_app.engine.machine import Machine


def begin(xml, **data):
    return Machine.start(compile_diagram(xml), data)


def stored(machine):
    """The same machine after a stay in the database."""
    machine.check_alive()
    return Machine.load(machine._compiled, machine.dump())


def task(machine, element):
    return next(each for each in machine.human_tasks() if each.element == element)


def service(machine, element):
    return next(each for each in machine.service_tasks() if each.element == element)


def open_elements(machine):
    return sorted(each.element for each in [*machine.human_tasks(), *machine.service_tasks()])


def line(*parts, **more):
    """start -> the parts' ids -> end."""
    ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in parts]
    return d.process(d.start(), *parts, d.end(), d.chain("start", *ids, "end"), **more)


def picture(machine):
    """All that is seen of a machine, without task ids."""
    return (
        sorted((each.element, each.due) for each in machine.human_tasks()),
        sorted((each.element, each.operation, str(each.params)) for each in machine.service_tasks()),
        sorted((each.element, each.due_at, each.attached_to) for each in machine.timers()),
        sorted((each.element, each.name) for each in machine.waiting_messages()),
        machine.data(), machine.marks(), machine.ended, machine.completed,
        [(each.name, dict(each.payload)) for each in machine.outgoing()],
    )  # fmt: skip


def acts(machine, rng):
    """Every act that is possible now, by words that name it in any copy of the machine."""
    found = [
        ("human", each.element, {"note": rng.choice(["again", "return", "broken", "go", "go", "go"])})
        for each in machine.human_tasks()
    ]
    for each in machine.service_tasks():
        found.append(("service", each.element, {"ok": True}))
        if each.element == "make":
            found.append(("fault", each.element, "E1"))
    found += [("time", each.element, each.due_at) for each in machine.timers()]
    found += [("message", each.name, {"answer": 1}) for each in machine.waiting_messages()]
    return sorted(found, key=str)


def act(machine, kind, name, value):
    match kind:
        case "human":
            machine.complete_human(task(machine, name).id, value)
        case "service":
            machine.complete_service(service(machine, name).id, value)
        case "fault":
            machine.business_fault(service(machine, name).id, value)
        case "time":
            machine.fire_timers(value)
        case "message":
            machine.deliver(name, value)
