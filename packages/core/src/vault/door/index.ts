export { createVaultDoor } from "./vault-door.ts";
export { createRehearsalDoor } from "./rehearsal-door.ts";
export type { DoorPorts, Stretch } from "./ports.ts";
