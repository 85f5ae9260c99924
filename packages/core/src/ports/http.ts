/** One request. Nothing is added to it: no cookies, no credentials, no referrer, and redirects are not followed. */
export type HttpRequest = {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** An answer with a longer body counts as none. */
  readonly maxBytes: number;
};

export type HttpResponse = {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | undefined;
  readonly body: Uint8Array;
};

/** HTTP as the platform has it. */
export interface Http {
  /** Resolves to undefined if there was no answer, or not a whole one. Never rejects. */
  request(request: HttpRequest): Promise<HttpResponse | undefined>;
}
