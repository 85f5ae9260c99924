import { sha256 } from "@stonechat/crypto";
import {
  MAX_URL_BYTES,
  opaque,
  optional,
  struct,
  structure,
  text,
  token,
  TRAVEL_SECRET_BYTES,
  versioned,
  type TokenHash,
} from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { metaValue } from "../recovery/meta.ts";
import { markRemoved } from "../recovery/removed.ts";
import type { Transaction } from "../vault/database.ts";
import type { Journey } from "./prepare-travel.ts";
import { deriveTravel } from "./travel-secrets.ts";

const CLAIM_TTL_SECONDS = 30 * 86_400;
const CLAIM = Uint8Array.of(1);

const journeyRecord = structure(
  "JourneyRecord",
  512,
  versioned(
    1,
    struct({
      secret: opaque(TRAVEL_SECRET_BYTES),
      relayUrl: text(MAX_URL_BYTES),
      /** This copy's own, made when it is first opened; so no two copies have the same. */
      claim: optional(token),
    }),
  ),
);
const journey = metaValue("journey", journeyRecord);

/** Notes in the vault that a copy of it is being made. From now on it must be claimed before anything is sent with it. */
export function noteJourney(tx: Transaction, { secret, relayUrl }: Journey): void {
  journey.save(tx, { secret, relayUrl, claim: undefined });
}

/** Whether there may be another copy of this profile that goes on with it. */
export function isOnJourney(tx: Transaction): boolean {
  return journey.load(tx) !== undefined;
}

/**
 * [Note: One copy goes on]
 *
 * A vault that was uploaded exists twice, and a crash before it was wiped leaves both. If both went on, the same keys
 * and nonces would encrypt different messages. So whichever copy is opened first claims the profile: it makes a random
 * token of its own, stores it, and announces a blob of one byte, whose id both copies know, to be written with that
 * token. The relay lets only one of them write. The other one never sends anything again.
 *
 * @returns `unreachable`: not decided yet; nothing may be sent. `lost`: another copy goes on.
 */
export async function claimProfile(core: CoreContext): Promise<"claimed" | "lost" | "unreachable"> {
  const known = await write(core, (tx) => {
    const stored = journey.load(tx);
    if (stored === undefined) return undefined;
    const claim = stored.claim ?? (core.random.bytes(32) as NonNullable<typeof stored.claim>);
    if (stored.claim === undefined) journey.save(tx, { ...stored, claim });
    return { ...stored, claim };
  });
  if (known === undefined) return "claimed";
  const { relayUrl, claim } = known;
  const { claimId, blobId, writeToken } = deriveTravel(known.secret);
  const announced = await core.blobs.announce(relayUrl, claimId, {
    size: CLAIM.length,
    ttlSeconds: CLAIM_TTL_SECONDS,
    writeHash: sha256(claim) as TokenHash,
    admission: core.account().admission,
  });
  if (announced.type !== "announced" && announced.type !== "exists") return "unreachable";
  const written = await core.blobs.write(relayUrl, claimId, claim, 0, CLAIM);
  switch (written.type) {
    case "unavailable":
    case "busy":
    case "full":
      return "unreachable";
    case "unknown":
      await write(core, (tx, afterwards) => {
        journey.clear(tx);
        markRemoved({ core, tx, afterwards });
      });
      return "lost";
    case "written":
    case "wrong-offset":
    case "too-large":
      // Nobody needs the copy at the relay any more; out of reach, it goes with its time.
      await core.blobs.remove(relayUrl, blobId, writeToken);
      await write(core, (tx) => {
        journey.clear(tx);
      });
      return "claimed";
  }
}
