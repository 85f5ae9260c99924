import { join } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { expect, it } from "vitest";
import { root } from "./workspace.ts";

/** The rules proper, without those that need types: the planted files are in no project. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, name: "planted", files: ["**/planted.ts"] }],
});

const GLOBALS = "no-restricted-globals";
const PROPERTIES = "no-restricted-properties";
const SYNTAX = "no-restricted-syntax";
const PLANTED = [
  ["core", "crypto.getRandomValues(bytes);", GLOBALS],
  ["core", "globalThis.crypto.subtle;", PROPERTIES],
  ["relay", "crypto.randomUUID();", GLOBALS],
  ["web", "window.crypto.subtle;", PROPERTIES],
  ["core", "Date.now();", PROPERTIES],
  ["protocol", "new Date();", SYNTAX],
  ["crypto", "Math.random();", PROPERTIES],
  ["core", "setTimeout(run, 1);", GLOBALS],
  ["core", "globalThis.fetch(url);", PROPERTIES],
  ["core", "new WebSocket(url);", GLOBALS],
  ["web", "element.innerHTML = text;", SYNTAX],
  ["web", "element.insertAdjacentHTML('beforeend', text);", SYNTAX],
  ["web", "document.write(text);", SYNTAX],
  ["web", "new Function(text);", "no-new-func"],
  ["web", "eval(text);", "no-eval"],
  ["relay", "export default 1;", SYNTAX],
] as const;

it.each(PLANTED)("in %s, %s is refused by %s", async (name, text, rule) => {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: join(root, `packages/${name}/src/planted.ts`) });
  expect(result?.messages.map((message) => message.ruleId)).toContain(rule);
});

it("in crypto, the platform's crypto is allowed", async () => {
  const filePath = join(root, "packages/crypto/src/planted.ts");
  const [result] = await eslint.lintText("crypto.getRandomValues(bytes);\n", { filePath });
  expect(result?.messages).toEqual([]);
});
