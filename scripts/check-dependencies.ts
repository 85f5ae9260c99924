/**
 * Counts the packages in what we ship, and refuses one whose licence we do not know or that is not in the checked-in
 * list, so that a new one shows in the diff. `npm run dependencies` writes the list anew.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reportFindings } from "./findings.ts";
import { root } from "./workspace.ts";

const LIST = "docs/dependencies.lock.txt";
const MAX_DIRECT = 12;
const MAX_TOTAL = 30;
const LICENCES = new Set(["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "CC0-1.0", "Unlicense"]);
/** Packages that state their licence in a LICENSE file alone, which a person has read. */
const LICENCES_READ: ReadonlyMap<string, string> = new Map([["@journeyapps/wa-sqlite", "MIT"]]);

type LockEntry = {
  readonly license?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
};
/** What one artefact contains: names of packages, those of them that our own package.json files name, and licences. */
type Artefact = { readonly name: string; readonly direct: ReadonlySet<string>; readonly all: ReadonlySet<string> };

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, LockEntry>>;
};
const artefacts = [
  installed("relay", "packages/relay"),
  installed("guard", "packages/guard"),
  installed("cli", "packages/cli"),
  bundled(),
];
const listed = artefacts.map(describe).join("\n");

if (process.argv.includes("--write")) writeFileSync(join(root, LIST), listed);
else reportFindings([...artefacts.flatMap(judge), ...compareWithList()]);

/** What npm installs for one of our packages, through our own packages and everything they need. */
function installed(name: string, folder: string): Artefact {
  const direct = new Set<string>();
  const all = new Set<string>();
  const seen = new Set<string>();
  const waiting = [folder];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const ours = place.startsWith("packages/");
    for (const dependency of Object.keys(lock.packages[place]?.dependencies ?? {})) {
      const found = resolveFrom(place, dependency);
      const entry = lock.packages[found];
      if (entry?.link === true) {
        waiting.push(entry.resolved ?? "");
        continue;
      }
      if (ours) direct.add(dependency);
      all.add(dependency);
      waiting.push(found);
    }
  }
  return { name, direct, all };
}

/** Where Node finds a package that another one asks for: in the nearest node_modules folder upwards. */
function resolveFrom(place: string, dependency: string): string {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const candidate = `${folder === "" ? "" : `${folder}/`}node_modules/${dependency}`;
    if (lock.packages[candidate] !== undefined) return candidate;
    if (folder === "") throw new RangeError(`package-lock.json lacks ${dependency}`);
  }
}

/** What the bundler really put into the page, which it wrote down while it built. */
function bundled(): Artefact {
  const file = join(root, "packages/web/dist-meta.json");
  if (!existsSync(file)) throw new RangeError("packages/web/dist-meta.json is missing: run npm run build");
  const meta = JSON.parse(readFileSync(file, "utf8")) as { readonly packages: Readonly<Record<string, unknown>> };
  const names = Object.keys(meta.packages);
  const named = new Set(
    ["web", "core", "crypto", "protocol"].flatMap((ours) =>
      Object.keys(lock.packages[`packages/${ours}`]?.dependencies ?? {}),
    ),
  );
  const all = new Set(names.filter((name) => !name.startsWith("@stonechat/")));
  return { name: "web", direct: new Set([...all].filter((name) => named.has(name))), all };
}

function licenceOf(name: string): string {
  const places = Object.keys(lock.packages).filter((place) => place.endsWith(`node_modules/${name}`));
  return lock.packages[places[0] ?? ""]?.license ?? LICENCES_READ.get(name) ?? "unknown";
}

function describe({ name, direct, all }: Artefact): string {
  const rows = [...all]
    .sort()
    .map((each) => `  ${direct.has(each) ? "direct  " : "indirect"} ${each} ${licenceOf(each)}`);
  return `${name}: ${direct.size} direct, ${all.size} in all\n${rows.join("\n")}\n`;
}

function judge({ name, direct, all }: Artefact): readonly string[] {
  const findings = [...all]
    .filter((each) => !LICENCES.has(licenceOf(each)))
    .map((each) => `${name}: the licence of ${each} is ${licenceOf(each)}`);
  if (direct.size > MAX_DIRECT) findings.push(`${name}: ${direct.size} direct packages, at most ${MAX_DIRECT}`);
  if (all.size > MAX_TOTAL) findings.push(`${name}: ${all.size} packages, at most ${MAX_TOTAL}`);
  return findings;
}

function compareWithList(): readonly string[] {
  const file = join(root, LIST);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (before === listed) return [];
  const old = new Set(before.split("\n"));
  const now = new Set(listed.split("\n"));
  return [
    ...[...now].filter((line) => !old.has(line)).map((line) => `${LIST} lacks: ${line.trim()}`),
    ...[...old].filter((line) => !now.has(line)).map((line) => `${LIST} has in excess: ${line.trim()}`),
    "if this is meant: npm run dependencies, and a sentence in docs/DEPENDENCIES.md for each new direct one",
  ];
}
