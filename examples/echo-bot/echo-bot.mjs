/**
 * A bot in one page: it answers every message with the same text, as a reply.
 *
 * It uses nothing of Stonechat but the command line: `stonechat listen --json` tells it what arrives, one JSON object a
 * line, and `stonechat send` answers. Any language that can start a program can do the same.
 *
 *   npx stonechat init --home ./bot --relay https://chat.example.org --name "Echo"
 *   npx stonechat invite --home ./bot          # give the link to somebody
 *   node examples/echo-bot/echo-bot.mjs --home ./bot
 *
 * Stop it with Ctrl-C. A message counts as read once `listen` has printed it; a bot that must lose nothing when it is
 * killed keeps what it has not answered yet.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../packages/cli/bin/stonechat.mjs", import.meta.url));
/** Options of every command, such as `--home DIR`, are passed on. */
const options = process.argv.slice(2);

const listening = spawn(process.execPath, [launcher, "listen", "--json", ...options], {
  stdio: ["ignore", "pipe", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => listening.kill(signal));
listening.on("exit", (code) => {
  process.exitCode = code ?? 1;
});

// One line at a time: an answer is on its way before the next message is looked at, so answers keep their order.
for await (const line of createInterface({ input: listening.stdout })) {
  const event = JSON.parse(line);
  // Other types are reactions, receipts, new contacts …; later versions may add more. A bot ignores what it does not know.
  if (event.type === "contact") console.log(`connected with ${JSON.stringify(event.name)}`);
  if (event.type === "message" && event.text !== "") await answer(event);
}

/** The text goes through standard input: as an argument, other programs on this machine could read it. */
async function answer(message) {
  const argv = [launcher, "send", message.conversation, "-", "--reply-to", message.id, "--json", ...options];
  const sending = spawn(process.execPath, argv, { stdio: ["pipe", "ignore", "inherit"] });
  sending.stdin.end(message.text);
  const [code] = await once(sending, "exit");
  // 4: the relay is out of reach. The answer is queued and goes out by itself.
  if (code !== 0 && code !== 4) console.error(`the answer could not be sent (exit code ${code})`);
}
