import coreWorkerUrl from "./core-worker.ts?worker&url";

/** Trusted Types' names, where the browser has them. */
interface ScriptUrlPolicy {
  createScriptURL(url: string): unknown;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
}

const SERVICE_WORKER_URL = "/service-worker.js";
const ALLOWED: ReadonlySet<string> = new Set([coreWorkerUrl, SERVICE_WORKER_URL]);

/** The page's only Trusted Types policy. It lets through exactly two script URLs, both ours. */
const policy: ScriptUrlPolicy = createPolicy();

/** For `new Worker`. The type is what the DOM's typings ask for; at run time it may be a TrustedScriptURL. */
export function coreWorkerScript(): string {
  return policy.createScriptURL(coreWorkerUrl) as string;
}

/** For `navigator.serviceWorker.register`. */
export function serviceWorkerScript(): string {
  return policy.createScriptURL(SERVICE_WORKER_URL) as string;
}

function createPolicy(): ScriptUrlPolicy {
  const rules = {
    createScriptURL: (url: string): string => {
      if (!ALLOWED.has(url)) throw new TypeError("script URL refused");
      return url;
    },
  };
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory?.createPolicy("stonechat", rules) ?? rules;
}
