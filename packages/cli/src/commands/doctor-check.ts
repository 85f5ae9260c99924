/** One thing that `doctor` looked at. */
export interface Check {
  readonly name: "node" | "profile" | "vault" | "guards" | "account" | "relay" | "clock";
  readonly state: "ok" | "warning" | "failed";
  readonly detail: string;
}
