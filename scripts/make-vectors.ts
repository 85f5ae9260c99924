/** Writes our own test vectors anew: `node scripts/make-vectors.ts`. A changed file is a changed protocol. */
import { mkdirSync, writeFileSync } from "node:fs";
import { toText, VECTOR_FILES, VECTOR_FOLDER } from "./vectors/vector-files.ts";

mkdirSync(VECTOR_FOLDER, { recursive: true });
for (const [name, make] of Object.entries(VECTOR_FILES)) {
  writeFileSync(new URL(name, VECTOR_FOLDER), toText(await make()));
  console.log(`vectors/stonechat/${name}`);
}
