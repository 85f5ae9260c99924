import {
  commitDetailsValues,
  conversationSettingsValues,
  conversationStates,
  deviceLists,
  groupWelcomes,
  identityKeys,
  invites,
  joinRequestBodies,
  joinRequests,
  joinStates,
  kitCodes,
  kitFiles,
  messageDetailsValues,
  returnEntries,
  signedDeviceLists,
  travelCodes,
} from "@stonechat/testkit/client-arbitraries";
import { describeStructure } from "@stonechat/testkit/describe-structure";
import {
  commitDetails,
  conversationSettings,
  conversationState,
  groupWelcome,
  joinState,
  messageDetails,
} from "./conversation.ts";
import { credentialIdentity, deviceList, signedDeviceList } from "./identity.ts";
import { invite, joinRequest, joinRequestBody } from "./invite.ts";
import { kitCode, kitFile, returnEntry, travelCode } from "./recovery.ts";

const EFFORT = { runs: 25, noiseRuns: 4000 };

describeStructure("DeviceList", deviceList, deviceLists, EFFORT);
describeStructure("SignedDeviceList", signedDeviceList, signedDeviceLists, EFFORT);
describeStructure(
  "CredentialIdentity",
  credentialIdentity,
  identityKeys.map((identityKey) => ({ identityKey })),
  EFFORT,
);
describeStructure("Invite", invite, invites, EFFORT);
describeStructure("JoinRequestBody", joinRequestBody, joinRequestBodies, { runs: 15, noiseRuns: 2000 });
describeStructure("JoinRequest", joinRequest, joinRequests, EFFORT);
describeStructure("ConversationSettings", conversationSettings, conversationSettingsValues, EFFORT);
describeStructure("CommitDetails", commitDetails, commitDetailsValues, EFFORT);
describeStructure("MessageDetails", messageDetails, messageDetailsValues, EFFORT);
describeStructure("ConversationState", conversationState, conversationStates, EFFORT);
describeStructure("JoinState", joinState, joinStates, { runs: 15, noiseRuns: 2000 });
describeStructure("KitCode", kitCode, kitCodes, EFFORT);
describeStructure("KitFile", kitFile, kitFiles, { runs: 15, noiseRuns: 2000 });
describeStructure("ReturnEntry", returnEntry, returnEntries, { runs: 15, noiseRuns: 2000 });
describeStructure("TravelCode", travelCode, travelCodes, EFFORT);
describeStructure("GroupWelcome", groupWelcome, groupWelcomes, { runs: 15, noiseRuns: 2000 });
