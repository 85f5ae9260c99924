import { createRoot } from "react-dom/client";
import "./design/tokens.css";
import "./design/base.css";
import "./design/icons.css";
import { BrokenPage } from "./app/BrokenPage.tsx";
import { Root } from "./app/Root.tsx";
import { startRouter } from "./app/router.ts";
import { applyCover } from "./cover/cover.ts";
import { activateLanguage } from "./locales/texts.ts";
import { takeLink } from "./platform/address-link.ts";
import type { CoreHost } from "./platform/core-host.ts";
import { createWorkerHost } from "./platform/worker-host.ts";
import { readLanguage, readTheme } from "./platform/preferences.ts";
import { registerServiceWorker } from "./platform/register-service-worker.ts";
import { applyTheme } from "./platform/theme.ts";

const link = takeLink();
applyTheme(readTheme());
applyCover();
startRouter();
// A link that is opened in this very tab changes the fragment only. Starting again takes it as any other.
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#i/")) location.reload();
});
const host = await openHost();
await activateLanguage(readLanguage());
const place = document.getElementById("app");
if (place === null) throw new RangeError("index.html has no place for the app");
const root = createRoot(place, {
  onUncaughtError: (error) => {
    reportError(error);
    setTimeout(() => {
      root.render(<BrokenPage />);
    });
  },
});
root.render(<Root host={host} link={link} />);
if (import.meta.env.MODE !== "fixtures") void registerServiceWorker();

/** With `--mode fixtures` the core is a fake one over sample data; a product build holds nothing of it. */
async function openHost(): Promise<CoreHost> {
  if (import.meta.env.MODE === "fixtures") return (await import("./fixtures/fixture-host.ts")).createFixtureHost();
  return createWorkerHost();
}
