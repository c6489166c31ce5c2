// Somebody on Matrix with matrix-js-sdk.  One JSON object a line, both ways:
//   in   {"id": 1, "do": "says", "room": "!…", "text": "…"}
//   out  {"id": 1, "done": …} or {"id": 1, "error": "…"}; {"heard": …} and {"invited": …} as they come
// It ends with its input, so with whoever started it.

import { createInterface } from "node:readline";

// The protocol owns the standard output; whatever the SDK wants to say goes elsewhere.
for (const level of ["log", "info", "debug", "warn", "trace"]) console[level] = console.error;

const sdk = await import("matrix-js-sdk");
const { DecryptionFailureCode, OnlySignedDevicesIsolationMode } = await import(
    "matrix-js-sdk/lib/crypto-api/index.js"
);
const { PollResponseEvent } = await import("matrix-js-sdk/lib/extensible_events_v1/PollResponseEvent.js");
const { logger } = await import("matrix-js-sdk/lib/logger.js");

logger.setLevel("warn");

const GRACE = 1000; // milliseconds in which the key of an undecryptable event may still come
let client;

const tell = (message) => process.stdout.write(JSON.stringify(message) + "\n");

/** Wait until `found()` gives something, looking again at each of the client's events of this name. */
const until = (name, found) =>
    new Promise((resolve) => {
        const look = () => {
            const it = found();
            if (it) client.off(name, look), resolve(it);
        };
        client.on(name, look);
        look();
    });

async function hears(event) {
    await client.decryptEventIfNeeded(event);
    if (event.decryptionFailureReason === DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID) {
        await Promise.race([
            new Promise((resolve) => event.once(sdk.MatrixEventEvent.Decrypted, resolve)),
            new Promise((resolve) => setTimeout(resolve, GRACE)),
        ]);
    }
    const failed = event.isDecryptionFailure();
    tell({
        heard: {
            room: event.getRoomId(),
            event_id: event.getId(),
            sender: event.getSender(),
            type: failed ? "m.room.encrypted" : event.getType(),
            content: failed ? { body: event.decryptionFailureReason } : event.getContent(),
            encrypted: event.isEncrypted(),
            signed: event.isEncrypted() ? await isSigned(event) : null,
        },
    });
}

/** Say whether the device that sent an encrypted event is signed by its owner. */
async function isSigned(event) {
    const crypto = client.getCrypto();
    const devices = (await crypto.getUserDeviceInfo([event.getSender()])).get(event.getSender());
    for (const device of devices?.values() ?? []) {
        if (device.getIdentityKey() === event.getSenderKey()) {
            const status = await crypto.getDeviceVerificationStatus(event.getSender(), device.deviceId);
            return status?.signedByOwner ?? false;
        }
    }
    return false;
}

const commands = {
    /** Start with an account that is logged in; sign its device, and trust signed devices only if so wished. */
    async arrives({ url, account, signed_only }) {
        client = sdk.createClient({
            baseUrl: url,
            userId: account.user_id,
            deviceId: account.device_id,
            accessToken: account.token,
        });
        await client.initRustCrypto({ useIndexedDB: false });
        const crypto = client.getCrypto();
        if (signed_only) crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
        let heard = Promise.resolve(); // one after another, so that their order stays
        client.on(sdk.RoomEvent.Timeline, (event, _room, backwards) => {
            if (!backwards && event.getSender() !== account.user_id && !event.isState()) {
                heard = heard.then(() => hears(event));
            }
        });
        client.on(sdk.RoomEvent.MyMembership, (room, membership) => {
            if (membership === "invite") {
                const by = room.getMember(account.user_id)?.events.member?.getSender();
                tell({ invited: { room: room.roomId, by } });
            }
        });
        await client.startClient({ initialSyncLimit: 20 });
        await until(sdk.ClientEvent.Sync, () => client.isInitialSyncComplete());
        await crypto.bootstrapCrossSigning({
            authUploadDeviceSigningKeys: (upload) =>
                upload({
                    type: "m.login.password",
                    identifier: { type: "m.id.user", user: account.user_id },
                    password: account.password,
                }),
        });
    },

    /** Open an encrypted room of two; done when the other one has joined. */
    async opens_private_room({ other }) {
        const { room_id } = await client.createRoom({
            preset: "trusted_private_chat",
            is_direct: true,
            invite: [other],
            initial_state: [
                { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } },
            ],
        });
        const joined = () => client.getRoom(room_id)?.getMember(other)?.membership === "join";
        await until(sdk.RoomStateEvent.Members, joined);
        await client.getCrypto().getUserDeviceInfo([other], true); // so that the first message is for all devices
        return room_id;
    },

    async joins({ room }) {
        await client.joinRoom(room);
        await until(sdk.RoomEvent.MyMembership, () => client.getRoom(room)?.getMyMembership() === "join");
    },

    says: async ({ room, text }) => (await client.sendTextMessage(room, text)).event_id,

    /** Answer a poll as the SDK writes it, by the words of an answer as the SDK has read them. */
    async votes({ room, poll, label }) {
        const start = client.getRoom(room).polls.get(poll).pollEvent;
        const answer = start.answers.find((each) => each.text === label);
        const { type, content } = PollResponseEvent.from([answer.id], poll).serialize();
        return (await client.sendEvent(room, type, content)).event_id;
    },

    async reacts({ room, event, key }) {
        const content = { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } };
        return (await client.sendEvent(room, "m.reaction", content)).event_id;
    },

    leaves: async ({ room }) => void (await client.leave(room)),
};

for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: command, ...rest } = JSON.parse(line);
    commands[command](rest).then(
        (done) => tell({ id, done: done ?? null }),
        (error) => tell({ id, error: `${error.name}: ${error.message}` }),
    );
}
process.exit();
