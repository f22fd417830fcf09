"""The rules of the deploy check, by subject. A rule looks at a View and yields findings; it never raises.

FIRST rules stop the check when they find something, because the others rely on what they found in order.
"""

from workflow_app.engine.lint_rules import data, events, flows, places, shape, times, work

FIRST = (shape.one_process, shape.unique_ids, shape.valid_schema, shape.known_ends)
RULES = (
    shape.process_key,
    shape.executable,
    shape.size,
    shape.allowed_elements,
    shape.one_start_per_scope,
    shape.an_end_per_scope,
    events.allowed_events,
    events.boundaries,
    events.error_ends,
    events.messages,
    events.event_gateways,
    flows.conditions,
    flows.defaults,
    flows.splits,
    flows.one_way,
    flows.reachable,
    flows.able_to_end,
    flows.waiting_cycles,
    places.lanes,
    places.user_tasks,
    places.property_names,
    work.extensions,
    work.service_tasks,
    work.loops,
    work.calls,
    work.call_inputs,
    data.names,
    data.permitted,
    data.choices,
    times.timers,
)
