"""Known ways in which rights that were given turn into rights that were not.

Each way is a set of actions that all have to be allowed, each on things enough of its kind: whoever may give keys to
one named program gains what that program has, and whoever may give them to every user gains everything.  The list
follows what has been published about IAM since 2018 (privilege escalation by Rhino Security Labs and others), and
leaves out the use of machines and functions under the role that they already have, except by replacing their program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from collectors.aws.policy_evaluator import Answer, Context, Layer, decide

IF = " (under conditions)"
"""Behind a way that is open under conditions only: most can be met at will."""

ANYBODY = "~"
"""Stands for the name of whoever holds a policy; no user or role can have it."""


class On(StrEnum):
    """What a step is done to: one thing at least, all of a kind, or the holder itself beside all of a kind."""

    ANY = "any"
    FUNCTIONS = "functions"
    GROUPS = "groups"
    POLICIES = "policies"
    ROLES = "roles"
    SELF = "self"
    USERS = "users"


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a way."""

    action: str
    on: On = On.ANY
    passed_to: str = ""
    """The service that a role is given to."""


def _pass(service: str, *actions: str) -> tuple[Step, ...]:
    """Start something in a service under a role of one's choice."""
    return (Step("iam:PassRole", On.ROLES, service), *(Step(action) for action in actions))


WAYS: tuple[tuple[Step, ...], ...] = (
    (Step("iam:CreatePolicyVersion", On.POLICIES),),
    (Step("iam:SetDefaultPolicyVersion", On.POLICIES),),
    (Step("iam:CreateAccessKey", On.USERS),),
    (Step("iam:CreateLoginProfile", On.USERS),),
    (Step("iam:UpdateLoginProfile", On.USERS),),
    (Step("iam:AttachUserPolicy", On.SELF),),
    (Step("iam:AttachGroupPolicy", On.GROUPS),),
    (Step("iam:AttachRolePolicy", On.SELF),),
    (Step("iam:PutUserPolicy", On.SELF),),
    (Step("iam:PutGroupPolicy", On.GROUPS),),
    (Step("iam:PutRolePolicy", On.SELF),),
    (Step("iam:AddUserToGroup", On.GROUPS),),
    (Step("iam:UpdateAssumeRolePolicy", On.ROLES),),
    (Step("iam:DeleteUserPermissionsBoundary", On.SELF),),
    (Step("iam:DeleteRolePermissionsBoundary", On.SELF),),
    (Step("sts:AssumeRole", On.ROLES),),
    (Step("lambda:UpdateFunctionCode", On.FUNCTIONS),),
    (Step("lambda:UpdateFunctionConfiguration", On.FUNCTIONS),),
    _pass("cloudformation", "cloudformation:CreateStack"),
    _pass("codebuild", "codebuild:CreateProject", "codebuild:StartBuild"),
    _pass("codestar", "codestar:CreateProject"),
    _pass(
        "datapipeline",
        "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline",
    ),
    _pass("ec2", "ec2:RunInstances"),
    _pass("ec2", "ec2:RequestSpotInstances"),
    _pass("ecs-tasks", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    _pass("glue", "glue:CreateDevEndpoint"),
    _pass("glue", "glue:CreateJob", "glue:StartJobRun"),
    _pass("lambda", "lambda:CreateFunction", "lambda:InvokeFunction"),
    _pass("lambda", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
    _pass("lambda", "lambda:CreateFunction", "lambda:AddPermission"),
    _pass("sagemaker", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
    _pass("sagemaker", "sagemaker:CreateProcessingJob"),
    _pass("sagemaker", "sagemaker:CreateTrainingJob"),
)  # fmt: skip
ACTIONS = tuple(sorted({step.action for way in WAYS for step in way}))
"""Every action that is part of some way."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who would go a way."""

    partition: str
    account: str
    uid: str
    """ARN of the user or role."""
    policies: tuple[str, ...] = ()
    """ARNs of the company's policies that it holds, which it might rewrite."""

    @classmethod
    def of_policy(cls, partition: str, account: str, policies: tuple[str, ...] = ()) -> Holder:
        """Some user that holds a policy, whoever it is."""
        return cls(partition, account, f"arn:{partition}:iam::{account}:user/{ANYBODY}", policies)

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.uid.rpartition("/")[2]

    @property
    def is_user(self) -> bool:
        """It is no role."""
        return ":user/" in self.uid

    def of_all(self, kind: str) -> str:
        """A pattern for all users, roles, groups or policies of the account."""
        return f"arn:{self.partition}:iam::{self.account}:{kind}/*"

    def context(self, passed_to: str = "") -> Context:
        """What is known of every request of the holder, who chooses it and whom it is about."""
        services = (f"{passed_to}.amazonaws.com", f"{passed_to}.amazonaws.com.cn")
        known: dict[str, tuple[str, ...] | None] = {
            "aws:principalaccount": (self.account,),
            "aws:securetransport": ("true",),
            "iam:permissionsboundary": None,  # the target would be one without a boundary
            "iam:passedtoservice": (services if self.partition == "aws-cn" else services[:1]) if passed_to else None,
        }
        if self.name != ANYBODY:
            known["aws:principalarn"] = (self.uid,)
        return known | {"aws:username": (self.name,) if self.is_user else None}


def ways(layers: tuple[Layer, ...], holder: Holder) -> tuple[str, ...] | None:
    """The ways that are open, each as its actions; None when policies that were not read decide about one."""
    found: list[str] = []
    for way in WAYS:
        answers = set()
        for step in way:
            answers.add(_step(layers, holder, step))
            if Answer.DENIED in answers:
                break  # one closed step closes the way, and most ways are closed by their first
        if Answer.DENIED in answers:
            continue
        if Answer.UNREAD in answers:
            return None
        name = " + ".join(step.action for step in way)
        found.append(name + IF if Answer.CONDITIONAL in answers else name)
    return tuple(found)


def _step(layers: tuple[Layer, ...], holder: Holder, step: Step) -> Answer:
    """The best answer for any of the things that would do."""
    context = holder.context(step.passed_to)
    answers = {
        decide(layers, step.action, target, context, whole=step.on is not On.ANY) for target in _targets(holder, step)
    }
    order = (Answer.ALLOWED, Answer.CONDITIONAL, Answer.UNREAD)
    return next((answer for answer in order if answer in answers), Answer.DENIED)


def _targets(holder: Holder, step: Step) -> Iterator[str]:
    match step.on:
        case On.USERS:
            yield holder.of_all("user")
        case On.GROUPS:
            yield holder.of_all("group")
        case On.ROLES:
            yield holder.of_all("role")
        case On.POLICIES:
            yield holder.of_all("policy")
            yield from holder.policies
        case On.SELF:
            kind = "user" if "User" in step.action else "role"
            yield holder.of_all(kind)
            if holder.is_user == (kind == "user"):
                yield holder.uid
        case On.FUNCTIONS:
            yield f"arn:{holder.partition}:lambda:*:{holder.account}:function:*"
        case On.ANY:
            yield "*"
