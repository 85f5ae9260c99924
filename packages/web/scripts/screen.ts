import type { Page } from "playwright-core";
import type english from "../src/locales/en.json";

/** Texts of the language that is drawn, to find controls by their names. */
export type Texts = Readonly<Record<keyof typeof english, string>>;

/** One screen in one state: where it is, and what must be done to get there. */
export interface Screen {
  readonly name: string;
  readonly path: string;
  /** It is a page of paper, on which nothing can be used: axe has nothing to look at. */
  readonly printed?: boolean;
  /** Time passes only when `prepare` says so. */
  readonly clock?: boolean;
  readonly prepare?: (page: Page, texts: Texts) => Promise<void>;
}
