import { useMemo, type ReactNode } from "react";
import { encode } from "uqr";
import css from "./QrCode.module.css";

/** `text` as a QR code, always dark on light so that every camera reads it. `label` says what it is for. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { path, size } = useMemo(() => drawQr(text), [text]);
  return (
    <svg
      className={css["code"]}
      viewBox={`0 0 ${String(size)} ${String(size)}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} className={css["paper"]} />
      <path d={path} className={css["ink"]} />
    </svg>
  );
}

function drawQr(text: string): { readonly path: string; readonly size: number } {
  const { data, size } = encode(text, { ecc: "L", boostEcc: true, border: 4 });
  const runs: string[] = [];
  data.forEach((row, y) => {
    let start = -1;
    for (let x = 0; x <= size; x += 1) {
      const dark = row[x] === true;
      if (dark && start < 0) start = x;
      if (!dark && start >= 0) {
        runs.push(`M${String(start)} ${String(y)}h${String(x - start)}v1H${String(start)}z`);
        start = -1;
      }
    }
  });
  return { path: runs.join(""), size };
}
