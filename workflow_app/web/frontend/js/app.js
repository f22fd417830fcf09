// Every page loads this one bundle. Nothing here is needed to do the work: without it each form is a full-page POST.
import "./htmx.js";
import { watchAppearance } from "./appearance.js";
import { watchBadges } from "./badges.js";
import { watchCopyButtons } from "./copy.js";
import { watchFileChecks } from "./filecheck.js";
import { focusErrorSummary, watchForms } from "./forms.js";
import { watchMenus } from "./menus.js";
import { watchPrintButtons } from "./print.js";
import { watchResponses } from "./responses.js";

watchMenus(document);
watchForms(document);
watchResponses(document);
watchAppearance(document);
watchCopyButtons(document);
watchFileChecks(document);
watchBadges(document);
watchPrintButtons(document);
focusErrorSummary(document);
