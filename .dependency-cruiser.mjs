/**
 * Imports go one way: `crypto`, `protocol` ← `core` ← `web`, `cli`; and `crypto/issuer`, `protocol` ← `relay`;
 * `crypto/guard`, `protocol` ← `guard`. The relay never imports `core`, so no code that decrypts can reach the server.
 */
import { readdirSync, readFileSync } from "node:fs";

const TEST = "\\.test\\.tsx?$|^packages/(testkit|sim)/|^packages/[^/]+/src/testing/|^e2e/|^bench/|^scripts/";
/** What runs in Node to build the page. */
const BUILD = "^packages/web/(build/|scripts/|vite\\.config\\.ts$)";
const packageOf = (names) => `^packages/(${names})/`;

/** @param {string} from @param {string} allowed - packages of ours that `from` may import, as a pattern */
const mayImportOnly = (from, allowed) => ({
  name: `${from}-imports`,
  comment: `${from} may import of our packages: ${allowed.replaceAll("|", ", ") || "none"}.`,
  severity: "error",
  from: { path: packageOf(from), pathNot: TEST },
  to: { path: "^packages/", pathNot: packageOf([from, ...(allowed === "" ? [] : [allowed])].join("|")) },
});

/** A library, by its folder in node_modules, that one place alone may import. */
const onlyIn = (name, library, place, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: "^packages/", pathNot: `${place}|${TEST}` },
  // A file's address is no import of its code.
  to: { path: library, pathNot: "\\.wasm$" },
});

/** The files that our packages' `exports` name: the only ways in. */
function entries() {
  const packages = readdirSync("packages", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = packages.flatMap(({ name }) => {
    const { exports = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8"));
    return Object.values(exports).map((file) => `packages/${name}/${file.slice(2)}`);
  });
  return files.map((file) => `^${file.replaceAll(".", "\\.").replace("*", "[^/]+")}$`).join("|");
}

export default {
  forbidden: [
    mayImportOnly("protocol", ""),
    mayImportOnly("crypto", "protocol"),
    mayImportOnly("core", "protocol|crypto"),
    mayImportOnly("serving", "protocol"),
    mayImportOnly("relay", "protocol|crypto|serving"),
    mayImportOnly("guard", "protocol|crypto|serving"),
    mayImportOnly("cli", "protocol|crypto|core|relay|guard|serving"),
    mayImportOnly("web", "protocol|crypto|core"),
    {
      name: "relay-opens-nothing",
      comment: "The relay imports of crypto only what cannot open a ciphertext: @stonechat/crypto/issuer.",
      severity: "error",
      from: { path: packageOf("relay"), pathNot: TEST },
      to: { path: packageOf("crypto"), pathNot: "^packages/crypto/src/issuer\\.ts$" },
    },
    {
      name: "guard-opens-requests-only",
      comment: "The guard imports of crypto only what opens requests to itself: @stonechat/crypto/guard.",
      severity: "error",
      from: { path: packageOf("guard"), pathNot: TEST },
      to: { path: packageOf("crypto"), pathNot: "^packages/crypto/src/guard\\.ts$" },
    },
    {
      name: "portable",
      comment: "protocol, crypto and core run in browsers too: they import nothing of Node.",
      severity: "error",
      from: { path: packageOf("protocol|crypto|core|web"), pathNot: `${TEST}|${BUILD}` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "primitives",
      comment:
        "Only packages/crypto imports cryptographic primitives. The opening of a WebSocket (RFC 6455) wants a SHA-1 that " +
        "protects nothing, and no module of ours shall offer one.",
      severity: "error",
      from: {
        path: "^packages/",
        pathNot: `^packages/crypto/|^packages/relay/src/socket/handshake\\.ts$|${TEST}|${BUILD}`,
      },
      to: { path: "^(node:)?(crypto|webcrypto)$|node_modules/(libsodium|@noble/|@hpke/|@signalapp/)" },
    },
    onlyIn("mls-library", "node_modules/ts-mls/", "^packages/core/src/mls/", "Only core/mls imports the MLS library."),
    onlyIn(
      "storage-library",
      "node_modules/@journeyapps/wa-sqlite/",
      "^packages/core/src/vault/",
      "Only core/vault imports the client's SQLite.",
    ),
    {
      name: "testkit-in-tests-only",
      comment: "Only tests import testkit, the simulator or the tools.",
      severity: "error",
      from: { path: "^packages/", pathNot: TEST },
      to: { path: "^(packages/(testkit|sim)|e2e|bench|scripts)/|node_modules/(vitest|fast-check|@fast-check)/" },
    },
    {
      name: "enter-by-index",
      comment: "Enter another package by its name, through what its package.json exports.",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/([^/]+)/", pathNot: `^packages/$1/|${entries()}` },
    },
    {
      name: "no-relative-entry",
      comment: "Enter another package by its name, not by a path.",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: {
        path: "^packages/",
        pathNot: "^packages/$1/",
        dependencyTypes: ["local"],
        dependencyTypesNot: ["localmodule"],
      },
    },
    {
      name: "no-cycles",
      comment: "No file imports itself through others, types aside.",
      severity: "error",
      from: { path: "^(packages|scripts|e2e|bench)/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      comment: "Every import names something that is there.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "\\?(worker|url|raw)" },
    },
    {
      name: "declared",
      comment: "Every library stands in a package.json, and not among what only tests have if the product uses it.",
      severity: "error",
      from: { path: "^packages/(?!testkit|sim)", pathNot: `${TEST}|${BUILD}` },
      to: {
        dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"],
        dependencyTypesNot: ["type-only"],
        pathNot: "\\.wasm$",
      },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^packages/[^/]+/dist/|bench/results/|\\.css$|\\.json$" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mts", ".mjs", ".js", ".json"],
    },
  },
};
