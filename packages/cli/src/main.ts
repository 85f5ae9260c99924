import { createNodeHost } from "./platform/node-host.ts";
import { openNodeCore } from "./platform/open-core.ts";
import { bringBack, openRehearsalDoor, openVaultFolder } from "./platform/vault-folder.ts";
import { run } from "./run.ts";

// Everybody's umask differs; what this program makes is for its user alone.
process.umask(0o077);
const exitCode = await run(
  process.argv.slice(2),
  createNodeHost({ openVaultFolder, openRehearsalDoor, restoreTravel: bringBack, openCore: openNodeCore }),
);
process.exitCode = exitCode;
// A terminal question or a kept-alive connection may still hold the process; everything of worth is closed by now.
process.exit();
