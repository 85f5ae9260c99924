/** What every server of ours stands on: settings, log, HTTP within limits, and a data folder of its own. */
export { ConfigError } from "./settings/config-error.ts";
export * from "./settings/config-fields.ts";
export * from "./settings/read-settings.ts";
export * from "./log.ts";
export { DataFolderError, lockDataFolder, type DataFolderLock } from "./data-folder.ts";
export { createHttpServer, isAmbiguous, listen } from "./http/http-server.ts";
export { rawResponse } from "./http/raw-response.ts";
export { SECURITY_HEADERS } from "./http/security-headers.ts";
export { peerAddress } from "./http/peer-address.ts";
export { prefixOf } from "./limits/address-prefix.ts";
export { TokenBucket, TokenBuckets } from "./limits/token-bucket.ts";
