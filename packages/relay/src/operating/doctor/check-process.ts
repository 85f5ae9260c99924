import { failed, ok, warning, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const NODE_MAJOR = 24;
const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/** Node, and what the environment would make of it. */
export function checkProcess({ nodeVersion, env }: Machine): readonly Finding[] {
  const found: Finding[] = [];
  const fits = Number(nodeVersion.split(".")[0]) >= NODE_MAJOR;
  found.push(
    fits
      ? ok("node", `version ${nodeVersion}`)
      : failed("node", `Node ${nodeVersion} is too old.`, `Use Node ${String(NODE_MAJOR)}; npm ci brings it.`),
  );
  const options = env["NODE_OPTIONS"] ?? "";
  if (/--inspect/.test(options))
    found.push(
      failed(
        "environment",
        "NODE_OPTIONS opens Node's debugger, through which anybody on this machine becomes the relay.",
        "Take --inspect out of NODE_OPTIONS.",
      ),
    );
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
    found.push(
      failed(
        "environment",
        "NODE_TLS_REJECT_UNAUTHORIZED is 0: databases, storage and guards could be anybody.",
        "Unset it, and name your own authority with NODE_EXTRA_CA_CERTS.",
      ),
    );
  if (PROXY_VARIABLES.some((name) => (env[name] ?? "") !== "") && env["NODE_USE_ENV_PROXY"] === "1")
    found.push(
      warning(
        "environment",
        "Node is told to use a proxy, which then sees which guards and storage this relay talks to.",
        "Unset NODE_USE_ENV_PROXY unless that proxy is yours.",
      ),
    );
  return found;
}
