import { useCallback, useSyncExternalStore } from "react";
import type { Client, ClientEvent } from "@stonechat/core/client-api";
import { ClientError } from "@stonechat/core/client-api";
import { useClient } from "./client-context.ts";

/** What a question to the core gave so far. An old answer stays while a newer one is on its way. */
export interface Live<T> {
  readonly value: T | undefined;
  readonly error: Error | undefined;
}

/** A question to the core that is asked again whenever an event concerns it. */
export interface Question<T> {
  /** The same key means the same question. */
  readonly key: string;
  readonly ask: (client: Client) => Promise<T>;
  readonly concerns: (event: ClientEvent) => boolean;
}

interface Answer {
  readonly question: Question<unknown>;
  readonly listeners: Set<() => void>;
  state: Live<unknown>;
  asking: boolean;
  stale: boolean;
}

const NOTHING: Live<never> = { value: undefined, error: undefined };
const MAX_KEPT = 60;

/** Answers of the core, kept by question, so that screens that come back draw at once. */
export class LiveAnswers {
  readonly #client: Client;
  readonly #answers = new Map<string, Answer>();

  constructor(client: Client) {
    this.#client = client;
    client.onEvent((event) => {
      for (const [key, answer] of this.#answers) {
        if (!answer.question.concerns(event)) continue;
        if (answer.listeners.size === 0) this.#answers.delete(key);
        else this.#ask(answer);
      }
    });
  }

  subscribe(question: Question<unknown>, listener: () => void): () => void {
    const answer = this.#answerTo(question);
    answer.listeners.add(listener);
    this.#ask(answer);
    return () => void answer.listeners.delete(listener);
  }

  peek(question: Question<unknown>): Live<unknown> {
    return this.#answers.get(question.key)?.state ?? NOTHING;
  }

  #answerTo(question: Question<unknown>): Answer {
    const kept = this.#answers.get(question.key);
    if (kept !== undefined) return kept;
    if (this.#answers.size >= MAX_KEPT) this.#dropUnused();
    const answer: Answer = { question, listeners: new Set(), state: NOTHING, asking: false, stale: false };
    this.#answers.set(question.key, answer);
    return answer;
  }

  /** One ask at a time a question; events during it lead to one more. */
  #ask(answer: Answer): void {
    if (answer.asking) {
      answer.stale = true;
      return;
    }
    answer.asking = true;
    answer.stale = false;
    answer.question.ask(this.#client).then(
      (value) => {
        this.#settle(answer, { value, error: undefined });
      },
      (error: unknown) => {
        const reason = error instanceof Error ? error : new ClientError("bad-value");
        this.#settle(answer, { value: undefined, error: reason });
      },
    );
  }

  #settle(answer: Answer, state: Live<unknown>): void {
    answer.asking = false;
    answer.state = state;
    for (const listener of [...answer.listeners]) listener();
    if (answer.stale) this.#ask(answer);
  }

  #dropUnused(): void {
    for (const [key, answer] of this.#answers) if (answer.listeners.size === 0) this.#answers.delete(key);
  }
}

/** The core's current answer to `question`, drawn again when it changes. */
export function useLive<T>(question: Question<T>): Live<T> {
  const { answers } = useClient();
  const { key } = question;
  // The key stands for the question: a new closure with an old key is the same question.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const subscribe = useCallback((listener: () => void) => answers.subscribe(question, listener), [answers, key]);
  return useSyncExternalStore(subscribe, () => answers.peek(question)) as Live<T>; // kept under the question's key
}
