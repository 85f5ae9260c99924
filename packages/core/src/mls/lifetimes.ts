import type { Lifetime } from "ts-mls/lifetime.js";
import { demand } from "./refusal.ts";

/** How far two devices' clocks may differ. */
export const CLOCK_TOLERANCE_MS = 24 * 60 * 60 * 1000;
/** As long as a relay keeps commits: who reads one so late must still be able to follow (DESIGN §6). */
export const CATCH_UP_MS = 90 * CLOCK_TOLERANCE_MS;
/** No KeyPackage lives longer: also the last-resort one is renewed. */
export const MAX_LIFETIME_MS = 400 * CLOCK_TOLERANCE_MS;

/** `Lifetime` counts seconds since 1970 (RFC 9420 §7.2). */
export function toLifetime(lifetime: { readonly notBefore: number; readonly notAfter: number }): Lifetime {
  return { notBefore: toSeconds(lifetime.notBefore), notAfter: toSeconds(lifetime.notAfter) };
}

/** For a KeyPackage that we are about to use: it holds now. @throws MlsError `bad-lifetime`. */
export function requireCurrent(lifetime: Lifetime, now: number): void {
  requireNotFromTheFuture(lifetime, now);
  demand("bad-lifetime", lifetime.notAfter >= toSeconds(now - CLOCK_TOLERANCE_MS));
}

/**
 * For a KeyPackage that another member used, perhaps long ago: it held within the time that commits are kept. A
 * stricter check would lock out a device that reads the commit late. @throws MlsError `bad-lifetime`.
 */
export function requireNotLongExpired(lifetime: Lifetime, now: number): void {
  requireNotFromTheFuture(lifetime, now);
  demand("bad-lifetime", lifetime.notAfter >= toSeconds(now - CATCH_UP_MS - CLOCK_TOLERANCE_MS));
}

/**
 * For a leaf that has been in the group for nobody knows how long: only its beginning and its length say anything, for
 * a member may stay past its KeyPackage's end until it commits. @throws MlsError `bad-lifetime`.
 */
export function requireNotFromTheFuture({ notBefore, notAfter }: Lifetime, now: number): void {
  demand("bad-lifetime", notBefore <= toSeconds(now + CLOCK_TOLERANCE_MS));
  demand("bad-lifetime", notAfter >= notBefore && notAfter - notBefore <= toSeconds(MAX_LIFETIME_MS));
}

function toSeconds(ms: number): bigint {
  return BigInt(Math.max(0, Math.floor(ms / 1000)));
}
