"""The authorization rules."""

from pdus import event_of, room_version, run, why
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
    """None if the check passes, else how it failed."""
    try:
        check()
        return None
    except Exception as error:
        return why(error)


def judge(room):
    """The verdicts on events of one room, each by the state it names: a list of what is in `state`, by index."""
    version = room_version(room["version"])
    state = [event_of(version, text) for text in room["state"]]
    return [judge_case(version, state, case) for case in room["cases"]]


def judge_case(version, state, case):
    """By stage how it was refused; after a refusal for its format there is no event to ask about."""
    try:
        event = event_of(version, case["event"])
        validate_event_for_room_version(event)
    except Exception as error:
        return {"format": why(error)}
    store = EventStore({held.event_id: held for held in state})
    held = [state[index] for index in case["state"]]
    verdict = {
        "list": refusal(lambda: run(check_state_independent_auth_rules(store, event))),
        "state": refusal(lambda: check_state_dependent_auth_rules(event, held)),
    }
    try:
        verdict["selection"] = sorted(auth_types_for_event(version, event))
    except Exception as error:
        verdict["selectionFailed"] = why(error)
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
