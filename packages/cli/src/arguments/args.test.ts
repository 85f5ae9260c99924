import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { COMMANDS } from "../commands/commands.ts";
import { send } from "../commands/send.ts";
import { UsageFailure } from "../failure.ts";
import { optionsOf, parseCommandArgs } from "./args.ts";
import { parseCount, parseDuration } from "./durations.ts";
import { commandHelp } from "./help.ts";

describe("durations", () => {
  test.prop([fc.integer({ min: 1, max: 3660 }), fc.constantFrom("s", "m", "h", "d")])(
    "count in their unit",
    (count, unit) => {
      const millis = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 0;
      expect(parseDuration(`${count}${unit}`, "--for")).toBe(count * millis);
    },
  );

  test.prop([fc.string().filter((text) => !/^[1-9]\d*[smhd]$/.test(text))])("refuse everything else", (text) => {
    expect(() => parseDuration(text, "--for")).toThrow(UsageFailure);
  });

  test.each(["0s", "-1s", "1.5h", "1 h", "1H", "99999d", "1w", "s"])("refuse %s", (text) => {
    expect(() => parseDuration(text, "--for")).toThrow(UsageFailure);
  });

  test("counts are whole and bounded", () => {
    expect(parseCount("10", "--last", 10)).toBe(10);
    for (const text of ["0", "11", "1e3", "", "-1", "0x1"])
      expect(() => parseCount(text, "--last", 10)).toThrow(UsageFailure);
  });
});

describe("arguments", () => {
  test.prop([
    fc.array(fc.oneof(fc.string(), fc.constantFrom("--file", "--json", "-", "--", "--home", "x"))),
    fc.constantFrom(...COMMANDS),
  ])("are read or refused as wrong usage, never anything else", (argv, command) => {
    try {
      expect(parseCommandArgs(command, argv).positionals.every((word) => argv.includes(word))).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageFailure);
    }
  });

  test.prop([fc.string().filter((text) => !text.startsWith("-"))])("a text comes through unchanged", (text) => {
    expect(parseCommandArgs(send, ["Bea", text, "--file", "a", "--file=b"]).positionals).toEqual(["Bea", text]);
  });

  test("a text that looks like an option goes after --", () => {
    expect(parseCommandArgs(send, ["--json", "--", "Bea", "--json"]).positionals).toEqual(["Bea", "--json"]);
    expect(() => parseCommandArgs(send, ["Bea", "--jsn"])).toThrow(UsageFailure);
  });

  test("lists repeat and texts do not", () => {
    expect(parseCommandArgs(send, ["Bea", "--file", "a", "--file", "b"]).list("file")).toEqual(["a", "b"]);
    expect(() => parseCommandArgs(send, ["Bea", "x", "--reply-to", "1", "--reply-to", "2"])).toThrow(UsageFailure);
  });

  test.each(["secret", "password", "pin", "code", "token", "key", "passphrase"])(
    "--%s is refused with the reason, in both spellings",
    (name) => {
      for (const argv of [[`--${name}`, "hunter2"], [`--${name}=hunter2`]]) {
        for (const command of COMMANDS) {
          expect(() => parseCommandArgs(command, argv)).toThrow(/never given as arguments/);
        }
      }
    },
  );

  test("the help names every option and shows every positional", () => {
    for (const command of COMMANDS) {
      const help = commandHelp(command);
      for (const name of Object.keys(optionsOf(command))) expect(help).toContain(`--${name}`);
      for (const name of command.positionals) expect(help).toContain(name.replace("?", ""));
    }
  });
});
