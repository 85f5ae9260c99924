import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../config.ts";
import { startRelay } from "../start-relay.ts";
import { relayFixture, temporaryFolder } from "../testing/relay-fixture.ts";
import { beginWork } from "./unfinished-work.ts";

type Values = Record<string, string | number | boolean>;

/** A mistake, made in a fresh folder: settings beside a data folder that is as it should be. */
interface Mistake {
  readonly name: string;
  readonly make: (data: string, folder: string) => Promise<Values>;
  readonly said: RegExp;
}

const setting = (name: string, value: string | number | boolean, said: RegExp): Mistake => ({
  name: `${name} ${String(value)}`,
  make: async () => ({ [name]: value }),
  said,
});
const dataFolder = (name: string, prepare: (data: string) => Promise<void>, said: RegExp): Mistake => ({
  name,
  make: async (data) => {
    await mkdir(data, { mode: 0o700 });
    await prepare(data);
    return {};
  },
  said,
});
const guardsFile = (name: string, text: string, said: RegExp): Mistake => ({
  name,
  make: async (_data, folder) => {
    await writeFile(join(folder, "guards.json"), text);
    return { guards: join(folder, "guards.json") };
  },
  said,
});

const MISTAKES: readonly Mistake[] = [
  setting("listen", "8080", /listen: .* allowed: HOST:PORT/),
  setting("publicUrl", "chat.example.org", /publicUrl: .* allowed: https/),
  setting("publicUrl", "ftp://chat.example.org", /publicUrl: .* allowed: https/),
  setting("origins", "*", /origins: .* allowed: a list/),
  setting("admission", "everybody", /admission: .* allowed: open or code/),
  setting("retentionDays", 0, /retentionDays: .* whole number from 1/),
  setting("commitRetentionDays", 30, /commitRetentionDays: .* whole number from 90/),
  setting("maxConnections", "many", /maxConnections: .* whole number/),
  setting("metricsListen", "0.0.0.0:9090", /metricsListen: .* loopback/),
  setting("trustedProxy", "yes", /trustedProxy: .* true or false/),
  setting("retention", 7, /--retention: .* no such setting/),
  {
    name: "a file that is no JSON",
    make: async () => ({ file: "data = /srv" }),
    said: /relay\.json: .* one JSON object/,
  },
  dataFolder(
    "a data folder that others can read",
    async (data) => {
      await writeFile(join(data, "something"), "");
      await chmod(data, 0o750);
    },
    /can be read by others: chmod 700/,
  ),
  {
    name: "a data folder below nothing",
    make: async (data) => ({ data: join(data, "a", "b") }),
    said: /folder above the data folder does not exist/,
  },
  {
    name: "a data folder that is a file",
    make: async (data) => {
      await writeFile(data, "");
      return {};
    },
    said: /not a folder/,
  },
  dataFolder(
    "a database that is none",
    (data) => writeFile(join(data, "relay.sqlite"), "hello ".repeat(999)),
    /not a database/,
  ),
  dataFolder(
    "a restore that was cut off",
    async (data) => {
      beginWork(data, "restore");
    },
    /a restore of the data folder was not finished: run it again/,
  ),
  dataFolder(
    "a conversion that was cut off",
    async (data) => {
      beginWork(data, "conversion");
    },
    /a conversion of the data folder was not finished: run it again/,
  ),
  guardsFile("guards that are no list", "{", /guards/i),
  guardsFile("a threshold of no guards", '{"threshold":1,"guards":[]}', /guards/i),
  {
    name: "a web app that is not there",
    make: async (_data, folder) => ({ webDir: folder }),
    said: /webDir has no index\.html/,
  },
  {
    name: "a port that is taken",
    make: async () => ({ listen: new URL((await relayFixture()).url).host }),
    said: /EADDRINUSE/,
  },
];

test.each(MISTAKES)("no start, and one line that says why: $name", async ({ make, said }) => {
  const folder = await temporaryFolder();
  const data = join(folder, "data");
  const made = await make(data, folder);
  const start = async (): Promise<void> => {
    const flags = { data, listen: "127.0.0.1:0", reserveMib: 1 };
    const { file, ...more } = made;
    const sources = typeof file === "string" ? { file } : {};
    const config = loadConfig({ ...sources, flags: { ...flags, ...more } });
    const relay = await startRelay(config, { log: () => undefined });
    onTestFinished(() => relay.close());
  };
  const error: unknown = await start().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error; // just looked at
  expect(message).toMatch(said);
  expect(message).not.toMatch(/\n/);
});

test("there are twenty of them at least", () => {
  expect(MISTAKES.length).toBeGreaterThanOrEqual(20);
});
