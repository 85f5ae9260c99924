/** `npm run build`: builds the web app if its sources changed. */
import { buildWeb } from "./build-web.ts";

process.exitCode = (await buildWeb()) ? 0 : 1;
