// The process diagram. The list of steps on the same page says the same in words; this is an extra.
//
// <div class="gu-diagram" data-diagram data-xml="URL" data-marks="URL"> ; marks:
// {"elements": {"<element id>": {"state": "done|active|cancelled|error", "count": "12/14" | null, "title": "..."}},
//  "flows": ["<id of a sequence flow that was taken>"]}
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const READABLE = 0.75; // below this the words in the boxes are under 9 px
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
  show(viewer);
  tools(box, viewer.get("canvas"));
}

// The whole diagram when it stays readable; else at readable size around what is being done now.
function show(viewer) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() >= READABLE) return;
  const now = viewer.get("elementRegistry").find((element) => canvas.hasMarker(element, "wf-active"));
  canvas.zoom(READABLE, { x: 0, y: 0 });
  if (now) canvas.scrollToElement(now, 160);
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
function tools(box, canvas) {
  const template = box.parentElement.querySelector("template[data-diagram-tools]");
  if (!template) return;
  const bar = template.content.cloneNode(true);
  const act = { in: () => canvas.zoom(canvas.zoom() * 1.25), out: () => canvas.zoom(canvas.zoom() / 1.25), fit: () => canvas.zoom("fit-viewport", "auto") };
  bar.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", act[button.dataset.zoom]));
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
