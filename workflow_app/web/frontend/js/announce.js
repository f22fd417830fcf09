// The live region of layout.html: `#thong-bao`, role="status". Its data-* attributes hold the sentences in the page's language.
export function region() {
  return document.getElementById("thong-bao");
}

export function sentence(name) {
  return region()?.dataset[name] ?? "";
}

// One message with an icon. `tone` is one of done, now, soon, stop, gold; `link` is {href, label, newTab}.
export function announce(text, { tone = "soon", link = null } = {}) {
  const place = region();
  if (!place || !text) return null;
  const note = document.createElement("div");
  note.className = `gu-note t-${tone}`;
  const body = document.createElement("div");
  const line = document.createElement("p");
  line.textContent = text;
  if (link) line.append(" ", anchor(link));
  body.append(line);
  const icon = place.querySelector("template")?.content.firstElementChild;
  if (icon) note.append(icon.cloneNode(true));
  note.append(body);
  show(note);
  return note;
}

// A new message replaces the old one and is brought into view, but focus stays with the person's work.
export function show(node) {
  const place = region();
  if (!place) return;
  place.querySelectorAll(".gu-note").forEach((old) => old.remove());
  place.append(node);
  place.scrollIntoView({ block: "nearest" });
}

function anchor({ href, label, newTab }) {
  const a = document.createElement("a");
  a.href = href;
  a.textContent = label;
  if (newTab) {
    a.target = "_blank";
    a.rel = "noopener";
  }
  return a;
}
