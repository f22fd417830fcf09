// "In": the browser prints without it too; the button appears only with a script.
export function watchPrintButtons(root) {
  root.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}
