import type { ReactNode } from "react";
import type { DeliveryState } from "@stonechat/core/client-api";
import { describeState } from "./describe.ts";
import css from "./Ticks.module.css";

const RING = "a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2z";

/** How far an own message came: clock, one ring, two rings, two filled rings, or a warning. Named in words. */
export function Ticks({ state }: { readonly state: DeliveryState }): ReactNode {
  if (state === "received") return null;
  return (
    <svg className={css["ticks"]} viewBox="0 0 20 12" role="img" aria-label={describeState(state)} data-state={state}>
      {draw(state)}
    </svg>
  );
}

function draw(state: DeliveryState): ReactNode {
  switch (state) {
    case "waiting":
      return <path d={`M14 1.4${RING}M14 3.6v2.6l1.7 1`} />;
    case "sent":
      return <path d={`M14 1.4${RING}M12 6.1l1.4 1.4 2.5-2.8`} />;
    case "delivered":
      return <path d={`M14 1.4${RING}M12 6.1l1.4 1.4 2.5-2.8M7.6 2.3a4.6 4.6 0 1 0 0 7.4M6 6.1l.9.9`} />;
    case "read":
      return (
        <>
          <path className={css["filled"]} d={`M6.2 1.4${RING}`} />
          <path className={css["front"]} d={`M14 1.4${RING}`} />
          <path className={css["cut"]} d="M12 6.1l1.4 1.4 2.5-2.8" />
        </>
      );
    case "failed":
    case "expired":
      return <path d={`M14 1.4${RING}M14 3.7v2.8M14 8.3h.01`} />;
    case "received":
      return null;
  }
}
