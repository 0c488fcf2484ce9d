"""What policies allow, by AWS's rules: cases from its documentation, and properties that hold for all policies."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.aws.policy_evaluator import Answer, Layer, Statement, covers, decide, everywhere, overlaps, parse

ALLOWED, DENIED, CONDITIONAL, UNREAD = Answer.ALLOWED, Answer.DENIED, Answer.CONDITIONAL, Answer.UNREAD
OBJECT = "arn:aws:s3:::reports/2026/june.csv"
USERS = "arn:aws:iam::1:user/*"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows, with `more` of its elements."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


def but(element: str, value: Any, **more: Any) -> dict[str, Any]:
    """An allowance of all but what `element` (NotAction, NotResource) names."""
    statement = {**allow(**more), element: value}
    del statement[element.removeprefix("Not")]
    return statement


def layer(*statements: dict[str, Any], complete: bool = True) -> Layer:
    """One layer of policies."""
    return Layer(parse({"Statement": list(statements)}), complete)


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([], DENIED),
        ([allow()], ALLOWED),
        ([allow("s3:GetObject")], ALLOWED),
        ([allow("S3:getobject")], ALLOWED),
        ([allow("s3:Get*")], ALLOWED),
        ([allow("s3:GetObjec?")], ALLOWED),
        ([allow("s3:GetObject?")], DENIED),
        ([allow("*:GetObject")], ALLOWED),
        ([allow("s*:*")], ALLOWED),
        ([allow(["ec2:*", "s3:GetObject"])], ALLOWED),
        ([allow("s3:PutObject")], DENIED),
        ([allow([])], DENIED),
        ([allow(resource="arn:aws:s3:::reports/*")], ALLOWED),
        ([allow(resource="arn:aws:s3:::reports/*/june.csv")], ALLOWED),
        ([allow(resource="arn:aws:s3:::report?/*")], ALLOWED),
        ([allow(resource="arn:aws:s3:::reports")], DENIED),
        ([allow(resource="arn:aws:s3:::REPORTS/*")], DENIED),
        ([allow(resource=["arn:aws:s3:::a/*", OBJECT])], ALLOWED),
        ([allow(resource="arn:aws:s3")], ALLOWED),
        ([allow(resource="arn:aws:sqs")], DENIED),
        ([but("NotAction", "iam:*")], ALLOWED),
        ([but("NotAction", ["iam:*", "s3:Get*"])], DENIED),
        ([but("NotAction", [])], ALLOWED),
        ([but("NotResource", "arn:aws:s3:::secret/*")], ALLOWED),
        ([but("NotResource", "arn:aws:s3:::reports/*")], DENIED),
        ([allow(), deny("s3:*")], DENIED),
        ([deny("s3:*"), allow()], DENIED),
        ([allow(), deny("s3:PutObject")], ALLOWED),
        ([allow(), deny(resource="arn:aws:s3:::reports/*")], DENIED),
        ([allow(), deny(resource="arn:aws:s3:::secret/*")], ALLOWED),
        ([allow(), {**but("NotAction", "s3:*"), "Effect": "Deny"}], ALLOWED),
        ([allow(), {**but("NotAction", "iam:*"), "Effect": "Deny"}], DENIED),
        ([allow(), {**but("NotResource", "arn:aws:s3:::reports/*"), "Effect": "Deny"}], ALLOWED),
        ([allow(), {**but("NotResource", "arn:aws:s3:::x/*"), "Effect": "Deny"}], DENIED),
        ([allow(Condition=MFA)], CONDITIONAL),
        ([allow(Condition=MFA), allow()], ALLOWED),
        ([allow(), deny(Condition=MFA)], CONDITIONAL),
        ([allow(Condition=MFA), deny()], DENIED),
    ],
)
def test_one_layer(statements: list[dict[str, Any]], answer: Answer) -> None:
    """Actions, resources, exclusions and conditions, alone and against a denial."""
    assert decide([layer(*statements)], "s3:GetObject", OBJECT) is answer


def test_a_single_statement_needs_no_list() -> None:
    """AWS takes a policy with one statement and no list around it."""
    assert decide([Layer(parse({"Statement": allow()}))], "s3:GetObject", OBJECT) is ALLOWED


@pytest.mark.parametrize(
    ("bound", "answer"),
    [
        (layer(), DENIED),
        (layer(allow("s3:*")), ALLOWED),
        (layer(allow("ec2:*")), DENIED),
        (layer(allow("s3:*", Condition=MFA)), CONDITIONAL),
        (layer(allow("s3:*"), deny("s3:Get*")), DENIED),
        (layer(complete=False), UNREAD),
        (layer(allow(), complete=False), UNREAD),
        (layer(deny("s3:Get*"), complete=False), DENIED),
    ],
)
def test_a_boundary_only_takes_away(bound: Layer, answer: Answer) -> None:
    """What it does not allow is denied, and a lost boundary may deny anything."""
    assert decide([layer(allow()), bound], "s3:GetObject", OBJECT) is answer
    assert decide([layer(), bound], "s3:GetObject", OBJECT) is DENIED


def test_every_level_of_the_organization_must_allow() -> None:
    """One level that leaves an action out is enough to deny it."""
    full, less = layer(allow()), layer(but("NotAction", "s3:*"))

    assert decide([full, full, full], "s3:GetObject", OBJECT) is ALLOWED
    assert decide([full, full, less], "s3:GetObject", OBJECT) is DENIED
    assert decide([full, less, full], "s3:GetObject", OBJECT) is DENIED


@pytest.mark.parametrize(
    ("statements", "answer"),
    [([], UNREAD), ([allow()], UNREAD), ([allow(), deny("s3:*")], DENIED), ([allow(Condition=MFA)], UNREAD)],
)
def test_an_unread_policy_may_allow_and_deny(statements: list[dict[str, Any]], answer: Answer) -> None:
    """Only a denial that was read stands whatever it says."""
    assert decide([layer(*statements, complete=False)], "s3:GetObject", OBJECT) is answer


@pytest.mark.parametrize(
    ("pattern", "whole", "part"),
    [
        ("*", ALLOWED, ALLOWED),
        ("arn:aws:iam::*:user/*", ALLOWED, ALLOWED),
        ("arn:aws:iam::1:*", ALLOWED, ALLOWED),
        ("arn:aws:iam::1:user/dev-*", DENIED, ALLOWED),
        ("arn:aws:iam::1:user/ann", DENIED, ALLOWED),
        ("arn:aws:iam::1:user/?", DENIED, ALLOWED),
        ("arn:aws:iam::1:user/${aws:username}", DENIED, CONDITIONAL),
        ("arn:aws:iam::1:role/*", DENIED, DENIED),
    ],
)
def test_all_of_a_kind_or_some(pattern: str, whole: Answer, part: Answer) -> None:
    """Asked about a pattern, an allowance must cover it, or touch it."""
    layers = [layer(allow("iam:CreateAccessKey", pattern))]

    assert decide(layers, "iam:CreateAccessKey", USERS) is whole
    assert decide(layers, "iam:CreateAccessKey", USERS, whole=False) is part


@pytest.mark.parametrize(
    ("denied", "answer"),
    [("*", DENIED), (USERS, DENIED), ("arn:aws:iam::1:user/ann", ALLOWED), ("arn:aws:iam::1:user/a*", ALLOWED)],
)
def test_a_denial_of_some_leaves_the_others(denied: str, answer: Answer) -> None:
    """What is asked is whether anything of the kind can be done."""
    assert decide([layer(allow(), deny(resource=denied))], "iam:CreateAccessKey", USERS) is answer


@pytest.mark.parametrize(
    ("left_out", "whole", "part"),
    [
        ("arn:aws:iam::1:user/ann", DENIED, ALLOWED),
        ("arn:aws:iam::1:role/*", ALLOWED, ALLOWED),
        (USERS, DENIED, DENIED),
    ],
)
def test_all_but_some_of_a_kind(left_out: str, whole: Answer, part: Answer) -> None:
    """An exclusion that touches the kind keeps the allowance from covering it."""
    layers = [layer(but("NotResource", left_out))]

    assert decide(layers, "iam:CreateAccessKey", USERS) is whole
    assert decide(layers, "iam:CreateAccessKey", USERS, whole=False) is part


HOME = "arn:aws:s3:::home/${aws:username}/*"


@pytest.mark.parametrize(
    ("context", "answer"),
    [
        ({"aws:username": ("ann",)}, ALLOWED),
        ({"aws:username": ("bob",)}, DENIED),
        ({"aws:username": None}, DENIED),
        ({}, CONDITIONAL),
    ],
)
def test_variables_of_a_policy(context: dict[str, tuple[str, ...] | None], answer: Answer) -> None:
    """A known value is put in, a missing one matches nothing, an unknown one leaves it open."""
    assert decide([layer(allow(resource=HOME))], "s3:GetObject", "arn:aws:s3:::home/ann/x", context) is answer


def test_a_variable_may_have_a_default_and_a_name_in_any_case() -> None:
    """The default counts where the request lacks the key."""
    team = layer(allow(resource="arn:aws:s3:::home/${aws:PrincipalTag/Team, 'all'}/x"))

    assert decide([team], "s3:GetObject", "arn:aws:s3:::home/all/x", {"aws:principaltag/team": None}) is ALLOWED
    assert decide([team], "s3:GetObject", "arn:aws:s3:::home/red/x", {"aws:principaltag/team": ("red",)}) is ALLOWED


def test_an_escaped_star_is_no_wildcard() -> None:
    """`${*}` stands for one character."""
    escaped = layer(allow(resource="arn:aws:s3:::b/${*}"))

    assert decide([escaped], "s3:GetObject", "arn:aws:s3:::b/x") is ALLOWED
    assert decide([escaped], "s3:GetObject", "arn:aws:s3:::b/xy") is DENIED


@pytest.mark.parametrize(
    ("operator", "values", "held", "answer"),
    [
        ("StringEquals", "ec2.amazonaws.com", ("ec2.amazonaws.com",), ALLOWED),
        ("StringEquals", ["x", "ec2.amazonaws.com"], ("ec2.amazonaws.com",), ALLOWED),
        ("StringEquals", "EC2.amazonaws.com", ("ec2.amazonaws.com",), DENIED),
        ("StringEquals", "ec2*", ("ec2.amazonaws.com",), DENIED),
        ("StringEquals", "x", None, DENIED),
        ("StringEqualsIfExists", "x", None, ALLOWED),
        ("StringEqualsIfExists", "x", ("y",), DENIED),
        ("StringEqualsIgnoreCase", "X", ("x",), ALLOWED),
        ("StringNotEquals", "x", ("y",), ALLOWED),
        ("StringNotEquals", ["x", "y"], ("y",), DENIED),
        ("StringNotEquals", "x", None, ALLOWED),
        ("StringNotEqualsIgnoreCase", "X", ("x",), DENIED),
        ("StringLike", "ec2.*", ("ec2.amazonaws.com",), ALLOWED),
        ("StringLike", "ec?.*", ("ec2.amazonaws.com",), ALLOWED),
        ("StringNotLike", "ec2.*", ("ec2.amazonaws.com",), DENIED),
        ("ArnLike", "arn:aws:iam::1:role/*", ("arn:aws:iam::1:role/x",), ALLOWED),
        ("ArnEquals", "arn:aws:iam::1:role/*", ("arn:aws:iam::1:role/x",), ALLOWED),
        ("ArnNotEquals", "arn:aws:iam::1:role/*", ("arn:aws:iam::1:role/x",), DENIED),
        ("Bool", True, ("true",), ALLOWED),
        ("Bool", "False", ("true",), DENIED),
        ("Null", "true", None, ALLOWED),
        ("Null", "true", ("x",), DENIED),
        ("Null", False, ("x",), ALLOWED),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), ALLOWED),
        ("ForAllValues:StringEquals", "a", ("a", "b"), DENIED),
        ("ForAllValues:StringEquals", "a", None, ALLOWED),
        ("ForAnyValue:StringEquals", "a", ("a", "b"), ALLOWED),
        ("ForAnyValue:StringEquals", "c", ("a", "b"), DENIED),
        ("ForAnyValue:StringEquals", "c", None, DENIED),
        ("ForAllValues:StringNotEquals", "a", ("b", "c"), ALLOWED),
        ("ForAllValues:StringNotEquals", "a", ("a", "c"), DENIED),
        ("StringEquals", "${aws:username}", ("x",), CONDITIONAL),
        ("StringEquals", "no-${aws:username}", ("x",), DENIED),
        ("DateGreaterThan", "2026-01-01", ("2026-06-01",), CONDITIONAL),
        ("IpAddress", "192.0.2.0/24", ("192.0.2.1",), CONDITIONAL),
    ],
)
def test_conditions_on_known_keys(operator: str, values: Any, held: tuple[str, ...] | None, answer: Answer) -> None:
    """Texts are compared as AWS does; what it would take a calendar or a network for stays open."""
    statement = allow(Condition={operator: {"Some:Key": values}})

    assert decide([layer(statement)], "s3:GetObject", OBJECT, {"some:key": held}) is answer


def test_all_conditions_must_hold() -> None:
    """One that fails settles it, whatever the others depend on."""
    statement = allow(Condition={"StringEquals": {"a": "1", "b": "2"}, **MFA})

    assert decide([layer(statement)], "s3:GetObject", OBJECT, {"a": ("1",), "b": ("3",)}) is DENIED
    assert decide([layer(statement)], "s3:GetObject", OBJECT, {"a": ("1",), "b": ("2",)}) is CONDITIONAL


def test_a_condition_that_fails_takes_a_denial_away() -> None:
    """It does not apply then."""
    plain = deny(Condition={"Bool": {"aws:SecureTransport": "false"}})

    assert decide([layer(allow(), plain)], "s3:GetObject", OBJECT, {"aws:securetransport": ("true",)}) is ALLOWED


@pytest.mark.parametrize(
    ("statement", "action", "expected"),
    [
        (allow("aws-marketplace:*"), "aws-marketplace:Subscribe", True),
        (allow("aws-marketplace:Subscribe"), "aws-marketplace:*", False),
        (allow("bedrock:*"), "bedrock:*", True),
        (allow("bedrock:Get*"), "bedrock:*", False),
        (allow("bedrock:?"), "bedrock:*", False),
        (allow("bedrock:*", "arn:aws:bedrock:*:*:agent/*"), "bedrock:*", False),
        (but("NotAction", ["iam:*", "account:*"]), "bedrock:*", True),
        (but("NotAction", ["bedrock:Create*"]), "bedrock:*", False),
        (but("NotResource", "arn:aws:s3:::x"), "bedrock:*", False),
        (allow("bedrock:*", Condition=MFA), "bedrock:*", True),
        (deny("bedrock:*"), "bedrock:*", False),
    ],
)
def test_what_is_allowed_everywhere(statement: dict[str, Any], action: str, expected: bool) -> None:
    """One statement has to cover every action that matches, on every resource."""
    assert everywhere(parse({"Statement": statement}), action) is expected


@pytest.mark.parametrize("missing", ["Effect", "Action", "Resource"])
def test_a_statement_that_lacks_an_element_is_malformed(missing: str) -> None:
    """It is not taken for one that says nothing."""
    statement = allow()
    del statement[missing]

    with pytest.raises(KeyError):
        parse({"Statement": [statement]})


# Few letters, so that patterns and texts often meet.
texts = st.text("ab:", max_size=5)
patterns = st.text("ab:*?", max_size=5)
actions = st.sampled_from(["s3:get", "s3:put", "iam:get"])
named_actions = st.lists(st.sampled_from(["*", "s3:*", "s3:get", "s?:*t", "iam:get", "*:get"]), max_size=2)
resources = st.sampled_from(["arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::*"])
named_resources = st.lists(
    st.sampled_from(["*", "arn:aws:s3:::a", "arn:aws:s3:::?", "arn:aws:s3:::${aws:username}"]), max_size=2
)
conditions = st.sampled_from([(), (("bool", "k", ("true",)),), (("stringnotequals", "k", ("true",)),)])
statements = st.builds(
    Statement,
    allows=st.booleans(),
    actions=named_actions.map(tuple),
    all_but_actions=st.booleans(),
    resources=named_resources.map(tuple),
    all_but_resources=st.booleans(),
    conditions=conditions,
)
layers = st.builds(Layer, st.lists(statements, max_size=3).map(tuple), st.booleans())
read_layers = st.builds(Layer, st.lists(statements, max_size=3).map(tuple))
contexts = st.sampled_from([{}, {"k": None}, {"k": ("true",)}, {"k": ("false",), "aws:username": ("a",)}])
ORDER = {DENIED: 0, CONDITIONAL: 1, ALLOWED: 2}
quick = settings(deadline=None, max_examples=200)


@quick
@given(patterns, texts)
def test_wildcards_match_as_in_a_shell_without_brackets(pattern: str, text: str) -> None:
    """Asked about a text without wildcards, covering and touching are the same, and both are that."""
    expected = fnmatchcase(text, pattern)

    assert covers(pattern, text) is expected
    assert overlaps(pattern, text) is expected


@quick
@given(patterns, patterns)
def test_patterns_touch_when_some_text_matches_both(one: str, other: str) -> None:
    """Compared with a search through short texts; longer ones may be needed, so only what is found must be told."""
    short = ("".join(letters) for size in range(5) for letters in product("ab:", repeat=size))
    found = any(fnmatchcase(text, one) and fnmatchcase(text, other) for text in short)

    assert overlaps(one, other) is overlaps(other, one)
    if found:
        assert overlaps(one, other)


@quick
@given(patterns, patterns, texts)
def test_what_covers_a_pattern_matches_all_that_it_matches(wide: str, narrow: str, text: str) -> None:
    """And what does not touch it matches nothing that it matches."""
    if fnmatchcase(text, narrow):
        assert not covers(wide, narrow) or fnmatchcase(text, wide)
        assert overlaps(wide, narrow) or not fnmatchcase(text, wide)


@quick
@given(st.lists(read_layers, min_size=1, max_size=3), statements, actions, resources, contexts, st.booleans())
def test_a_denial_never_adds(
    stack: list[Layer],
    more: Statement,
    action: str,
    resource: str,
    context: dict[str, tuple[str, ...] | None],
    whole: bool,
) -> None:
    """And an allowance never takes away, in whichever layer they are."""
    before = decide(stack, action, resource, context, whole=whole)
    first = Layer((*stack[0].statements, more))
    after = decide([first, *stack[1:]], action, resource, context, whole=whole)

    assert ORDER[after] >= ORDER[before] if more.allows else ORDER[after] <= ORDER[before]


@quick
@given(st.lists(read_layers, min_size=1, max_size=2), read_layers, actions, resources, contexts)
def test_a_boundary_never_adds(
    stack: list[Layer],
    bound: Layer,
    action: str,
    resource: str,
    context: dict[str, tuple[str, ...] | None],
) -> None:
    """Whatever it allows, there is no more than without it."""
    without = decide(stack, action, resource, context)

    assert ORDER[decide([*stack, bound], action, resource, context)] <= ORDER[without]


@quick
@given(layers, st.lists(statements, max_size=2), actions, resources, contexts)
def test_an_answer_on_partial_knowledge_stands(
    known: Layer,
    lost: list[Statement],
    action: str,
    resource: str,
    context: dict[str, tuple[str, ...] | None],
) -> None:
    """With policies unread, the answer is the one on full knowledge or that nobody can tell."""
    partial = decide([Layer(known.statements, complete=False)], action, resource, context)
    full = decide([Layer((*known.statements, *lost))], action, resource, context)

    assert partial in {UNREAD, full}


@quick
@given(read_layers, actions, resources, st.sampled_from(["a", "true"]))
def test_a_known_value_decides_what_was_open(known: Layer, action: str, resource: str, value: str) -> None:
    """What is certain without a key stays so with any value of it."""
    blind = decide([known], action, resource)
    told = decide([known], action, resource, {"k": (value,), "aws:username": (value,)})

    assert blind in {CONDITIONAL, told} or resource.endswith("*")
