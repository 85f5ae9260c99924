/** What a vault needs of the client, to see what it weighs. */
export {
  createRelayedGuards,
  createVaultDoor,
  initCrypto,
  loadSqlite,
  openDatabase,
  systemRandom,
} from "@stonechat/core";
