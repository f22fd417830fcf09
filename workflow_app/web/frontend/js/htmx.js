// htmx under a strict content policy: no eval, no inline style, no history copy of pages in local storage.
import htmx from "htmx.org/dist/htmx.esm.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // pages hold personal data: they stay out of local storage
  disableInheritance: true, // what an element does stands on the element
  selfRequestsOnly: true,
  timeout: 30000,
  // 422 is the form again with its errors; other refusals are shown by responses.js without losing the page.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

export default htmx;
