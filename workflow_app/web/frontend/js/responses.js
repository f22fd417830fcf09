// What the page does when a request of htmx is refused: the sentence comes to the reader, the typed text stays.
import { announce, sentence, show } from "./announce.js";

export function watchResponses(root) {
  root.addEventListener("htmx:responseError", (event) => refused(event.detail.xhr));
  root.addEventListener("htmx:sendError", () => announce(sentence("offline"), { tone: "soon" }));
  root.addEventListener("htmx:timeout", () => announce(sentence("offline"), { tone: "soon" }));
  // A page from the back-forward cache may hold the token of a session that has ended meanwhile.
  window.addEventListener("pageshow", (event) => event.persisted && renewToken());
}

function refused(xhr) {
  if (xhr.status === 401) return signInElsewhere();
  const told = told_by(xhr);
  if (told) return show(told);
  return announce(sentence(`code${xhr.status}`) || sentence("failed"), { tone: xhr.status >= 500 ? "soon" : "stop" });
}

// Error pages carry their message as one element with data-notice; the same page serves people with and without scripts.
function told_by(xhr) {
  const page = new DOMParser().parseFromString(xhr.responseText ?? "", "text/html");
  const told = page.querySelector("[data-notice]");
  return told ? document.adoptNode(told) : null;
}

function signInElsewhere() {
  announce(sentence("expired"), {
    tone: "soon",
    link: { href: sentence("loginUrl"), label: sentence("loginLabel"), newTab: true },
  });
  waitForSignIn();
}

function waitForSignIn() {
  window.addEventListener("focus", async () => ((await renewToken()) ? announce(sentence("renewed"), { tone: "done" }) : waitForSignIn()), { once: true });
}

// The forms of this page may hold the token of an ended session: fetch a fresh one. False while nobody is signed in.
async function renewToken() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!token) return false;
  document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
  document.querySelectorAll('input[name="csrf_token"]').forEach((field) => (field.value = token));
  return true;
}
