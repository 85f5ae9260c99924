import type { VaultStatus } from "@stonechat/core";
import type { CommandContext } from "../arguments/command.ts";
import type { Host } from "../host.ts";
import { findHolder, withVaultDoor } from "../profile/profile-access.ts";
import { folderIsThere } from "../profile/profile-folder.ts";
import type { Check } from "./doctor-check.ts";
import { askHealth } from "./relay-health.ts";

/** The vault as it lies there. `open`: another process has it. `nothing`: not even a folder. */
export type VaultFound = VaultStatus | { readonly type: "open" } | { readonly type: "nothing" };

/** Looks without opening anything, and asks for no secret. */
export async function lookAtVault({ host, profile }: CommandContext): Promise<VaultFound> {
  const { paths } = profile;
  if (!(await folderIsThere(paths.home))) return { type: "nothing" };
  if ((await findHolder(paths)) !== undefined) return { type: "open" };
  return (await withVaultDoor(host, paths, false, (door) => door.status())) ?? { type: "open" };
}

export function vaultCheck(vault: VaultFound): Check {
  switch (vault.type) {
    case "nothing":
    case "absent":
      return { name: "vault", state: "warning", detail: "none yet" };
    case "open":
      return { name: "vault", state: "ok", detail: "open in another stonechat" };
    case "damaged":
      return { name: "vault", state: "failed", detail: "damaged or gone: its files are not what was written" };
    case "locked":
      return vault.mode === "none"
        ? {
            name: "vault",
            state: "warning",
            detail: "whole, but without a secret: whoever holds this disk can read it",
          }
        : { name: "vault", state: "ok", detail: `whole, with a ${vault.mode === "pin" ? "PIN" : "passphrase"}` };
  }
}

/** Whether enough guards answer at their own addresses. Nothing for a vault without guards, or one that cannot be seen. */
export async function guardChecks(host: Host, vault: VaultFound): Promise<readonly Check[]> {
  if (vault.type !== "locked" || vault.guards === undefined) return [];
  const { guards, needed } = vault.guards;
  const answers = await Promise.all(guards.map(({ url }) => askHealth(host, url.replace(/\/$/, ""))));
  const well = answers.filter((answer) => answer?.healthy === true).length;
  const state = well === guards.length ? "ok" : well >= needed ? "warning" : "failed";
  return [
    {
      name: "guards",
      state,
      detail: `${String(well)} of ${String(guards.length)} answer; ${String(needed)} are needed to open the vault`,
    },
  ];
}
