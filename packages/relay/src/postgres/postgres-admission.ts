import { initCrypto } from "@stonechat/crypto/issuer";
import type { Admission } from "../admission/admission.ts";
import { hashCode, hashTypedCode, newCode, requireTerms, type CodeTerms } from "../admission/code-text.ts";
import { systemClock, type Clock } from "../clock.ts";
import { PostgresLink } from "./postgres-link.ts";

const DAY_MS = 24 * 3600 * 1000;

/** {@link Admission} by codes that all relays over the database share. A use whose answer was lost is used up. */
export function postgresAdmission(link: PostgresLink, clock: Clock): Admission & { close(): void } {
  return {
    kind: "code",
    async admit(code) {
      const rows = await link.once(({ ask }) =>
        ask(
          "UPDATE code SET uses_left = uses_left - 1 WHERE hash = $1::bytea AND uses_left > 0 AND expires_at > $2::bigint RETURNING 1",
          [hashTypedCode(code), clock.now()],
        ),
      );
      return rows.length > 0;
    },
    async refund(code) {
      await link.once(({ ask }) =>
        ask("UPDATE code SET uses_left = uses_left + 1 WHERE hash = $1::bytea", [hashTypedCode(code)]),
      );
    },
    close: () => undefined, // the link belongs to the store
  };
}

/**
 * Makes a code for all relays over a database.
 *
 * @param urls - see {@link parsePostgresUrl}. @returns it; only its hash is kept. @throws what {@link PostgresLink.open} throws.
 */
export async function createSharedAdmissionCode(
  urls: readonly string[],
  terms: CodeTerms,
  clock: Clock = systemClock,
): Promise<string> {
  requireTerms(terms);
  await initCrypto();
  const link = await PostgresLink.open({ urls, log: () => undefined });
  try {
    const code = newCode();
    await link.once(({ ask }) =>
      ask("INSERT INTO code (hash, uses_left, expires_at) VALUES ($1::bytea, $2::int, $3::bigint)", [
        hashCode(code),
        terms.uses,
        clock.now() + terms.days * DAY_MS,
      ]),
    );
    return code;
  } finally {
    await link.close();
  }
}
