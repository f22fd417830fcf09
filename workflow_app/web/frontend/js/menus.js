// The menus are <details>: they open without a script. This closes them on Escape, outside clicks and when another opens.
export function watchMenus(root) {
  const menus = () => [...root.querySelectorAll("details.gu-drop[open]")];
  const closeOthers = (keep) => menus().forEach((menu) => menu !== keep && (menu.open = false));

  root.addEventListener("click", (event) => closeOthers(event.target.closest("details.gu-drop")));
  root.addEventListener("focusin", (event) => closeOthers(event.target.closest("details.gu-drop")));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const [open] = menus();
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}
