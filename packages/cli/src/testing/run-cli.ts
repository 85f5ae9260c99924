import { run } from "../run.ts";
import { FakeHost, type FakeHostSettings } from "./fake-host.ts";

/** What a command line came to. */
export interface Finished {
  readonly host: FakeHost;
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process and waits for its end. */
export async function runCli(argv: readonly string[], settings: FakeHostSettings): Promise<Finished> {
  const host = new FakeHost(settings);
  const exitCode = await run(["--home", settings.home, ...argv], host);
  return { host, exitCode, out: host.out, err: host.err };
}
