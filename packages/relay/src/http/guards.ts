import type { IncomingMessage } from "node:http";
import { SEALED_GUARD_REQUEST_BYTES } from "@stonechat/protocol";
import { prefixOf, TokenBuckets } from "@stonechat/serving";
import type { Clock } from "../clock.ts";
import type { PublishedGuards } from "../guards/guards-file.ts";
import type { PassOn } from "../guards/pass-on.ts";
import { readBody } from "./body.ts";
import { problem } from "./problem.ts";

const OCTETS = { "content-type": "application/octet-stream" };
const BURST_SECONDS = 4;
const SWEEP_EVERY = 1000;

/** What the routes of guards are made of. */
export interface GuardRouteParts {
  readonly guards: PublishedGuards;
  readonly passOn: PassOn;
  readonly clock: Clock;
  readonly requestsPerSecondPerPrefix: number;
  readonly addressOf: (request: IncomingMessage) => string;
}

/** `GET /v1/guards` and `POST /v1/guards/{id}`. Source: PROTOCOL.md, "Guards". */
export interface GuardHandlers {
  /** Replies: 200. */
  list(): Response;
  /** Replies: 200, 400 `malformed`, 404 `not-found`, 429 `busy`, 502 `guard-unreachable`. */
  pass(id: string, request: Request, incoming: IncomingMessage | undefined): Promise<Response>;
}

export function createGuardHandlers(parts: GuardRouteParts): GuardHandlers {
  const { guards, passOn, clock, requestsPerSecondPerPrefix: rate } = parts;
  const buckets = new TokenBuckets(rate * BURST_SECONDS, rate);
  let sinceSweep = 0;
  const admits = (prefix: string): boolean => {
    const now = clock.now();
    sinceSweep = (sinceSweep + 1) % SWEEP_EVERY;
    if (sinceSweep === 0) buckets.sweep(now);
    return buckets.take(prefix, now);
  };
  return {
    // A copy, since a response may keep hold of its body.
    list: () => new Response(Uint8Array.from(guards.list), { headers: OCTETS }),
    async pass(id, request, incoming) {
      if (incoming !== undefined && !admits(prefixOf(parts.addressOf(incoming)))) return problem(429, "busy");
      // Nothing but the origins that the operator has listed is ever called.
      const target = guards.targets.get(id);
      if (target === undefined) return problem(404, "not-found");
      const body = await readBody(request, SEALED_GUARD_REQUEST_BYTES);
      if (body?.length !== SEALED_GUARD_REQUEST_BYTES) return problem(400, "malformed");
      const reply = await passOn(target, body);
      return reply === undefined
        ? problem(502, "guard-unreachable")
        : new Response(Uint8Array.from(reply), { headers: OCTETS });
    },
  };
}
