import type { BlobId } from "@stonechat/protocol";

const NAME = "attachment-";

/** The block file in which a blob's ciphertext lies before it is sent, while it comes, and after it came. */
export function stagedName(blobId: BlobId): string {
  return NAME + Array.from(blobId, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether a block file is one of {@link stagedName}; so that files nobody knows any more can be found and deleted. */
export function isStagedName(name: string): boolean {
  return name.startsWith(NAME);
}
