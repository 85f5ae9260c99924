import { describeStructure } from "@stonechat/testkit/describe-structure";
import { blobAnnouncements, replyFrames, requestFrames } from "@stonechat/testkit/frame-arbitraries";
import { blobAnnouncement } from "./blobs.ts";
import { replyFrame, requestFrame } from "./frames.ts";

describeStructure("RequestFrame", requestFrame, requestFrames, { noiseRuns: 30_000 });
describeStructure("ReplyFrame", replyFrame, replyFrames, { noiseRuns: 30_000 });
describeStructure("BlobAnnouncement", blobAnnouncement, blobAnnouncements, { noiseRuns: 15_000 });
