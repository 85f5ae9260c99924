/** Codes of refusals over HTTP. Public and stable, like those of the socket. */
export type ProblemCode =
  | "unknown"
  | "not-found"
  | "malformed"
  | "not-admitted"
  | "exists"
  | "too-large"
  | "full"
  | "storage-full"
  | "wrong-offset"
  | "bad-range"
  | "busy"
  | "foreign-origin"
  | "guard-unreachable"
  | "internal";

/** A refusal: status, and a JSON body with the code alone. */
export function problem(status: number, code: ProblemCode, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify({ code }), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}
