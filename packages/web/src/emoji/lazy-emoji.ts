import { lazy } from "react";

/** The emoji picker in a dialog; its data is loaded when first wanted. */
export const LazyEmojiSheet = lazy(async () => ({ default: (await import("./EmojiSheet.tsx")).EmojiSheet }));
