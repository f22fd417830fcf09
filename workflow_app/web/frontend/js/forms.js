// Forms: focus on the error summary, a warning before typed text is lost, one submission per press.
export function focusErrorSummary(root) {
  root.querySelector("[data-error-summary]")?.focus();
}

export function watchForms(root) {
  root.addEventListener("input", (event) => markChanged(event.target.form));
  root.addEventListener("change", (event) => markChanged(event.target.form));
  root.addEventListener("submit", submitted);
  root.addEventListener("htmx:afterSwap", (event) => focusErrorSummary(event.detail.elt));
  window.addEventListener("beforeunload", warn);
  // A page that comes back from the back-forward cache must be usable again.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
}

function markChanged(form) {
  if (form?.hasAttribute("data-guard")) form.dataset.changed = "";
}

function warn(event) {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
}

// A second press of the same button within the request is dropped; the server's op_id makes a repeat harmless anyway.
function submitted(event) {
  const form = event.target;
  if (form.dataset.sent !== undefined && form.method === "post") {
    event.preventDefault();
    return;
  }
  delete form.dataset.changed;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  form.dataset.sent = "";
  event.submitter?.setAttribute("aria-busy", "true");
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll('[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
}
