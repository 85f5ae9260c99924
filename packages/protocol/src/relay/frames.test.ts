import { describeStructure } from "@stonechat/testkit/describe-structure";
import { requestFrames, replyFrames, blobAnnouncements } from "./frames.arbitrary.ts";
import { blobAnnouncement } from "./blobs.ts";
import { replyFrame, requestFrame } from "./frames.ts";

describeStructure("RequestFrame", requestFrame, requestFrames, { noiseRuns: 20_000 });
describeStructure("ReplyFrame", replyFrame, replyFrames, { noiseRuns: 20_000 });
describeStructure("BlobAnnouncement", blobAnnouncement, blobAnnouncements);
