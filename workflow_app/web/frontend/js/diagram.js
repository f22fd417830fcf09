// The process diagram. The list of steps on the same page says the same in words; this is an extra.
//
// <div class="gu-diagram" data-diagram data-xml="URL" data-marks="URL"> ; marks:
// {"elements": {"<element id>": {"state": "done|active|cancelled|error", "count": "12/14" | null, "title": "..."}},
//  "flows": ["<id of a sequence flow that was taken>"]}
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const OVERVIEW = 0.5; // below this the boxes of the whole diagram cannot be told apart
const GAP = 16; // px between the diagram and its frame
const MARK = 40; // px below the diagram for the mark of bpmn.io
const STATES = new Set(["done", "active", "cancelled", "error"]);

document.querySelectorAll("[data-diagram]").forEach((box) => {
  const folded = box.closest("details");
  if (!folded || folded.open) return void draw(box);
  folded.addEventListener("toggle", () => draw(box), { once: true });
});

async function draw(box) {
  const viewer = new NavigatedViewer({
    container: box,
    bpmnRenderer: {
      defaultFillColor: "var(--gu-sheet)",
      defaultStrokeColor: "var(--gu-edge)",
      defaultLabelColor: "var(--gu-ink)",
    },
  });
  try {
    const [xml, marks] = await Promise.all([text(box.dataset.xml), json(box.dataset.marks)]);
    await viewer.importXML(xml);
    mark(viewer, marks);
  } catch (error) {
    console.warn("diagram:", error); // best effort: the steps above say the same
    return fail(box, viewer);
  }
  show(box, viewer);
  tools(box, viewer);
}

// The whole diagram when its boxes can still be told apart; else, as on a phone, all its lanes around what is being done now, or the start.
function show(box, viewer) {
  const canvas = viewer.get("canvas");
  canvas.resized(); // the frame may have been folded away when the viewer measured it
  const whole = scaleOf(box, canvas);
  if (whole >= OVERVIEW) return fit(box, canvas);
  box.style.height = "";
  canvas.resized();
  const { height } = canvas.viewbox().inner;
  const now = active(viewer) ?? startOf(viewer);
  place(canvas, Math.min(1, (box.clientHeight - 2 * GAP - MARK) / height), centreOf(canvas, now));
}

// Everything at once; the frame takes the height of what it shows.
function fit(box, canvas) {
  const scale = scaleOf(box, canvas);
  box.style.height = `${Math.round(canvas.viewbox().inner.height * scale + 2 * GAP + MARK)}px`;
  canvas.resized();
  place(canvas, scale, centreOf(canvas));
}

// What is being done now, at the size it was drawn.
function showNow(canvas, element) {
  place(canvas, 1, centreOf(canvas, element));
}

function scaleOf(box, canvas) {
  const { width, height } = canvas.viewbox().inner;
  return Math.min(1, (box.clientWidth - 2 * GAP) / width, (window.innerHeight * 0.8 - 2 * GAP - MARK) / height);
}

const active = (viewer) => viewer.get("elementRegistry").find((element) => viewer.get("canvas").hasMarker(element, "wf-active"));

const startOf = (viewer) => viewer.get("elementRegistry").find((element) => element.type === "bpmn:StartEvent");

function centreOf(canvas, { x, y, width, height } = canvas.viewbox().inner) {
  return { x: x + width / 2, y: y + height / 2 };
}

// The point comes to the middle, as far as no emptiness beyond the diagram comes into the frame.
function place(canvas, scale, point) {
  const { inner, outer } = canvas.viewbox();
  const width = outer.width / scale;
  const height = outer.height / scale;
  const gap = GAP / scale;
  const x = within(point.x - width / 2, inner.x - gap, inner.x + inner.width + gap - width);
  const last = inner.y + inner.height + gap + MARK / scale - height;
  const y = Math.max(inner.y - gap, Math.min(point.y - height / 2, last));
  canvas.viewbox({ x, y, width, height });
}

// Between the two; in the middle when there is more room than needed. Downwards the room stays below, for the mark of bpmn.io.
function within(value, least, most) {
  return least > most ? (least + most) / 2 : Math.min(Math.max(value, least), most);
}

function mark(viewer, { elements = {}, flows = [] }) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const [id, state] of Object.entries(elements)) {
    if (!registry.get(id) || !STATES.has(state.state)) continue;
    canvas.addMarker(id, `wf-${state.state}`);
    if (state.count) overlays.add(id, { position: { top: -12, right: 24 }, html: badge(state) });
  }
  flows.filter((id) => registry.get(id)).forEach((id) => canvas.addMarker(id, "wf-taken"));
}

function badge({ state, count, title }) {
  const node = document.createElement("div");
  node.className = `gu-mark is-${state}`;
  node.textContent = count;
  if (title) node.title = title;
  return node;
}

// Zoom buttons stand in a <template> of the page, so that their words are translated there.
function tools(box, viewer) {
  const template = box.parentElement.querySelector("template[data-diagram-tools]");
  if (!template) return;
  const canvas = viewer.get("canvas");
  const now = active(viewer);
  const bar = template.content.cloneNode(true);
  const act = {
    in: () => canvas.zoom(canvas.zoom() * 1.25),
    out: () => canvas.zoom(canvas.zoom() / 1.25),
    fit: () => fit(box, canvas),
    now: () => showNow(canvas, now),
  };
  bar.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", act[button.dataset.zoom]));
  if (!now) bar.querySelector('[data-zoom="now"]')?.remove();
  box.before(bar);
}

function fail(box, viewer) {
  viewer.destroy();
  const sorry = box.parentElement.querySelector("[data-diagram-failed]");
  if (sorry) sorry.hidden = false;
  box.hidden = true;
}

async function text(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

async function json(url) {
  return url ? JSON.parse(await text(url)) : {};
}
