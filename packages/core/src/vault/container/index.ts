export { Container } from "./container.ts";
export { BLOCK_BYTES, CONTAINER_DEFAULTS, DATABASE_FILE, SLOT_COUNT, type ContainerSizes } from "./sizes.ts";
export type { Rekeying, Slot } from "./slot.ts";
