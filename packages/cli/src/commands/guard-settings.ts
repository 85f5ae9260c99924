import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { GuardConfig } from "@stonechat/guard";
import type { CommandContext, OptionSpec } from "../arguments/command.ts";
import { refuse, UsageFailure } from "../failure.ts";
import { optionName } from "./option-name.ts";

/** Settings of a guard that can be given as options, by the name that the guard's configuration has for them. */
const GUARD_OPTIONS = {
  data: { kind: "text", value: "DIR", help: "the guard's data folder (required)" },
  listen: { kind: "text", value: "HOST:PORT", help: "where to listen (127.0.0.1:8090)" },
  publicUrl: { kind: "text", value: "URL", help: "the address that relays and people reach it at" },
  name: { kind: "text", value: "NAME", help: "what people see it called" },
  operator: { kind: "text", value: "NAME", help: "who runs it, as people see it" },
  maxRecords: { kind: "text", value: "N", help: "vaults that it guards at most (1000000)" },
  registrationsPerDay: { kind: "text", value: "N", help: "new vaults a day (10000)" },
  registrationsPerDayPerPrefix: { kind: "text", value: "N", help: "the same from one network or relay (1000)" },
  requestsPerSecondPerPrefix: { kind: "text", value: "N", help: "requests a second from one network or relay (200)" },
  metricsListen: { kind: "text", value: "HOST:PORT", help: "serve metrics there, on a loopback address" },
  trustedProxy: { kind: "flag", help: "a proxy of yours stands before the guard and sets X-Forwarded-For" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** The same with the names that options have, and the file that all of them may stand in. */
export const GUARD_COMMAND_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...Object.fromEntries(Object.entries(GUARD_OPTIONS).map(([field, spec]) => [optionName(field), spec])),
  config: { kind: "text", value: "FILE", help: "settings as one JSON object; options and STONECHAT_GUARD_… win" },
};

/** @throws UsageFailure for a wrong option, CliFailure for a wrong setting elsewhere. */
export async function readGuardConfig({ args, host }: CommandContext): Promise<GuardConfig> {
  const { loadGuardConfig } = await import("@stonechat/guard");
  const { ConfigError } = await import("@stonechat/serving");
  const path = args.text("config");
  const file = path === undefined ? undefined : await readFile(resolve(host.cwd, path), "utf8");
  const flags = Object.fromEntries(
    Object.entries(GUARD_OPTIONS).flatMap(([field, spec]) => {
      const option = optionName(field);
      const given = spec.kind === "flag" ? args.flag(option) || undefined : args.text(option);
      return given === undefined ? [] : [[field, given]];
    }),
  );
  try {
    const config = loadGuardConfig({ file, env: host.env, flags });
    return { ...config, data: resolve(host.cwd, config.data) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (error.field === "data") throw new UsageFailure("--data DIR is missing.", { cause: error });
    const message = `${error.message.replace(/^--([A-Za-z]+)/, (_, field: string) => `--${optionName(field)}`)}.`;
    throw error.field.startsWith("--")
      ? new UsageFailure(message, { cause: error })
      : refuse(message, { cause: error });
  }
}
