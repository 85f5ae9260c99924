import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import type { Language } from "./texts.ts";

/** How the window looks. */
export interface Look {
  readonly width: number;
  readonly theme: "light" | "dark";
  readonly language: Language;
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const USUAL: Look = { width: 1280, theme: "light", language: "en" };
const PHONE_WIDTH = 600;
/** What the browser itself says while the relay is away. */
const ABSENCE =
  /net::ERR_(?:CONNECTION_REFUSED|INTERNET_DISCONNECTED|CONNECTION_RESET|CONNECTION_CLOSED|SOCKET_NOT_CONNECTED)|WebSocket connection to .* failed/;

/** The header names features that only other browsers know; they are refused there. */
const FOREIGN_FEATURE = "Error with Permissions-Policy header: Unrecognized feature";

const open = new Set<Browser>();

/** Takes a picture of every open browser, to see why a test failed. `path` lacks number and ending. */
export async function photographAll(path: string): Promise<void> {
  for (const [index, { page, problems }] of [...open].entries()) {
    await page.screenshot({ path: `${path}-${index}.png` }).catch(() => undefined);
    if (problems.length > 0) console.log(`browser ${index}:`, problems);
  }
}

/** One profile of Chromium, which can be closed and opened again, and what went wrong in it. */
export class Browser {
  /** Errors in the console, reports of the page's policy, requests to strangers: there must be none. */
  readonly problems: string[] = [];
  readonly #folder: string;
  readonly #url: string;
  readonly #look: Look;
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  #relayMayBeAway = false;

  private constructor(folder: string, url: string, look: Look) {
    this.#folder = folder;
    this.#url = url;
    this.#look = look;
  }

  /** A fresh profile below `folder`, at the relay's page or at a link to it. */
  static async open(folder: string, name: string, url: string, look: Partial<Look> = {}): Promise<Browser> {
    const browser = new Browser(join(folder, `browser-${name}`), new URL("/", url).href, { ...USUAL, ...look });
    await browser.open(url);
    return browser;
  }

  /** The profile's folder. */
  get profile(): string {
    return this.#folder;
  }

  get page(): Page {
    if (this.#page === undefined) throw new RangeError("the browser is closed");
    return this.#page;
  }

  get context(): BrowserContext {
    if (this.#context === undefined) throw new RangeError("the browser is closed");
    return this.#context;
  }

  /** Starts Chromium on the profile and opens `address`, by default the relay's page. */
  async open(address = this.#url): Promise<void> {
    const { width, theme, language } = this.#look;
    const context = await chromium.launchPersistentContext(this.#folder, {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      headless: true,
      args: FLAGS,
      viewport: { width, height: width < PHONE_WIDTH ? 844 : 800 },
      colorScheme: theme,
      locale: language === "ar" ? "ar-EG" : "en-GB",
      acceptDownloads: true,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    this.#context = context;
    open.add(this);
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} in ${event.sourceFile}`);
      });
    });
    context.on("request", (request) => {
      this.#checkAddress(request.url());
    });
    context.on("page", (page) => {
      this.#watch(page);
    });
    for (const page of context.pages()) this.#watch(page);
    this.#page = context.pages()[0] ?? (await context.newPage());
    await this.#page.goto(address);
  }

  /** Another tab of the same profile. */
  async openTab(address = this.#url): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(address);
    return page;
  }

  /** Closes Chromium; the profile stays. */
  async close(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    this.#page = undefined;
    open.delete(this);
    await context?.close();
  }

  /** Ends all of Chromium's processes on this profile with `SIGKILL`; the profile stays as it lies there. */
  async kill(): Promise<void> {
    const context = this.context;
    const closed = new Promise<void>((resolve) => {
      context.once("close", () => {
        resolve();
      });
    });
    killProcessesOn(this.#folder);
    await closed;
    await this.close();
  }

  /** While `work` runs the relay may be away: what the browser says of that is no problem. */
  async whileRelayIsAway<T>(work: () => Promise<T>): Promise<T> {
    this.#relayMayBeAway = true;
    try {
      return await work();
    } finally {
      this.#relayMayBeAway = false;
    }
  }

  #watch(page: Page): void {
    page.setDefaultTimeout(30_000);
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      if (message.text().startsWith(FOREIGN_FEATURE)) return;
      if (this.#relayMayBeAway && ABSENCE.test(message.text())) return;
      this.problems.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.problems.push(`page error: ${error.stack ?? error.message}`));
    page.on("websocket", (socket) => {
      this.#checkAddress(socket.url().replace(/^ws/, "http"));
    });
    page.on("crash", () => this.problems.push("the page crashed"));
  }

  #checkAddress(address: string): void {
    const { protocol, origin } = new URL(address);
    if (protocol === "blob:" || origin === new URL(this.#url).origin || address === "about:blank") return;
    this.problems.push(`request to ${address}`);
  }
}

/** Those that name the profile in their command; their children follow. */
function killProcessesOn(profile: string): void {
  const lines = execFileSync("ps", ["-Ao", "pid=,args="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).split(
    "\n",
  );
  for (const line of lines) {
    if (!line.includes(`--user-data-dir=${profile}`)) continue;
    try {
      process.kill(Number.parseInt(line, 10), "SIGKILL");
    } catch {
      // Ended meanwhile.
    }
  }
}
