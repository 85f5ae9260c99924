import { deviceList, toHex, type IdentityKey, type SignedDeviceList } from "@stonechat/protocol";

/** Signed lists by whose they claim to be, each group in the order given. @throws WireError */
export function groupLists(
  lists: readonly SignedDeviceList[],
): ReadonlyMap<string, { readonly key: IdentityKey; readonly lists: readonly SignedDeviceList[] }> {
  const byIdentity = new Map<string, { key: IdentityKey; lists: SignedDeviceList[] }>();
  for (const signed of lists) {
    const key = deviceList.decode(signed.list).identityKey;
    const group = byIdentity.get(toHex(key)) ?? { key, lists: [] };
    group.lists.push(signed);
    byIdentity.set(toHex(key), group);
  }
  return byIdentity;
}
