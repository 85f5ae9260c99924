import { ConfigError, words, type Field } from "@stonechat/serving";
import type { S3Place } from "./s3-blob-bytes.ts";

const ALLOWED = "https://ENDPOINT/BUCKET";
const MAX_CHARS = 200;

/** The settings of S3-compatible storage; all four or none. */
export const S3_FIELDS = {
  s3Url: bucketUrl(),
  s3Region: words(MAX_CHARS),
  s3KeyId: words(MAX_CHARS),
  s3Secret: words(MAX_CHARS),
} as const;

type S3Settings = { readonly [K in keyof typeof S3_FIELDS]: string | undefined };

/** @throws ConfigError when some of the four are set and others are not. */
export function s3PlaceOf({
  s3Url: url,
  s3Region: region,
  s3KeyId: keyId,
  s3Secret: secret,
}: S3Settings): S3Place | undefined {
  const given = { s3Url: url, s3Region: region, s3KeyId: keyId, s3Secret: secret };
  if (url !== undefined && region !== undefined && keyId !== undefined && secret !== undefined)
    return { url, region, keyId, secret };
  if (Object.values(given).every((value) => value === undefined)) return undefined;
  const [missing = "s3Url"] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [name] : []));
  throw new ConfigError(missing, "nothing", "s3Url, s3Region, s3KeyId and s3Secret belong together");
}

/** Plain http is for storage on this machine: signatures do not hide what is stored, which is encrypted anyway. */
function bucketUrl(): Field<string | undefined> {
  return {
    fallback: undefined,
    allowed: ALLOWED,
    parse(value, name) {
      const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
      const plain = url?.username === "" && url.search === "" && url.hash === "" && url.pathname.length > 1;
      const local = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
      if (url === undefined || !plain || !(url.protocol === "https:" || local))
        throw new ConfigError(name, "this value", `allowed: ${ALLOWED}`);
      return url.href;
    },
  };
}
