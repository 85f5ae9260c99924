import { keepNotifying, readCovered, readNotifying } from "./preferences.ts";

/** The one notice there is at a time. */
const TAG = "new";

export function canNotify(): boolean {
  return typeof Notification !== "undefined";
}

/** Whether the user turned notices on and the browser still allows them. An app that passes for a notepad shows none. */
export function mayNotify(): boolean {
  return canNotify() && Notification.permission === "granted" && readNotifying() && !readCovered();
}

/** Asks the browser. Only upon a press: a question that nobody expects is refused for ever. */
export async function askToNotify(): Promise<boolean> {
  const allowed = (await Notification.requestPermission()) === "granted";
  keepNotifying(allowed);
  return allowed;
}

export function stopNotifying(): void {
  keepNotifying(false);
}

/** Shows a notice of the system that says `text` alone. Returns what takes it away. */
export function showNotice(text: string): () => void {
  try {
    const notice = new Notification(text, { tag: TAG, icon: "/icons/app-192.png" });
    notice.addEventListener("click", () => {
      focus();
      notice.close();
    });
    return () => {
      notice.close();
    };
  } catch {
    // Phones allow it to service workers only.
    void showByWorker(text);
    return () => void closeByWorker();
  }
}

async function showByWorker(text: string): Promise<void> {
  const worker = await navigator.serviceWorker.ready;
  await worker.showNotification(text, { tag: TAG, icon: "/icons/app-192.png" });
}

async function closeByWorker(): Promise<void> {
  const worker = await navigator.serviceWorker.ready;
  for (const notice of await worker.getNotifications({ tag: TAG })) notice.close();
}
