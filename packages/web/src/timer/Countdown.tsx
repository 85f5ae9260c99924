import type { ReactNode } from "react";
import type { MessageView } from "@stonechat/core/client-api";
import { formatMoment, formatSpan } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { partLeft } from "./expiry.ts";
import { useNow } from "./use-now.ts";
import css from "./Countdown.module.css";

const STEPS = 24;

/** A small clock beside a message that will disappear: full while it waits to be read, then emptying. */
export function Countdown({ message }: { readonly message: MessageView }): ReactNode {
  const { timerSeconds, expiresAt } = message;
  const now = useNow(expiresAt === undefined ? undefined : ((timerSeconds ?? 0) * 1_000) / STEPS);
  if (timerSeconds === undefined) return null;
  const left = partLeft(message, now);
  const label =
    expiresAt === undefined
      ? t("timer.mark-waits", { time: formatSpan(timerSeconds) })
      : t("timer.mark-runs", { at: formatMoment(expiresAt) });
  const end = 2 * Math.PI * left;
  // Full turns have no arc: a circle that is nearly whole looks the same.
  const x = 6 + 4 * Math.sin(Math.min(end, 6.28));
  const y = 6 - 4 * Math.cos(Math.min(end, 6.28));
  const arc = `M6 6V2A4 4 0 ${end > Math.PI ? "1" : "0"} 1 ${x.toFixed(2)} ${y.toFixed(2)}Z`;
  return (
    <svg className={css["mark"]} viewBox="0 0 12 12" role="img" aria-label={label}>
      <title>{label}</title>
      <circle cx="6" cy="6" r="5.25" />
      <path d={arc} />
    </svg>
  );
}
