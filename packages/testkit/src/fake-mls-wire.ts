import {
  bytes,
  choice,
  list,
  opaque,
  optional,
  struct,
  structure,
  uint32,
  uint53,
  uint64,
  versioned,
  type ValueOf,
} from "@stonechat/protocol";
import type { DeviceKey, IdentityKey } from "@stonechat/core/mls";

/**
 * What the fake MLS writes. Versions begin at 0xf0, so that nothing of it is ever taken for the real one's, nor the
 * other way round.
 */
const MAX_BYTES = 1024 * 1024;
const long = bytes(MAX_BYTES);
const identityKey = opaque<IdentityKey>(32);
const deviceKey = opaque<DeviceKey>(32);

const keyPackage = struct({ id: opaque(16), identityKey, deviceKey, notBefore: uint53, notAfter: uint53 });
export const fakeKeyPackage = structure("FakeKeyPackage", 1024, versioned(0xf0, keyPackage));

/** Members by leaf, blank ones included. */
const roster = list(optional(struct({ identityKey, deviceKey })), 4096, MAX_BYTES);
export type FakeRoster = ValueOf<typeof roster>;
export const fakeTree = structure("FakeTree", MAX_BYTES, versioned(0xf1, struct({ roster })));

export const fakeWelcome = structure("FakeWelcome", 4096, versioned(0xf2, struct({ ref: opaque(32), masked: long })));
export const fakeGroupInfo = structure(
  "FakeGroupInfo",
  4096,
  struct({
    groupId: bytes(64),
    epoch: uint64,
    secret: opaque(32),
    treeHash: opaque(32),
    leaf: uint32,
    adder: uint32,
  }),
);

export const fakeMessage = structure(
  "FakeMessage",
  MAX_BYTES,
  versioned(
    0xf3,
    struct({
      groupId: bytes(64),
      epoch: uint64,
      kind: choice({ application: 1, commit: 2 }),
      sender: uint32,
      generation: uint32,
      authenticatedData: long,
      masked: long,
      tag: opaque(16),
    }),
  ),
);
export type FakeMessage = ReturnType<typeof fakeMessage.decode>;

export const fakeCommit = structure(
  "FakeCommit",
  MAX_BYTES,
  struct({
    seed: opaque(32),
    removed: list(uint32, 4096, MAX_BYTES),
    added: list(bytes(1024), 4096, MAX_BYTES),
  }),
);
export type FakeCommit = ReturnType<typeof fakeCommit.decode>;

export const fakeEpoch = structure(
  "FakeEpoch",
  MAX_BYTES,
  versioned(
    0xf4,
    struct({
      groupId: bytes(64),
      epoch: uint64,
      secret: opaque(32),
      own: uint32,
      roster,
    }),
  ),
);
export type FakeEpoch = ReturnType<typeof fakeEpoch.decode>;

/** The next generation of one ratchet. */
export const fakeRatchet = structure("FakeRatchet", 5, versioned(0xf5, struct({ generation: uint32 })));
