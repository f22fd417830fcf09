// Counts in the menu: asked once a minute, not while the tab is hidden, and no more after the session has ended.
const EVERY_MS = 60_000;

export function watchBadges(root) {
  const [first] = root.querySelectorAll("[data-count-url]");
  if (!first) return;
  const url = first.dataset.countUrl;
  let timer = null;

  const ask = async () => {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" }).catch(() => null);
    if (answer && [401, 403, 404].includes(answer.status)) return stop();
    if (answer?.ok) update(root, await answer.json());
  };
  const start = () => (timer ??= setInterval(ask, EVERY_MS));
  const stop = () => {
    clearInterval(timer);
    timer = null;
  };
  document.addEventListener("visibilitychange", () => {
    stop();
    if (!document.hidden) {
      ask();
      start();
    }
  });
  if (!document.hidden) start();
}

// The answer is {"count": 5}. Every badge of the page shows it; a badge at nought is hidden.
function update(root, { count }) {
  root.querySelectorAll("[data-count-url]").forEach((badge) => {
    badge.textContent = String(count);
    badge.hidden = count === 0;
  });
}
