import type { Random } from "@stonechat/crypto";
import { AttachmentError } from "../attachments/attachment-error.ts";
import { Cancellation } from "../attachments/cancellation.ts";
import { ClientError } from "../client-api.ts";
import type { BlobTransport } from "../ports/blob-transport.ts";
import type { Clock } from "../ports/clock.ts";

/** What moving a vault needs; a restore has no client yet. */
export interface TravelPorts {
  readonly blobs: BlobTransport;
  readonly clock: Clock;
  readonly random: Random;
}

/** Without progress for so long, whoever waits is told that the relay is out of reach. */
const STALL_MS = 120_000;

/** Runs `work` until it is done or nothing has moved for two minutes. `moved` says that something has. */
export async function unlessStalled<T>(
  { clock }: Pick<TravelPorts, "clock">,
  work: (cancellation: Cancellation, moved: () => void) => Promise<T>,
): Promise<T> {
  const cancellation = new Cancellation();
  const wait = (): ReturnType<Clock["setTimer"]> =>
    clock.setTimer(STALL_MS, () => {
      cancellation.cancel();
    });
  let timer = wait();
  try {
    return await work(cancellation, () => {
      timer.cancel();
      timer = wait();
    });
  } catch (error) {
    throw error instanceof AttachmentError ? toClientError(error) : error;
  } finally {
    timer.cancel();
  }
}

function toClientError(error: AttachmentError): ClientError {
  const options = { cause: error };
  switch (error.code) {
    case "cancelled":
      return new ClientError("relay-unreachable", options);
    case "relay-full":
      return new ClientError("storage-full", options);
    case "too-large":
    case "not-admitted":
      return new ClientError(error.code, options);
    case "gone":
      return new ClientError("travel-not-found", options);
    case "damaged":
    case "source-changed":
      return new ClientError("travel-damaged", options);
  }
}
