"""Events as Synapse makes them of what another server sent."""

import json

from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.federation.federation_base import event_from_pdu_json


def room_version(identifier):
    return KNOWN_ROOM_VERSIONS[identifier]


def event_of(version, text):
    """Raises where Synapse would not take the event up at all."""
    return event_from_pdu_json(json.loads(text), version)


def why(error):
    """How a check failed: in Synapse's words if it is a verdict, else with the name of the exception."""
    return f"{type(error).__name__}: {error}"


def run(coroutine):
    """The result of a coroutine that only awaits our stubs, which never wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("the coroutine waits for something")
