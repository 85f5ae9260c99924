import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONFIG_FIELDS, envName, loadConfig } from "./config.ts";
import { ConfigError } from "@stonechat/serving";

const DATA = { data: "somewhere" };
const load = (flags: Record<string, string | number | boolean>) => loadConfig({ flags: { ...DATA, ...flags } });

test("flags win over the environment, that over the file, and that over the defaults", () => {
  const file = JSON.stringify({ data: "f", retentionDays: 1, logQuotaMib: 2, blobMaxMib: 3 });
  const env = { STONECHAT_RELAY_LOG_QUOTA_MIB: "20", STONECHAT_RELAY_BLOB_MAX_MIB: "30" };
  const config = loadConfig({ file, env, flags: { blobMaxMib: "300" } });
  expect(config).toMatchObject({
    data: "f",
    retentionDays: 1,
    logQuotaMib: 20,
    blobMaxMib: 300,
    commitRetentionDays: 90,
    admission: "code",
  });
});

test("addresses are read with names, IPv4 and IPv6", () => {
  expect(load({ listen: "[::]:8080" }).listen).toEqual({ host: "::", port: 8080 });
  expect(load({ listen: "relay.example:1" }).listen).toEqual({ host: "relay.example", port: 1 });
});

const WRONG: readonly (readonly [field: string, value: string | number | boolean])[] = [
  ["listen", "8080"],
  ["listen", "host:99999"],
  ["listen", "::1:80"],
  ["listen", ""],
  ["publicUrl", "relay.example"],
  ["publicUrl", "https://relay.example/"],
  ["publicUrl", "ftp://relay.example"],
  ["origins", "https://a, b"],
  ["admission", "closed"],
  ["retentionDays", 0],
  ["retentionDays", "1.5"],
  ["retentionDays", "-1"],
  ["retentionDays", "0x10"],
  ["retentionDays", true],
  ["commitRetentionDays", 89],
  ["logQuotaMib", "lots"],
  ["blobMaxMib", 65_537],
  ["trustedProxy", "yes"],
  ["data", ""],
  ["data", "a\0b"],
];

test("every bad value is refused with the field's name and what is allowed, and without the value", () => {
  for (const [field, value] of WRONG) {
    const error = catchError(() => load({ [field]: value }));
    expect(error, `${field}=${String(value)}`).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(new RegExp(`^--${field}: .+ is not allowed here; allowed: .+`));
  }
  const secret = catchError(() => load({ admission: "hunter2-was-meant-for-another-line" }));
  expect(secret.message).not.toContain("hunter2");
});

test("the source of a bad value is named", () => {
  expect(
    catchError(() => loadConfig({ env: { STONECHAT_RELAY_DATA: "d", STONECHAT_RELAY_LISTEN: "x" } })).message,
  ).toMatch(/^STONECHAT_RELAY_LISTEN: /);
  expect(catchError(() => loadConfig({ file: `{"data":"d","listen":7}` })).message).toMatch(/^relay\.json: listen: /);
});

test("unknown settings are refused wherever they stand", () => {
  expect(() => loadConfig({ flags: { ...DATA, lissten: "x" } })).toThrow("--lissten");
  expect(() => loadConfig({ flags: DATA, env: { STONECHAT_RELAY_LISTN: "x" } })).toThrow("STONECHAT_RELAY_LISTN");
  expect(() => loadConfig({ file: `{"data":"d","listn":"x"}` })).toThrow("listn");
  expect(() => loadConfig({ flags: { ...DATA, toString: "x" } })).toThrow(ConfigError);
});

test("a file that is no JSON object is refused without being quoted", () => {
  for (const file of ["", "[]", "null", "7", "{secret"]) {
    expect(catchError(() => loadConfig({ flags: DATA, file })).message).toMatch(/^relay\.json: /);
  }
  expect(catchError(() => loadConfig({ flags: DATA, file: "{secret" })).message).not.toContain("secret");
});

test("metrics listen on loopback only", () => {
  expect(load({ metricsListen: "127.0.0.1:9090" }).metricsListen).toEqual({ host: "127.0.0.1", port: 9090 });
  for (const address of ["0.0.0.0:9090", "[::]:9090", "192.0.2.1:9090", "relay.example:9090"]) {
    expect(() => load({ metricsListen: address })).toThrow("metricsListen");
  }
});

test("relays that share a database name it, and have no fronts; others have nothing to share", () => {
  const shared = { store: "postgres", postgres: "postgres://u:p@one:5432,two/relay" };
  expect(load(shared).postgres).toEqual(["postgres://u:p@one:5432/relay", "postgres://u:p@two/relay"]);
  expect(() => load({ store: "postgres" })).toThrow(/^postgres: nothing/);
  expect(() => load({ ...shared, fronts: 2 })).toThrow(/^fronts: /);
  for (const postgres of ["one", "mysql://one/relay", "postgres://", "postgres://one two/x"])
    expect(() => load({ ...shared, postgres }), postgres).toThrow(/^--postgres: this value/);
  const bucket = { s3Url: "https://s3.example/files", s3Region: "eu-1", s3KeyId: "id", s3Secret: "secret" };
  expect(load({ ...shared, ...bucket }).s3Url).toBe("https://s3.example/files");
  expect(() => load({ ...shared, s3Url: "https://s3.example/files" })).toThrow(/^s3Region: nothing/);
  for (const s3Url of ["http://s3.example/files", "https://s3.example", "https://u:p@s3.example/files", "files"])
    expect(() => load({ ...shared, ...bucket, s3Url }), s3Url).toThrow(/^--s3Url: this value/);
  expect(() => load(bucket)).toThrow(/^store: /);
  expect(() => load({ blobFolder: "files" })).toThrow(/^store: /);
});

test("without a data folder there is no configuration", () => {
  expect(() => loadConfig({})).toThrow(/^data: nothing/);
});

test("whatever is given, loading gives a configuration or a ConfigError", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(CONFIG_FIELDS)), fc.jsonValue(), fc.string(), (field, value, text) => {
      for (const sources of [
        { file: JSON.stringify({ ...DATA, [field]: value }) },
        { env: { STONECHAT_RELAY_DATA: "d", [envName(field)]: text } },
      ]) {
        try {
          loadConfig(sources);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }
    }),
  );
});

test("OPERATING.md explains every setting with its environment variable and default", async () => {
  const text = await readFile(new URL("../../../docs/OPERATING.md", import.meta.url), "utf8");
  for (const [name, { allowed }] of Object.entries(CONFIG_FIELDS)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${name}\``));
    expect(row, name).toContain(envName(name));
    expect(row, name).toContain(allowed);
  }
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
