import type { LaneSize, OpenLane } from "../load/lane.ts";
import type { Hear, Place, Wire } from "../load/wire.ts";
import { numberAt, plainBody, PlainFrames } from "./plain-frames.ts";
import { ask, twoWires } from "./two-wires.ts";

const HEADER =
  "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' " +
  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
const END_OF_FEATURES = "</stream:features>";
const PASSWORD = "password";
const ASK_ACKNOWLEDGEMENT = "<r xmlns='urn:xmpp:sm:3'/>";
const BODY = "<body>";
const END_OF_MESSAGE = "</message>";

/** XMPP: one-to-one chat; the sender asks for an acknowledgement (XEP-0198) behind every message. Accounts are made. */
export function xmppLanes({ window, bodyBytes }: LaneSize, place: Place): OpenLane {
  return (index, heard) => {
    const [sender, receiver] = [`s${String(index)}`, `r${String(index)}`];
    const head = `<message to='${receiver}@localhost' type='chat' id='00000000'>${BODY}`;
    const frame = `${head}${plainBody(bodyBytes)}</body>${END_OF_MESSAGE}${ASK_ACKNOWLEDGEMENT}`;
    const frames = new PlainFrames(Buffer.from(frame), window, [head.indexOf("00000000"), head.length]);
    return twoWires(
      {
        ...{ frames, place },
        greetSender: async (wire) => {
          await logIn(wire, sender);
          await ask(wire, "<enable xmlns='urn:xmpp:sm:3'/>", "<enabled");
        },
        greetReceiver: async (wire) => {
          await logIn(wire, receiver);
          await ask(wire, "<presence/>", "<presence");
        },
        hearSender: () => hearAcknowledgements(heard.acknowledged.bind(heard)),
        hearReceiver: () => hearMessages(heard.delivered.bind(heard)),
      },
      heard,
    );
  };
}

/** Makes the account (XEP-0077), proves its password and binds a resource. */
async function logIn(wire: Wire, name: string): Promise<void> {
  await ask(wire, HEADER, END_OF_FEATURES);
  const query = `<query xmlns='jabber:iq:register'><username>${name}</username><password>${PASSWORD}</password></query>`;
  await ask(wire, `<iq type='set' id='reg'>${query}</iq>`, "result");
  const secret = Buffer.from(`\0${name}\0${PASSWORD}`).toString("base64");
  const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`;
  await ask(wire, auth, "<success");
  await ask(wire, HEADER, END_OF_FEATURES);
  const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind>";
  await ask(wire, `<iq type='set' id='bind'>${bind}</iq>`, "</iq>");
}

/** `<a h='N'/>`: all of the first N messages. */
function hearAcknowledgements(acknowledged: (number: number) => void): Hear {
  let told = 0;
  return (bytes) => {
    let at = 0;
    for (;;) {
      const start = bytes.indexOf("<", at, "latin1");
      const end = start < 0 ? -1 : bytes.indexOf(">", start, "latin1");
      if (end < 0) return at;
      const tag = bytes.toString("latin1", start, end);
      if (tag.includes("error")) throw new RangeError(`refused: ${bytes.toString("latin1", start, start + 300)}`);
      const handled = Number(tag.startsWith("<a ") ? /h=['"](\d+)['"]/.exec(tag)?.[1] : 0);
      while (told < handled) acknowledged(told++);
      at = end + 1;
    }
  };
}

function hearMessages(delivered: (number: number) => void): Hear {
  return (bytes) => {
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(END_OF_MESSAGE, at, "latin1");
      if (end < 0) return at;
      const body = bytes.indexOf(BODY, at, "latin1");
      if (body >= 0 && body < end) delivered(numberAt(bytes, body + BODY.length));
      at = end + END_OF_MESSAGE.length;
    }
  };
}
