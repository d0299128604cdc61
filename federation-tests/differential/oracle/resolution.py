"""State resolution of versions 1, 2 and 2.1."""

import gc

from pdus import event_of, room_version, run, why
from synapse.api.room_versions import StateResolutionVersions
from synapse.state import v1, v2
from synapse.storage.databases.main.event_federation import StateDifference
from timing import milliseconds_per_run


class Clock:
    async def sleep(self, _duration):
        pass


class Events:
    """All events of a room in memory, and which events name one as their authority: what a store has indexed."""

    def __init__(self, version):
        self.version = version
        self.by_id = {}
        self.named_by = {}

    def add(self, text):
        event = event_of(self.version, text)
        self.by_id[event.event_id] = event
        for auth_id in event.auth_event_ids():
            self.named_by.setdefault(auth_id, []).append(event.event_id)

    def chain(self, event_ids, stop=frozenset()):
        """These events and all they lead to, without those in `stop`."""
        found = set()
        left = [event_id for event_id in event_ids if event_id not in stop]
        while left:
            event_id = left.pop()
            if event_id in found:
                continue
            found.add(event_id)
            for auth_id in self.by_id[event_id].auth_event_ids():
                if auth_id not in found and auth_id not in stop:
                    left.append(auth_id)
        return found


class Store:
    """Answers at once."""

    def __init__(self, events):
        self.events = events

    async def get_events(self, event_ids, allow_rejected=False):
        by_id = self.events.by_id
        return {event_id: by_id[event_id] for event_id in event_ids if event_id in by_id}

    async def get_auth_chain_difference(self, _room_id, state_sets, conflicted_state, _additional):
        return StateDifference(
            auth_difference=self.difference(state_sets),
            conflicted_subgraph=None if conflicted_state is None else self.subgraph(conflicted_state),
        )

    def difference(self, state_sets):
        """The chains of what the sets do not share, compared; those few events that are left are held against the rest."""
        shared = set.intersection(*state_sets)
        chains = [self.events.chain(state_set - shared, shared) for state_set in state_sets]
        found = set.union(*chains) - set.intersection(*chains)
        isolated = set()
        return {event_id for event_id in found if not self.is_behind(event_id, shared, isolated)}

    def is_behind(self, event_id, shared, isolated):
        """Whether an event is in the chain of a shared one; `isolated` remembers those that are not."""
        seen = set()
        left = [event_id]
        while left:
            one = left.pop()
            if one in shared:
                return True
            if one not in seen and one not in isolated:
                seen.add(one)
                left.extend(self.events.named_by.get(one, ()))
        isolated |= seen
        return False

    def subgraph(self, conflicted):
        """What is behind a conflicted event and leads to one."""
        behind = self.events.chain(conflicted)
        found = set()
        left = list(conflicted)
        while left:
            event_id = left.pop()
            if event_id in found:
                continue
            found.add(event_id)
            left.extend(one for one in self.events.named_by.get(event_id, ()) if one in behind)
        return found


def resolve(events, state_sets):
    version = events.version
    store = Store(events)
    room_id = next(iter(events.by_id.values())).room_id
    if version.state_res == StateResolutionVersions.V1:
        return run(v1.resolve_events_with_store(room_id, version, state_sets, None, store.get_events))
    return run(v2.resolve_events_with_store(Clock(), room_id, version, state_sets, None, store))


def state_of(events, event_ids):
    found = [events.by_id[event_id] for event_id in event_ids]
    return {(event.type, event.state_key): event.event_id for event in found}


def resolve_meetings(room):
    """Per meeting, which is a list of states, the IDs in the resolved state."""
    events = Events(room_version(room["version"]))
    for text in room["events"]:
        events.add(text)
    return [resolve_meeting(events, meeting) for meeting in room["meetings"]]


def resolve_meeting(events, meeting):
    try:
        state = resolve(events, [state_of(events, event_ids) for event_ids in meeting])
        return {"state": sorted(set(state.values()))}
    except Exception as error:
        return {"failed": why(error)}


preloaded = {}


def preload(item):
    """Adds events to a room that `measure` then resolves."""
    events = preloaded.setdefault(item["room"], Events(room_version(item["version"])))
    for text in item["events"]:
        events.add(text)
    return len(events.by_id)


def measure(item):
    """
    Resolves a state with so many that replace some of its entries. Out: how the result differs from the first of them,
    and the milliseconds that it takes.
    """
    events = preloaded[item["room"]]
    base = state_of(events, item["base"])
    state_sets = [{**base, **state_of(events, own)} for own in item["forks"]]
    gc.collect()
    gc.freeze()
    state = resolve(events, state_sets)
    first = state_sets[0]
    return {
        "changed": sorted(state[key] for key in state if first.get(key) != state[key]),
        "removed": sorted(first[key] for key in first if key not in state),
        "ms": milliseconds_per_run(lambda: resolve(events, state_sets), item["atLeastMs"]),
    }


OPERATIONS = {"resolve": resolve_meetings, "preload": preload, "measure": measure}
