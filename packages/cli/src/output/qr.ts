import { encode } from "uqr";

const QUIET_MODULES = 2;
const BLOCKS = { "00": " ", "01": "▄", "10": "▀", "11": "█" } as const;

/**
 * A QR code for a terminal, two rows of modules in one line of half blocks.
 *
 * Light modules are drawn and dark ones left empty, which a camera reads on dark terminals; `inverted` is for light ones.
 *
 * @returns Undefined if the text does not fit a code, or the code does not fit `columns`.
 */
export function terminalQr(text: string, columns: number, inverted = false): string | undefined {
  const code = encodeOrUndefined(text);
  if (code === undefined || code.size > columns) return undefined;
  const rows: string[] = [];
  for (let y = 0; y < code.size; y += 2) {
    let row = "";
    for (let x = 0; x < code.size; x += 1) {
      row += BLOCKS[`${bit(code.data, y, x, inverted)}${bit(code.data, y + 1, x, inverted)}`];
    }
    rows.push(row);
  }
  return rows.join("\n");
}

function bit(modules: readonly (readonly boolean[])[], y: number, x: number, inverted: boolean): "0" | "1" {
  const row = modules[y];
  // The last line may have no lower half; it stays the terminal's own colour.
  if (row === undefined) return "0";
  const dark = row[x] === true;
  return dark === inverted ? "1" : "0";
}

function encodeOrUndefined(text: string): { readonly size: number; readonly data: boolean[][] } | undefined {
  try {
    return encode(text, { ecc: "L", border: QUIET_MODULES });
  } catch (error) {
    // The library says so with a RangeError when the text is longer than the largest code.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
