"""The chart is clean, and what it renders is valid Kubernetes, in each way in which it is meant to be used."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

CHART = Path(__file__).parents[1] / "helm" / "proofkeep"
KUBERNETES = ("1.27", "1.37")
"""The oldest and the newest form whose schemas are at hand and that we promise to fit."""
NO_SCHEMA = {"ServiceMonitor", "PrometheusRule"}
"""Kinds of the Prometheus operator; Kubernetes itself has no schema for them."""
INFORMATION = 1
"""Of helm's severities: a chart without an icon is fine."""

POSTGRESQL: dict[str, Any] = {
    "database": {"kind": "postgresql", "postgresql": {"existingSecret": "proofkeep-database"}},
    "signingKey": {"existingSecret": "proofkeep-key"},
}
SETUPS: dict[str, dict[str, Any]] = {
    "sqlite": {},
    "sqlite, a claim and a key of their own": {
        "persistence": {"existingClaim": "evidence"},
        "signingKey": {"existingSecret": "proofkeep-key"},
    },
    "postgresql": POSTGRESQL,
    "postgresql, one agent with a volume": {
        "database": POSTGRESQL["database"],
        "replicas": 1,
        "persistence": {"enabled": True, "storageClass": "fast", "annotations": {"backup": "daily"}},
    },
    "postgresql, two agents on one volume": {**POSTGRESQL, "persistence": {"enabled": True}},
    "postgresql, upgraded by hand": {
        **POSTGRESQL,
        "database": {"kind": "postgresql", "postgresql": {"existingSecret": "s", "ownerUrlKey": ""}},
    },
    "workers": {**POSTGRESQL, "workers": {"enabled": True, "replicas": 4}},
    "eks": {"workloadIdentity": {"eks": {"roleArn": "arn:aws:iam::123456789012:role/ProofkeepRead"}}},
    "eks pod identity": {"workloadIdentity": {"eks": {"podIdentity": True}}},
    "aks": {
        **POSTGRESQL,
        "workers": {"enabled": True},
        "workloadIdentity": {"aks": {"clientId": "c", "tenantId": "t"}},
    },
    "gke": {"workloadIdentity": {"gke": {"serviceAccount": "proofkeep@acme.iam.gserviceaccount.com"}}},
    "operator": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "an account that exists": {"serviceAccount": {"create": False, "name": "audit"}},
    "everything that can be handed through": {
        "image": {"digest": f"sha256:{'0' * 64}"},
        "imagePullSecrets": [{"name": "registry"}],
        "env": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
        "envFrom": [{"secretRef": {"name": "proofkeep-alerts"}}],
        "podAnnotations": {"a": "b"},
        "podLabels": {"team": "platform"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "audit", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
        "networkPolicy": {
            "metrics": {"podSelector": {"matchLabels": {"app": "prometheus"}}},
            "egress": {
                "dns": [{"namespaceSelector": {}}],
                "https": [{"ipBlock": {"cidr": "0.0.0.0/0"}}],
                "extra": [{"ports": [{"port": 587, "protocol": "TCP"}]}],
            },
        },
    },
    "as little as can be": {
        "networkPolicy": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
    },
}
every_setup = pytest.mark.parametrize("setup", SETUPS)


@cache
def rendered(setup: str) -> tuple[dict[str, Any], ...]:
    """The objects that the chart makes of one of the setups."""
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render(values=SETUPS[setup], name="audit", namespace="security")
    return tuple(
        found
        for name, text in sorted(files.items())
        if not name.endswith("NOTES.txt")
        for found in yaml.safe_load_all(text)
        if found
    )


def one(setup: str, kind: str, suffix: str = "") -> dict[str, Any]:
    """The one object of that kind whose name ends in `suffix`."""
    (found,) = (
        each
        for each in rendered(setup)
        if each["kind"] == kind and each["metadata"]["name"] == f"audit-proofkeep{suffix}"
    )
    return found


def pod(setup: str, suffix: str = "") -> dict[str, Any]:
    """The pods of a Deployment."""
    template: dict[str, Any] = one(setup, "Deployment", suffix)["spec"]["template"]
    return template


def kinds(setup: str) -> set[str]:
    """What kinds of objects the chart makes."""
    return {each["kind"] for each in rendered(setup)}


@every_setup
def test_helm_finds_nothing(setup: str) -> None:
    """`helm lint --strict` has nothing to say but that there is no icon."""
    report = helm_python.lint(CHART, SETUPS[setup], strict=True)

    assert report["errors"] == []
    assert [each for each in report["messages"] if each["severity"] > INFORMATION] == []


@every_setup
@pytest.mark.parametrize("version", KUBERNETES)
def test_objects_are_valid(setup: str, version: str) -> None:
    """Each object fits Kubernetes' own schema, unknown fields included, in the oldest and newest form."""
    objects = [each for each in rendered(setup) if each["kind"] not in NO_SCHEMA]

    assert objects
    for each in objects:
        kubernetes_validate.validate(each, version, strict=True)


@every_setup
def test_names_are_told_apart(setup: str) -> None:
    """No two objects of a kind have one name, and each carries the release's labels."""
    names = [(each["kind"], each["metadata"]["name"]) for each in rendered(setup)]

    assert len(names) == len(set(names))
    assert all(each["metadata"]["labels"]["app.kubernetes.io/instance"] == "audit" for each in rendered(setup))


@every_setup
def test_containers_may_do_nothing(setup: str) -> None:
    """No root, no capability, nothing to write to but volumes, no token of the cluster; in steps before too."""
    for deployment in (each for each in rendered(setup) if each["kind"] == "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["terminationGracePeriodSeconds"] == 30
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


@every_setup
def test_mounts_have_volumes(setup: str) -> None:
    """Each mount names a volume of its pod, and each volume is mounted."""
    for deployment in (each for each in rendered(setup) if each["kind"] == "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        containers = (*spec.get("initContainers", ()), *spec["containers"])
        mounted = {mount["name"] for container in containers for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in spec["volumes"]}


@every_setup
def test_selectors_find_their_pods(setup: str) -> None:
    """Deployment, Service, budgets and network policy select pods that exist, and no selector mixes two."""
    pods = {
        each["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"][
            "metadata"
        ]
        for each in rendered(setup)
        if each["kind"] == "Deployment"
    }
    for each in rendered(setup):
        spec = each.get("spec", {})
        selector = spec.get("selector") if each["kind"] != "NetworkPolicy" else spec["podSelector"]
        if selector is None or each["kind"] == "ServiceMonitor":
            continue
        wanted = selector.get("matchLabels", selector)
        found = {name for name, meta in pods.items() if wanted.items() <= meta["labels"].items()}
        assert found == (
            {wanted["app.kubernetes.io/component"]} if "app.kubernetes.io/component" in wanted else set(pods)
        )


def test_a_file_serves_one_agent() -> None:
    """With SQLite the old agent ends before the new one starts, on a claim that outlives the release."""
    deployment = one("sqlite", "Deployment")["spec"]
    claim = one("sqlite", "PersistentVolumeClaim")

    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_a_server_serves_two_agents() -> None:
    """With PostgreSQL two agents overlap while they are replaced, and no volume is asked for."""
    deployment = one("postgresql", "Deployment")["spec"]

    assert (deployment["replicas"], deployment["strategy"]["type"]) == (2, "RollingUpdate")
    assert "PersistentVolumeClaim" not in kinds("postgresql")
    assert one("postgresql, two agents on one volume", "PersistentVolumeClaim")["spec"]["accessModes"] == [
        "ReadWriteMany"
    ]


def keys(container: dict[str, Any]) -> dict[str, str]:
    """Which key of a Secret each variable of a container comes from."""
    return {
        each["name"]: each["valueFrom"]["secretKeyRef"]["key"]
        for each in container.get("env", ())
        if "valueFrom" in each
    }


def test_only_the_steps_before_own_the_tables() -> None:
    """The owner's password reaches the upgrade and the grants, and neither agent nor worker."""
    spec = pod("workers")["spec"]
    steps = {each["name"]: keys(each) for each in spec["initContainers"]}

    assert steps == {
        "signing-key": {},
        "upgrade": {"PROOFKEEP_DATABASE": "owner-url"},
        "grants": {"PROOFKEEP_DATABASE": "owner-url"},
    }
    assert keys(spec["containers"][0]) == {"PROOFKEEP_DATABASE": "url"}
    assert keys(pod("workers", "-worker")["spec"]["containers"][0]) == {"PROOFKEEP_DATABASE": "url"}
    assert [each["name"] for each in pod("postgresql, upgraded by hand")["spec"]["initContainers"]] == ["signing-key"]


def test_new_settings_start_new_pods() -> None:
    """The digest of the settings stands at the pods, so that a change replaces them."""
    with helm_python.Chart.load(CHART) as chart:
        changed = chart.render(values={"config": "[schedule]\nevery = '2h'\n"}, name="audit")
    before = pod("sqlite")["metadata"]["annotations"]["checksum/config"]
    after = yaml.safe_load(changed["proofkeep/templates/agent.yaml"])["spec"]["template"]["metadata"]["annotations"]

    assert after["checksum/config"] != before


@pytest.mark.parametrize(
    ("setup", "annotations", "label"),
    [
        ("sqlite", {}, None),
        ("eks", {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/ProofkeepRead"}, None),
        ("aks", {"azure.workload.identity/client-id": "c", "azure.workload.identity/tenant-id": "t"}, "true"),
        ("gke", {"iam.gke.io/gcp-service-account": "proofkeep@acme.iam.gserviceaccount.com"}, None),
    ],
)
def test_pods_have_an_identity(setup: str, annotations: dict[str, str], label: str | None) -> None:
    """Each cloud finds its annotation at the service account, and Azure its label at all pods."""
    account = one(setup, "ServiceAccount")

    assert account["metadata"].get("annotations", {}) == annotations
    for deployment in (each for each in rendered(setup) if each["kind"] == "Deployment"):
        template = deployment["spec"]["template"]
        assert template["spec"]["serviceAccountName"] == account["metadata"]["name"]
        assert template["metadata"]["labels"].get("azure.workload.identity/use") == label


def ports(setup: str) -> list[int]:
    """Where the pods may connect to."""
    return [port["port"] for rule in one(setup, "NetworkPolicy")["spec"]["egress"] for port in rule["ports"]]


def test_the_network_is_closed() -> None:
    """In: the metrics port from the named namespace.  Out: names, HTTPS, the database, what an identity needs."""
    (rule,) = one("sqlite", "NetworkPolicy")["spec"]["ingress"]

    assert rule["ports"] == [{"port": 9464, "protocol": "TCP"}]
    assert rule["from"][0]["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}
    assert ports("sqlite") == ports("eks") == [53, 53, 443]
    assert ports("postgresql") == [53, 53, 443, 5432]
    assert ports("eks pod identity") == [53, 53, 443, 80]
    assert ports("gke") == [53, 53, 443, 80, 987, 988]
    assert ports("everything that can be handed through") == [53, 53, 443, 587]


def test_operator_objects_are_off_until_asked_for() -> None:
    """A cluster without the Prometheus operator takes the chart as it is; with it the rules are the published ones."""
    published = yaml.safe_load(
        (CHART.parents[1] / "monitoring" / "alertmanager-rules.yaml").read_text(encoding="utf-8")
    )

    assert not NO_SCHEMA & kinds("sqlite")
    assert one("operator", "PrometheusRule")["spec"] == published
    assert one("operator", "ServiceMonitor")["spec"]["endpoints"][0]["port"] == "http"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "two agents on a file": ({"replicas": 2}, "an SQLite file serves one agent"),
    "workers on a file": ({"workers": {"enabled": True}}, "workers need database.kind postgresql"),
    "a file without a volume": ({"persistence": {"enabled": False}}, "SQLite needs the volume"),
    "a server without a Secret": ({"database": {"kind": "postgresql"}}, "name the Secret"),
    "two agents without a key": ({"database": POSTGRESQL["database"]}, "need a key that they are given"),
    "nobody's account": ({"serviceAccount": {"create": False}}, "serviceAccount.name is needed"),
    "another database": ({"database": {"kind": "mysql"}}, "kind"),
    "a misspelled value": ({"replica": 2}, "replica"),
    "a role that is none": ({"workloadIdentity": {"eks": {"roleArn": "ProofkeepRead"}}}, "roleArn"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_values_are_refused(case: str) -> None:
    """A combination that would lose evidence, or do nothing, fails before anything is installed."""
    values, said = REFUSED[case]
    with helm_python.Chart.load(CHART) as chart, pytest.raises(helm_python.HelmError) as refused:
        install(chart, values)

    assert said in str(refused.value)


def install(chart: helm_python.Chart, values: dict[str, Any]) -> None:
    """What `helm install` does before it asks the cluster."""
    chart.validate_schema(values)
    chart.render(values=values, name="audit")
