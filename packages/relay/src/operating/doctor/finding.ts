/** What `relay doctor` looks at. Stable: scripts rely on these words. */
export type CheckName =
  | "node"
  | "environment"
  | "data-folder"
  | "file-system"
  | "free-space"
  | "sync"
  | "open-files"
  | "memory"
  | "clock"
  | "ports"
  | "settings-file"
  | "settings"
  | "backup";

/** One thing that was looked at. What is wrong is one sentence, what to do about it another. */
export type Finding =
  | { readonly check: CheckName; readonly state: "ok"; readonly detail: string }
  | {
      readonly check: CheckName;
      /** `warning`: the relay runs, and something is worse than it could be. `failed`: it will not start, or loses something. */
      readonly state: "warning" | "failed";
      readonly problem: string;
      readonly remedy: string;
    };

export function ok(check: CheckName, detail: string): Finding {
  return { check, state: "ok", detail };
}

export function warning(check: CheckName, problem: string, remedy: string): Finding {
  return { check, state: "warning", problem, remedy };
}

export function failed(check: CheckName, problem: string, remedy: string): Finding {
  return { check, state: "failed", problem, remedy };
}
