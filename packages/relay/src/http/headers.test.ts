import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RawSocket } from "../testing/raw-socket.ts";
import { relayFixture, temporaryFolder } from "../testing/relay-fixture.ts";
import { ROUTES } from "./routes.ts";
import { SECURITY_HEADERS } from "@stonechat/serving";

async function webDir(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html>");
  await writeFile(join(folder, "sw.js"), "self;");
  await writeFile(join(folder, "assets", "main-Ab3dEf9h.js"), "plain");
  await writeFile(join(folder, "assets", "main-Ab3dEf9h.js.br"), "brotli");
  return folder;
}

function expectHeaders(headers: Headers, what: string): void {
  for (const [name, value] of SECURITY_HEADERS) expect(headers.get(name), `${what}: ${name}`).toBe(value);
  for (const name of ["server", "x-powered-by", "set-cookie", "access-control-allow-origin"]) {
    expect(headers.get(name), `${what}: ${name}`).toBeNull();
  }
}

test("every route, every kind of error and every file carries the security headers and no banner", async () => {
  const { url } = await relayFixture({ webDir: await webDir() });
  const blob = "A".repeat(43);
  const paths = [
    ...ROUTES.map(({ method, path }) => [method, path.replace(":id", blob).replace("/*", "/")] as const),
    ...ROUTES.map(({ path }) => ["OPTIONS", path.replace(":id", blob)] as const),
    ["GET", "/nothing"],
    ["PUT", "/healthz"],
    ["GET", "/sw.js"],
    ["GET", "/assets/main-Ab3dEf9h.js"],
    ["HEAD", "/"],
    ["GET", "/v1/socket"],
    ["GET", "/%2e%2e/secret"],
    ["GET", "/assets"],
    ["PROPFIND", "/"],
    ["GET", "//evil.example"],
  ] as const;
  for (const [method, path] of paths) {
    const response = await fetch(url + path, { method, redirect: "manual" });
    expectHeaders(response.headers, `${method} ${path}`);
    expect(response.headers.get("cache-control"), path).not.toBeNull();
    await response.arrayBuffer();
  }
  expectHeaders((await fetch(url, { headers: { origin: "https://evil.example" } })).headers, "foreign origin");
});

test("the policy says what the page may do, and no more", () => {
  const policy = new Map(SECURITY_HEADERS).get("content-security-policy") ?? "";
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https:|data:/);
  for (const part of [
    "default-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types stonechat",
  ]) {
    expect(policy.split("; ")).toContain(part);
  }
});

test("HTTP that never becomes a request is answered with the same headers", async () => {
  const { url } = await relayFixture();
  for (const request of [
    "NONSENSE\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
  ]) {
    const answer = await new RawSocket(url).talk(request);
    expect(answer).toMatch(/^HTTP\/1.1 4/);
    for (const [name, value] of SECURITY_HEADERS)
      expect(answer.toLowerCase()).toContain(`${name}: ${value}`.toLowerCase());
  }
});

test("hashed files are cached for ever, the page and its worker never, and compressed copies go to who takes them", async () => {
  const { url } = await relayFixture({ webDir: await webDir() });
  const asset = `${url}/assets/main-Ab3dEf9h.js`;
  const compressed = await new RawSocket(url).talk(
    "GET /assets/main-Ab3dEf9h.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n",
  );
  expect(compressed).toMatch(/content-encoding: br/i);
  expect(compressed).toMatch(/brotli$/);
  const plain = await fetch(asset, { headers: { "accept-encoding": "identity" } });
  expect(await plain.text()).toBe("plain");
  expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  for (const path of ["/", "/index.html", "/sw.js"]) {
    expect((await fetch(url + path)).headers.get("cache-control"), path).toBe("no-cache");
  }
  for (const unwanted of ["br;q=0", "br;q=0.0", "br; q=0.000, gzip", "*;q=0"]) {
    const answer = await new RawSocket(url).talk(
      `GET /assets/main-Ab3dEf9h.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${unwanted}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer, unwanted).toMatch(/plain$/);
  }
  const etag = plain.headers.get("etag") ?? "";
  expect((await fetch(asset, { headers: { "if-none-match": etag, "accept-encoding": "identity" } })).status).toBe(304);
});

test("no path leads out of the app's folder", async () => {
  const folder = await webDir();
  await writeFile(join(folder, "..", "outside.txt"), "outside").catch(() => undefined);
  const { url } = await relayFixture({ webDir: folder });
  for (const path of [
    "/../outside.txt",
    "/..%2foutside.txt",
    "/assets/..%5c..%5coutside.txt",
    "/%00",
    "/.%2e/outside.txt",
  ]) {
    const answer = await new RawSocket(url).talk(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer, path).not.toContain("outside");
  }
});
