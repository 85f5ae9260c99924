/** Asks the browser to keep this page's files until the user clears them. Resolves to whether it will. */
export async function askToPersist(): Promise<boolean> {
  try {
    return await navigator.storage.persist();
  } catch {
    return false; // no such promise in this browser
  }
}

/** Whether the browser keeps this page's files until the user clears them. */
export async function isPersistent(): Promise<boolean> {
  try {
    return await navigator.storage.persisted();
  } catch {
    return false; // no such promise in this browser
  }
}
