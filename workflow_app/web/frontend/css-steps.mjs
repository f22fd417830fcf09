// Three steps on style sheets: leave out what we do not use, follow the system's theme, take images out.

// Components of Bootstrap for which we have our own, or none. Utilities, grid, text, tables, forms and buttons stay.
const UNUSED = [
  "accordion", "alert", "badge", "breadcrumb", "btn-check", "btn-close", "btn-group", "btn-toolbar", "btn-(?:outline-)?(?:secondary|success|info|warning|light|dark)",
  "btn-outline-(?:primary|danger)", "card", "carousel", "dropdown", "dropup", "dropend", "dropstart", "dropdown-center", "fade", "collapse", "collapsing",
  "form-floating", "form-range", "form-control-color", "form-switch", "icon-link", "input-group", "list-group", "modal", "nav", "navbar", "offcanvas", "page-item", "page-link",
  "pagination", "placeholder", "popover", "progress", "spinner", "tab-content", "tab-pane", "table-(?:primary|secondary|success|info|warning|danger|light|dark|active)",
  "toast", "tooltip", "bs-(?:popover|tooltip)", "was-validated", "is-valid", "is-invalid", "valid-(?:feedback|tooltip)", "invalid-(?:feedback|tooltip)",
  "vr", "ratio", "stretched-link", "link-(?:primary|secondary|success|info|warning|danger|light|dark|body-emphasis)",
  "(?:text-bg|bg|border|text|link-opacity|link-offset|link-underline|focus-ring)-(?:primary|secondary|success|info|warning|danger|light|dark)",
];
const unused = new RegExp(`\\.(?:${UNUSED.join("|")})(?![a-zA-Z])`);

export function withoutUnusedParts(css) {
  return rules(css).map(withoutUnused).join("");
}

function withoutUnused(rule) {
  if (rule.head.startsWith("@media")) {
    const inside = rules(rule.body).map(withoutUnused).join("");
    return inside.trim() ? `${rule.head}{${inside}}` : "";
  }
  if (rule.head.startsWith("@keyframes")) return /progress|spinner|placeholder/.test(rule.head) ? "" : rule.text;
  if (rule.body === null || rule.head.startsWith("@")) return rule.text;
  const kept = selectors(rule.head).filter((selector) => !unused.test(selector));
  return kept.length ? `${kept.join(",")}{${rule.body}}` : "";
}

// A dark rule holds on the screen, and again for theme "auto" when the system is dark. Paper is always light.
const DARK = /\[data-bs-theme="?dark"?\]/g;

export function followSystemTheme(css) {
  return rules(css).map(bothThemes).join("");
}

function bothThemes(rule) {
  if (rule.body === null || !rule.text.includes("data-bs-theme")) return rule.text;
  if (rule.head.startsWith("@media")) return `${rule.head}{${rules(rule.body).map(bothThemes).join("")}}`;
  const dark = selectors(rule.head).filter((selector) => selector.search(DARK) >= 0);
  if (!dark.length) return rule.text;
  const rest = selectors(rule.head).filter((selector) => selector.search(DARK) < 0);
  const auto = dark.map((selector) => selector.replace(DARK, "[data-bs-theme=auto]"));
  return (
    (rest.length ? `${rest.join(",")}{${rule.body}}` : "") +
    `@media screen{${dark.join(",")}{${rule.body}}}` +
    `@media screen and (prefers-color-scheme:dark){${auto.join(",")}{${rule.body}}}`
  );
}

// url("data:image/svg+xml,...") -> url("image-<hash>.svg"); returns the new text and the files.
export function dataImagesOut(css, digest) {
  const images = new Map();
  const text = css.replace(/url\((["'])data:image\/svg\+xml(?:;[\w=-]+)?,(.*?)\1\)/g, (_, quote, encoded) => {
    const svg = decodeURIComponent(encoded);
    const name = `image-${digest(Buffer.from(svg))}.svg`;
    images.set(name, svg);
    return `url(${quote}${name}${quote})`;
  });
  return { css: text, images };
}

// Splits a style sheet into its top rules: {head, body, text}; body is null for statements such as @charset.
function rules(css) {
  const found = [];
  for (let at = 0; at < css.length; ) {
    const stop = next(css, at, "{;");
    if (stop >= css.length) break;
    const end = css[stop] === "{" ? closing(css, stop) : stop;
    const head = css.slice(at, stop).replace(/\/\*[^]*?\*\//g, "").trim();
    found.push({ head, body: css[stop] === "{" ? css.slice(stop + 1, end) : null, text: css.slice(at, end + 1) });
    at = end + 1;
  }
  return found;
}

function closing(css, open) {
  let depth = 0;
  for (let at = open; at < css.length; at = next(css, at + 1, "{}")) {
    depth += css[at] === "{" ? 1 : -1;
    if (depth === 0) return at;
  }
  throw new Error(`unbalanced braces after: ${css.slice(open - 60, open)}`);
}

// Position of the next of `marks` outside strings, comments and url(...).
function next(css, from, marks) {
  const token = new RegExp(`"(?:\\\\.|[^"])*"|'(?:\\\\.|[^'])*'|/\\*[^]*?\\*/|url\\([^"')]*\\)|[${marks}]`, "g");
  token.lastIndex = from;
  for (let hit = token.exec(css); hit; hit = token.exec(css)) if (hit[0].length === 1) return hit.index;
  return css.length;
}

function selectors(head) {
  return head.split(/,(?![^(\[]*[)\]])/).map((selector) => selector.trim());
}
