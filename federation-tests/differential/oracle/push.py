"""Push rules, evaluated as Synapse does for every member of a room."""

import json

from synapse.push.bulk_push_rule_evaluator import _flatten_dict
from synapse.synapse_rust.push import (
    FilteredPushRules,
    PushRule,
    PushRuleEvaluator,
    PushRules,
)
from timing import milliseconds_per_run

PRIORITIES = {"override": 5, "content": 4, "room": 3, "sender": 2, "underride": 1}
# In place of its priority, for a default rule whose actions were changed.
CHANGED = -1


def conditions_of(kind, rule):
    """A room, sender or content rule has its conditions written out."""
    if kind == "room":
        return [{"kind": "event_match", "key": "room_id", "pattern": rule["rule_id"]}]
    if kind == "sender":
        return [{"kind": "event_match", "key": "sender", "pattern": rule["rule_id"]}]
    if kind == "content":
        return [{"kind": "event_match", "key": "content.body", "pattern": rule["pattern"]}]
    return rule["conditions"]


def rules_of(stored):
    """Somebody's rules as Synapse holds them ready, from those that Kith stores."""
    rules = []
    enabled = {}
    for kind, own in stored["own"].items():
        for rule in own:
            name = f"global/{kind}/{rule['rule_id']}"
            conditions = json.dumps(conditions_of(kind, rule))
            rules.append(PushRule.from_db(name, PRIORITIES[kind], conditions, json.dumps(rule["actions"])))
            enabled[name] = rule["enabled"]
    for change in stored["changed"]:
        name = next(name for name in defaults() if name.endswith(f"/{change['rule_id']}"))
        if "actions" in change:
            rules.append(PushRule.from_db(name, CHANGED, "[]", json.dumps(change["actions"])))
        if "enabled" in change:
            enabled[name] = change["enabled"]
    return filtered(rules, enabled)


def filtered(rules, enabled):
    """With the experiments off, apart from that which takes away the rules that the specification has dropped."""
    return FilteredPushRules(
        PushRules(rules),
        enabled,
        msc1767_enabled=False,
        msc3381_polls_enabled=False,
        msc3664_enabled=False,
        msc4028_push_encrypted_events=False,
        msc4075_enabled=False,
        msc4210_enabled=True,
        msc4306_enabled=False,
    )


def defaults():
    return [rule.rule_id for rule, _ in filtered([], {}).rules()]


def evaluator(scene):
    event = scene["event"]
    return PushRuleEvaluator(
        _flatten_dict(event),
        "m.mentions" in event["content"],
        scene["memberCount"],
        scene["senderPower"],
        scene["notificationLevels"],
        {},
        False,
        [],
        False,
        True,
        False,
    )


def effect(actions):
    """Whether actions notify and highlight."""
    if "notify" not in actions:
        return [False, False]
    highlights = [a for a in actions if isinstance(a, dict) and a.get("set_tweak") == "highlight"]
    return [True, bool(highlights) and highlights[-1].get("value", True) is not False]


def evaluate(scene):
    """What an event does for each of some people, in the order given."""
    rules = [rules_of(stored) for stored in scene["rules"]]
    run = evaluator(scene).run
    return [
        effect(run(rules[person["rules"]], person["userId"], person.get("displayName"), None))
        if person["userId"] != scene["event"]["sender"]
        else [False, False]
        for person in scene["people"]
    ]


def time_evaluation(scene):
    """Milliseconds to evaluate one event for everybody, rules and names at hand."""
    rules = [rules_of(stored) for stored in scene["rules"]]
    people = [
        (rules[person["rules"]], person["userId"], person.get("displayName"))
        for person in scene["people"]
        if person["userId"] != scene["event"]["sender"]
    ]

    def evaluate_all():
        run = evaluator(scene).run
        notified = {}
        for ruleset, user_id, name in people:
            actions = run(ruleset, user_id, name, None)
            if "notify" in actions:
                notified[user_id] = actions

    return milliseconds_per_run(evaluate_all, scene["atLeastMs"])


OPERATIONS = {"evaluate": evaluate, "time_evaluation": time_evaluation}
