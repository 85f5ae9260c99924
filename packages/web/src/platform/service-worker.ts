/**
 * Keeps the app shell (HTML, scripts, styles, icons) for a start without network. It never sees a key or a message, and
 * lets everything else pass untouched: the relay's socket, blobs and API are never cached.
 */
interface WorkerScope {
  readonly location: Location;
  readonly caches: CacheStorage;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { readonly type: "window" }): Promise<readonly WindowClientLike[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(
    type: "install" | "activate",
    listener: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(type: "fetch", listener: (event: FetchEventLike) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationEventLike) => void): void;
}
interface WindowClientLike {
  focus(): Promise<unknown>;
}
interface NotificationEventLike {
  readonly notification: { close(): void };
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEventLike {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope; // the DOM typings know no service worker scope here
/** Filled in by the build: `{version, files}`. */
const shell = readShell("__STONECHAT_SHELL__");
const CACHE_PREFIX = "stonechat-shell-";
const cacheName = `${CACHE_PREFIX}${shell.version}`;
const INDEX = "/";
const FIRST_SERVER_ERROR = 500;
/** What the cover needs is kept whether somebody chose it or not: nothing here tells. */
const UNHASHED = [
  "/manifest.webmanifest",
  "/icons/mark.svg",
  "/icons/app-192.png",
  "/notes.webmanifest",
  "/icons/notes.svg",
  "/icons/notes-192.png",
];

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
});
scope.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (request.mode === "navigate" && url.pathname === INDEX) event.respondWith(networkFirst(request));
  else if (shell.files.includes(url.pathname) || UNHASHED.includes(url.pathname))
    event.respondWith(cacheFirst(request));
});
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showPage());
});

/** Where the notice came from; it says nothing of which conversation. */
async function showPage(): Promise<void> {
  const [page] = await scope.clients.matchAll({ type: "window" });
  await (page === undefined ? scope.clients.openWindow(INDEX) : page.focus());
}

async function install(): Promise<void> {
  const cache = await scope.caches.open(cacheName);
  await cache.addAll([INDEX, ...UNHASHED, ...shell.files].map((path) => new Request(path, { cache: "no-cache" })));
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await scope.caches.keys();
  await Promise.all(
    names
      .filter((name) => name.startsWith(CACHE_PREFIX) && name !== cacheName)
      .map((name) => scope.caches.delete(name)),
  );
  await scope.clients.claim();
}

/**
 * The newest page while the relay answers, else the one that was installed. Only installing writes it: a page always lies
 * in the cache together with the files that it names.
 */
async function networkFirst(request: Request): Promise<Response> {
  const cache = await scope.caches.open(cacheName);
  const kept = await cache.match(INDEX);
  try {
    const response = await fetch(request);
    if (response.status < FIRST_SERVER_ERROR || kept === undefined) return response;
    return kept;
  } catch (error) {
    if (kept === undefined) throw error;
    return kept;
  }
}

async function cacheFirst(request: Request): Promise<Response> {
  const cache = await scope.caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok && response.type === "basic") await cache.put(request, response.clone());
  return response;
}

function readShell(text: string): { readonly version: string; readonly files: readonly string[] } {
  if (!text.startsWith("{")) return { version: "dev", files: [] };
  const { version, files } = JSON.parse(text) as { version: string; files: string[] }; // written by our build
  return { version, files: files.map((file) => `/${file}`) };
}

// Makes this file a module for its test; the build leaves no trace of it.
export {};
