import { isIPv4 } from "node:net";

/** The part of an address that one subscriber usually has: /24 of IPv4, /56 of IPv6. */
export function prefixOf(address: string): string {
  const plain = address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
  if (isIPv4(plain)) return plain.split(".").slice(0, 3).join(".");
  const [head = "", tail] = (plain.split("%")[0] ?? "").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined
      ? left
      : [...left, ...new Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right];
  const numbers = groups.slice(0, 4).map((group) => Number.parseInt(group === "" ? "0" : group, 16));
  return numbers.map((n, i) => (i === 3 ? n & 0xff00 : n).toString(16)).join(":");
}
