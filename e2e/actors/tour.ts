import type { WebUser } from "./web-user.ts";

/** The places of the tour: names of conversations. */
export interface Places {
  readonly direct: string;
  readonly group: string;
  /** What the direct conversation's messages say: one of the other's, and one own. */
  readonly received: string;
  readonly sent: string;
  readonly member: string;
}

/** One screen in one state, and how to get there from anywhere. */
export interface Stop {
  readonly name: string;
  readonly go: (user: WebUser, places: Places) => Promise<void>;
  /** Puts away what lies over the screen. */
  readonly leave?: (user: WebUser) => Promise<void>;
}

const heading = async ({ page }: WebUser, name: string): Promise<void> => {
  await page.getByRole("heading", { name }).first().waitFor();
};
const escape = async ({ page }: WebUser): Promise<void> => {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor({ state: "detached" });
};
const menu = async (user: WebUser, places: Places): Promise<void> => {
  await user.openConversation(places.direct);
  await user.message(places.sent).click({ button: "right" });
  await user.page.getByRole("menu", { name: user.texts["message.menu"] }).waitFor();
};
const chosen = async (user: WebUser, places: Places, item: "message.delete" | "message.readers"): Promise<void> => {
  await menu(user, places);
  await user.page.getByRole("menuitem", { name: user.texts[item] }).click();
  await user.page.getByRole(item === "message.delete" ? "alertdialog" : "dialog").waitFor();
};

/** Every screen of a person who has conversations. */
export const TOUR: readonly Stop[] = [
  {
    name: "list",
    go: async (user) => {
      await user.visit("#/");
      await user.line("").first().waitFor();
    },
  },
  {
    name: "list-menu",
    go: async (user) => {
      await user.visit("#/");
      await user.page.getByRole("button", { name: user.texts["list.new"] }).click();
      await user.page.getByRole("menu").waitFor();
    },
    leave: escape,
  },
  {
    name: "search",
    go: async (user) => {
      await user.visit("#/");
      await user.page.getByRole("searchbox").fill("stage");
      await user.page.getByRole("heading", { name: user.texts["list.messages"] }).waitFor();
    },
    leave: async ({ page }) => page.getByRole("searchbox").fill(""),
  },
  {
    name: "conversation",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      await user.message(places.sent).waitFor();
    },
  },
  { name: "message-menu", go: menu, leave: escape },
  { name: "delete", go: async (user, places) => chosen(user, places, "message.delete"), leave: escape },
  { name: "readers", go: async (user, places) => chosen(user, places, "message.readers"), leave: escape },
  {
    name: "reply",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      await user.choose(places.received, "message.reply");
      await user.page.getByRole("button", { name: user.texts["composer.stop-replying"] }).waitFor();
    },
    leave: async ({ page, texts }) => page.getByRole("button", { name: texts["composer.stop-replying"] }).click(),
  },
  {
    name: "edit",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      await user.choose(places.sent, "message.edit");
      await user.page.getByRole("button", { name: user.texts["composer.stop-editing"] }).waitFor();
    },
    leave: async ({ page, texts }) => page.getByRole("button", { name: texts["composer.stop-editing"] }).click(),
  },
  {
    name: "emoji",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      await user.page.getByRole("button", { name: user.texts["composer.emoji"] }).click();
      await user.page.getByRole("dialog").waitFor();
    },
    leave: escape,
  },
  {
    name: "files-chosen",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      const file = { name: "Site plan.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(48_000) };
      await user.page.locator('input[type="file"]').first().setInputFiles([file]);
      await user.page.getByRole("list", { name: user.texts["composer.files"] }).waitFor();
    },
    leave: async ({ page, texts }) => {
      await page.getByRole("list", { name: texts["composer.files"] }).getByRole("button").click();
    },
  },
  {
    name: "group",
    go: async (user, places) => {
      await user.openConversation(places.group);
      await user.composer().waitFor();
    },
  },
  {
    name: "group-details",
    go: async (user, places) => {
      await user.openConversation(places.group);
      await user.openDetails();
      await heading(user, user.texts["group.title"]);
      await user.page.getByText(places.member).first().waitFor();
    },
  },
  {
    name: "group-rename",
    go: async (user, places) => {
      await user.openConversation(places.group);
      await user.openDetails();
      await user.page.getByRole("button", { name: user.texts["group.rename"] }).click();
      await user.page.getByRole("dialog").waitFor();
    },
    leave: escape,
  },
  {
    name: "contact",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      await user.openDetails();
      await user.page.getByText(user.texts["safety.show-qr"]).waitFor();
    },
  },
  {
    name: "contact-qr",
    go: async (user, places) => {
      await user.openConversation(places.direct);
      await user.openDetails();
      await user.page.getByText(user.texts["safety.show-qr"]).click();
      await user.page.getByRole("img", { name: user.texts["safety.qr"] }).waitFor();
    },
    leave: async ({ page }) => {
      await page.keyboard.press("Escape");
    },
  },
  {
    name: "notes",
    go: async (user) => {
      await user.openConversation(user.texts["conversation.own"]);
      await user.composer().waitFor();
    },
  },
  {
    name: "notes-details",
    go: async (user) => {
      await user.openConversation(user.texts["conversation.own"]);
      await user.openDetails();
      await heading(user, user.texts["conversation.own"]);
    },
  },
  {
    name: "new-contact",
    go: async (user) => user.visit("#/new").then(() => heading(user, user.texts["invite.make-title"])),
  },
  {
    name: "scan",
    go: async (user) => {
      await user.visit("#/new");
      await user.page.getByRole("button", { name: user.texts["scan.start"], exact: true }).click();
      await user.page.getByText(user.texts["scan.no-camera"]).waitFor();
    },
    leave: escape,
  },
  {
    name: "link-ready",
    go: async (user) => {
      await user.visit("#/new");
      await user.page.getByRole("button", { name: user.texts["invite.make"] }).click();
      await user.page.getByRole("img", { name: user.texts["invite.qr"] }).waitFor();
    },
    leave: async ({ page, texts }) => page.getByRole("button", { name: texts["action.done"] }).click(),
  },
  {
    name: "link-refused",
    go: async (user) => {
      await user.visit("#/new");
      await user.page.getByLabel(user.texts["invite.enter"]).fill("https://example.org/#i/AAAA");
      await user.page.getByRole("button", { name: user.texts["invite.continue"] }).click();
      await user.page.getByRole("button", { name: user.texts["action.back"], exact: true }).last().waitFor();
    },
    leave: async ({ page, texts }) =>
      page.getByRole("button", { name: texts["action.back"], exact: true }).last().click(),
  },
  {
    name: "new-group",
    go: async (user) => user.visit("#/new-group").then(() => heading(user, user.texts["group.new"])),
  },
  {
    name: "requests",
    go: async (user) => {
      await user.visit("#/requests");
      await user.page.getByRole("article").waitFor();
    },
  },
  {
    name: "settings",
    go: async (user) => user.visit("#/settings").then(() => heading(user, user.texts["settings.title"])),
  },
  {
    name: "gone",
    go: async (user) => user.visit(`#/c/${"ab".repeat(32)}`).then(() => heading(user, user.texts["conversation.gone"])),
  },
];
