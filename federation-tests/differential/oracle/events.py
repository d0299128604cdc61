"""Canonical JSON, hashes, event IDs, redaction and signatures."""

import hashlib
import json

from canonicaljson import encode_canonical_json
from pdus import event_of, room_version
from signedjson.key import decode_signing_key_base64, decode_verify_key_bytes
from signedjson.sign import verify_signed_json
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.crypto.event_signing import compute_content_hash, compute_event_signature
from synapse.events.utils import prune_event
from synapse.synapse_rust.events import redact_event_dict
from timing import milliseconds_per_run
from unpaddedbase64 import decode_base64, encode_base64


def versions(_item):
    return list(KNOWN_ROOM_VERSIONS)


def canonical(text):
    """The canonical form of a text of JSON; None where there is none."""
    try:
        return encode_canonical_json(json.loads(text)).decode("utf-8")
    except Exception:
        return None


def forms(event):
    """What is made of an event: its hashes, its ID, what a redaction leaves."""
    redacted = prune_event(event).get_pdu_json()
    del redacted["unsigned"]
    return {
        "contentHash": encode_base64(compute_content_hash(event.get_pdu_json(), hashlib.sha256)[1]),
        "eventId": event.event_id,
        "redacted": encode_canonical_json(redacted).decode("utf-8"),
    }


def sign(item):
    """The signature of the given server on an event; None where the event is not taken up."""
    version = room_version(item["version"])
    try:
        event_of(version, item["event"])
    except Exception:
        return None
    pdu = json.loads(item["event"])
    pdu.pop("signatures", None)
    key = decode_signing_key_base64("ed25519", item["keyName"], item["seed"])
    signatures = compute_event_signature(version, pdu, item["server"], key)
    return signatures[item["server"]][f"ed25519:{item['keyName']}"]


def verify(item):
    """Whether a server signed an event with the given key."""
    version = room_version(item["version"])
    try:
        key = decode_verify_key_bytes(item["keyId"], decode_base64(item["publicKey"]))
        pruned = redact_event_dict(version, json.loads(item["event"]))
        verify_signed_json(pruned, item["server"], key)
        return True
    except Exception:
        return False


def time_canonical(item):
    """Milliseconds for the canonical bytes of all values."""
    values = [json.loads(text) for text in item["events"]]

    def encode_all():
        for value in values:
            encode_canonical_json(value)

    return milliseconds_per_run(encode_all, item["atLeastMs"])


def time_ids(item):
    """Milliseconds from the texts of events to their checked format and their IDs."""
    version = room_version(item["version"])

    def identify_all():
        for text in item["events"]:
            event_of(version, text).event_id

    return milliseconds_per_run(identify_all, item["atLeastMs"])


OPERATIONS = {
    "versions": versions,
    "canonical": canonical,
    "sign": sign,
    "verify": verify,
    "time_canonical": time_canonical,
    "time_ids": time_ids,
}
