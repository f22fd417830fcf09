// Theme and text size act at once on the appearance page. The server reads the same cookies and sets the same attributes on
// <html>, so that the next page comes without a flash.
const YEAR_S = 365 * 24 * 3600;
const ATTRIBUTES = { theme: "data-bs-theme", text_size: "data-text" };

export function watchAppearance(root) {
  root.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-appearance]");
    const attribute = ATTRIBUTES[event.target.name];
    if (!form || !attribute) return;
    document.documentElement.setAttribute(attribute, event.target.value);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${event.target.name}=${event.target.value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
  });
}
