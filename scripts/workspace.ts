/** The folder of the clone that these tools work on, with a separator-free end. */
export const root: string = import.meta.dirname.replace(/[\\/]scripts$/, "");
