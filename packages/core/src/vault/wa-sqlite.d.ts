/** The Emscripten loader of SQLite. What it hands out is described in sqlite-module.ts. */
declare module "@journeyapps/wa-sqlite/dist/wa-sqlite.mjs" {
  const createModule: (settings: object) => Promise<unknown>;

  export default createModule;
}
