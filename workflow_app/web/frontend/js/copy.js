// "Chép": the text stands in a field that a person can also select by hand; the button appears only with a script.
export function watchCopyButtons(root) {
  root.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
  root.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll?.("[data-copy]").forEach((b) => (b.hidden = false)));
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    if (!field) return;
    const done = (await toClipboard(field.value)) || selected(field);
    const status = button.parentElement.querySelector("[data-copied]");
    if (done && status) status.textContent = status.dataset.copied;
  });
}

// Only a page on https or localhost may write to the clipboard.
async function toClipboard(text) {
  if (!navigator.clipboard) return false;
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

function selected(field) {
  field.select();
  return document.execCommand("copy");
}
