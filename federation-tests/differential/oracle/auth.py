"""The authorization rules."""

from events import forms
from pdus import event_of, room_version, run, why
from synapse.api.errors import SynapseError
from synapse.crypto.event_signing import check_event_content_hash
from synapse.event_auth import (
    auth_types_for_event,
    check_state_dependent_auth_rules,
    check_state_independent_auth_rules,
    validate_event_for_room_version,
)
from timing import milliseconds_per_run


class EventStore:
    def __init__(self, events):
        self.events = events

    async def get_events(self, event_ids, **_options):
        return {event_id: self.events[event_id] for event_id in event_ids if event_id in self.events}


def refusal(check):
    """None if the check passes, else how it failed. What is no verdict but a mishap is marked with `!`."""
    try:
        check()
        return None
    except SynapseError as error:
        return why(error)
    except Exception as error:
        return f"! {why(error)}"


def judge(room):
    """The verdicts on events of one room, each by the state it names: a list of what is in `state`, by index."""
    version = room_version(room["version"])
    state = [event_of(version, text) for text in room["state"]]
    by_id = {event.event_id: event for event in state}
    return [judge_case(version, (state, by_id), case) for case in room["cases"]]


def judge_case(version, known, case):
    """By stage how it was refused; after a refusal for its format there is no event to ask about."""
    state, by_id = known
    try:
        event = event_of(version, case["event"])
        validate_event_for_room_version(event)
        check_event_content_hash(event)
        if any(event_id not in by_id for event_id in event.auth_event_ids()):
            return {"format": "an auth event is unknown"}
        made = forms(event)
    except Exception as error:
        return {"format": why(error)}
    store = EventStore(by_id)
    held = [state[index] for index in case["state"]]
    verdict = {
        "list": refusal(lambda: run(check_state_independent_auth_rules(store, event))),
        "state": refusal(lambda: check_state_dependent_auth_rules(event, held)),
        **made,
    }
    try:
        types = auth_types_for_event(version, event)
        # What an event names of a wrong type is the state key of nothing.
        verdict["selection"] = [pair for pair in types if isinstance(pair[1], str)]
    except Exception:
        pass  # The list was refused for the same reason.
    return verdict


def time_checks(room):
    """Milliseconds for checking all cases of a room once, with events and state at hand."""
    version = room_version(room["version"])
    state = [event_of(version, text) for text in room["state"]]
    cases = [
        (event_of(version, case["event"]), [state[index] for index in case["state"]]) for case in room["cases"]
    ]

    def check_all():
        for event, held in cases:
            check_state_dependent_auth_rules(event, held)

    return milliseconds_per_run(check_all, room["atLeastMs"])


OPERATIONS = {"judge": judge, "time_checks": time_checks}
