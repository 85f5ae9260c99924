import type { Client } from "../client/core-api.ts";

/** Opens the core on the profile folder `home`. */
export async function openNodeCore(_home: string): Promise<Client> {
  throw new RangeError("the core is not built yet");
}
