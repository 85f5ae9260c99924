import { readCovered } from "../platform/preferences.ts";

interface Look {
  readonly title: string;
  readonly manifest: string;
  readonly icon: string;
  readonly touchIcon: string;
}

const OWN: Look = {
  title: "Stonechat",
  manifest: "/manifest.webmanifest",
  icon: "/icons/mark.svg",
  touchIcon: "/icons/touch-180.png",
};
const NOTES: Look = {
  title: "Notes",
  manifest: "/notes.webmanifest",
  icon: "/icons/notes.svg",
  touchIcon: "/icons/notes-180.png",
};

/** Gives the page the name, icon and manifest that it has from outside: an installed app takes them over. */
export function applyCover(covered: boolean = readCovered()): void {
  const look = covered ? NOTES : OWN;
  document.title = look.title;
  for (const [rel, address] of [
    ["manifest", look.manifest],
    ["icon", look.icon],
    ["apple-touch-icon", look.touchIcon],
  ] as const) {
    document.querySelector(`link[rel="${rel}"]`)?.setAttribute("href", address);
  }
}
