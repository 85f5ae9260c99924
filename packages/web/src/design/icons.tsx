import type { ReactNode } from "react";

/** Our own icons, 24 units square, drawn in the colour of the text beside them. The control around them has the name. */
const STROKES = {
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  compose: "M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17l-1 3zM14.5 7.5l2.9 2.9",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20c.6-3.6 3.7-5.5 7.5-5.5s6.9 1.9 7.5 5.5",
  personPlus:
    "M10 4.5a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.4zM3 20c.5-3.5 3.4-5.3 7-5.3 2 0 3.8.6 5.1 1.7M18.5 14.5v6M15.5 17.5h6",
  people:
    "M9 5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM2.5 19.5c.4-3.3 3.1-5 6.5-5s6.1 1.7 6.5 5M15.5 5.3a3.3 3.3 0 0 1 0 6.4M18 14.9c2 .7 3.3 2.2 3.5 4.6",
  note: "M6 3.5h8.5L19 8v12.5H6zM14 3.5V8.5h5M9 12.5h7M9 16h5",
  link: "M10 14a4.2 4.2 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1.2 1.2M14 10a4.2 4.2 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1.2-1.2",
  copy: "M9 9h10.5v11H9zM15 9V4.5H4.5v11H9",
  share: "M12 15V4M8 7.5L12 3.5l4 4M6 11H4.5v9.5h15V11H18",
  scan: "M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5M7.5 12h9",
  trash: "M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l.8 14h9.4l.8-14M10 10.5v6M14 10.5v6",
  reply: "M9.5 6L4 11.5 9.5 17M4.5 11.5H14c4 0 6 2.5 6 6.5",
  smile: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM8.5 14c.8 1.4 2 2 3.5 2s2.7-.6 3.5-2M9 9.5h.01M15 9.5h.01",
  clip: "M19.5 11.5l-7.7 7.6a5 5 0 0 1-7-7l8.2-8.2a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.2-7.1",
  send: "M4.5 12L20 4.5 15.5 20l-4-6.5zM11.5 13.5L20 4.5",
  down: "M12 5v14M6 13l6 6 6-6",
  check: "M5 12.5l4.5 4.5L19 7",
  shield: "M12 3.5l7 2.5v5.5c0 4.5-2.9 7.5-7 9-4.1-1.5-7-4.5-7-9V6z",
  shieldCheck: "M12 3.5l7 2.5v5.5c0 4.5-2.9 7.5-7 9-4.1-1.5-7-4.5-7-9V6zM8.8 12l2.4 2.4 4.2-4.4",
  warning: "M12 4L2.8 20h18.4zM12 10v4.5M12 17.3h.01",
  info: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 11v5.5M12 7.8h.01",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
  file: "M6.5 3.5H14L18.5 8v12.5h-12zM13.5 3.5v5h5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5v4.5H15",
  block: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM6 6l12 12",
  leave: "M13.5 4H5v16h8.5M10 12h10.5M17 8l4 4-4 4",
  device: "M7.5 3.5h9v17h-9zM11 17.5h2",
  globe:
    "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM3.5 12h17M12 3.5c2.5 2.5 3.5 5.2 3.5 8.5s-1 6-3.5 8.5c-2.5-2.5-3.5-5.2-3.5-8.5s1-6 3.5-8.5z",
  theme: "M12 3.5a8.5 8.5 0 1 1 0 17zM12 3.5a8.5 8.5 0 1 0 0 17z",
  inbox: "M4 13.5L6.5 5h11L20 13.5V19H4zM4 13.5h4.5l1.5 2.5h4l1.5-2.5H20",
  offline:
    "M4 4l16 16M8.5 15.5a5 5 0 0 1 5.5-1M5.5 12.3a9.5 9.5 0 0 1 4-2.3M18.5 12.3a9.5 9.5 0 0 0-4.5-2.5M2.5 9a14 14 0 0 1 4-2.5M21.5 9A14 14 0 0 0 11 5.1M12 19h.01",
  clock: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5V12l3 2",
  camera: "M4 7.5h3.5L9 5h6l1.5 2.5H20V19H4zM12 9.8a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 3-3L20 17M15.5 8.8h.01",
  play: "M7 4.5l12.5 7.5L7 19.5z",
  receipt: "M2.5 12.5L6.5 17 15 7.5M11 15.2l1.5 1.8L21.5 7.5",
  timer: "M12 6.5a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM12 10v3.5l2.5 1.5M9.5 3.5h5",
  once: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM10 9.5l2.3-1.5v8",
  onceOpened:
    "M10.3 3.7a8.5 8.5 0 0 1 3.4 0M17 5.1a8.5 8.5 0 0 1 2.4 2.8M20.5 12a8.5 8.5 0 0 1-1 4M16.5 19.2a8.5 8.5 0 0 1-3 1.2M9.5 20.2a8.5 8.5 0 0 1-3.5-2.2M4 15.5a8.5 8.5 0 0 1-.4-4M4.6 7.8A8.5 8.5 0 0 1 7 5.2",
  key: "M8 10.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM11.3 11.8L19.5 3.5M15.5 7.5l3 3M8 15h.01",
  flame: "M12 3.5c.5 3.5 5.5 5.5 5.5 10.5a5.5 5.5 0 0 1-11 0c0-2 .9-3.4 2-4.5.2 1.4.8 2.2 1.7 2.5C9.8 9 10.5 6 12 3.5z",
  luggage: "M5 8h14v11.5H5zM9 8V4.5h6V8M9 11.5v4.5M15 11.5v4.5",
  print: "M7 9V4h10v5M7 17H4.5V9h15v8H17M7 14h10v6.5H7z",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  lock: "M6 10.5h12V20H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
} as const;

export type IconName = keyof typeof STROKES;

/** Mirrored where text runs from right to left: these point along the line of reading. */
const DIRECTIONAL: ReadonlySet<IconName> = new Set(["back", "forward", "reply", "send", "leave"]);

interface IconProps {
  readonly name: IconName;
  readonly size?: "small" | "large";
}

/** A picture beside a text or in a named control; says nothing itself. */
export function Icon({ name, size }: IconProps): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      className="icon"
      data-size={size}
      data-directional={DIRECTIONAL.has(name) || undefined}
      aria-hidden="true"
      focusable="false"
    >
      <path d={STROKES[name]} />
    </svg>
  );
}
