import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Notepad } from "../cover/Notepad.tsx";
import { activateLanguage, t } from "../locales/texts.ts";
import { SecretEntry } from "./SecretEntry.tsx";

const nothing = (): undefined => undefined;

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await activateLanguage("en");
  vi.unstubAllGlobals();
});

function inputOf(markup: string): string {
  return /<input[^>]*>/.exec(markup)?.[0] ?? "";
}

describe("the field for a secret", () => {
  const draw = (mode: "pin" | "passphrase"): string =>
    renderToStaticMarkup(<SecretEntry mode={mode} action="Unlock" error={undefined} busy={false} onSecret={nothing} />);

  test.each(["pin", "passphrase"] as const)(
    "for a %s shows and tells nobody what is typed, and nothing keeps it",
    (mode) => {
      const input = inputOf(draw(mode));
      expect(input).toContain('type="password"');
      expect(input).toContain('autoComplete="one-time-code"');
      expect(input).toContain('spellCheck="false"');
      expect(input).toContain('value=""');
      expect(draw(mode)).toMatch(/<form[^>]*autoComplete="off"/);
    },
  );

  test("brings up digits for a PIN and letters for a passphrase", () => {
    expect(inputOf(draw("pin"))).toContain('inputMode="numeric"');
    expect(inputOf(draw("passphrase"))).toContain('inputMode="text"');
  });

  test("has no name under which a browser would keep it", () => {
    expect(inputOf(draw("pin"))).not.toMatch(/\sname="/);
  });

  test("offers shuffled digits for a PIN only", () => {
    expect(draw("pin")).toContain(t("lock.use-keypad"));
    expect(draw("passphrase")).not.toContain(t("lock.use-keypad"));
  });
});

describe("the notepad of the cover", () => {
  test("says nothing that tells what it covers", () => {
    const page = renderToStaticMarkup(<Notepad onTry={() => false} onReveal={nothing} />);
    expect(page).toContain(t("notes.title"));
    expect(page.toLowerCase()).not.toMatch(/stonechat|pin|passphrase|unlock|vault|password/);
  });
});
