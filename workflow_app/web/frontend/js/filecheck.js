// Public verification: the file is hashed in the reader's browser and compared here; nothing is sent.
//
// <div data-file-check data-known='{"<sha256>": "good" | "old"}'> holds an <input type="file">, one element with
// data-result per outcome (good, old, none, failed) which are hidden until needed, and a role="status" around them.
export function watchFileChecks(root) {
  root.querySelectorAll("[data-file-check]").forEach((box) => {
    box.addEventListener("change", (event) => check(box, event.target.files?.[0]));
    box.addEventListener("dragover", (event) => hover(box, event, true));
    box.addEventListener("dragleave", (event) => hover(box, event, false));
    box.addEventListener("drop", (event) => {
      hover(box, event, false);
      check(box, event.dataTransfer.files[0]);
    });
  });
}

function hover(box, event, over) {
  event.preventDefault();
  box.querySelector(".gu-file")?.classList.toggle("is-over", over);
}

async function check(box, file) {
  if (!file) return;
  const known = JSON.parse(box.dataset.known);
  let outcome = "failed"; // no subtle crypto on plain http, or a file that cannot be read
  try {
    outcome = known[await sha256(file)] ?? "none";
  } catch (error) {
    console.warn("file check:", error);
  }
  box.querySelectorAll("[data-result]").forEach((result) => {
    result.hidden = result.dataset.result !== outcome;
    const name = result.querySelector("[data-file-name]");
    if (name) name.textContent = file.name;
  });
}

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
