import type { ClientEvent } from "@stonechat/core";
import type { SharedMethod } from "./client-methods.ts";

/** A core that can be called: this process's own, or another process's. */
export interface Backend {
  call(method: SharedMethod | "start", args: readonly unknown[]): Promise<unknown>;
  onEvent(listener: (event: ClientEvent) => void): () => void;
  /**
   * Resolves when the backend will answer no more, for another reason than {@link Backend.close}. `locked`: somebody
   * locked the profile, so nobody takes over.
   */
  readonly gone: Promise<"ended" | "locked">;
  close(): Promise<void>;
}

/** The process that held the profile went away. `begun` says whether the call may have had its effect. */
export class BackendGone extends Error {
  override readonly name = "BackendGone";
  readonly begun: boolean;

  constructor(begun: boolean) {
    super("the process that held the profile went away");
    this.begun = begun;
  }
}
