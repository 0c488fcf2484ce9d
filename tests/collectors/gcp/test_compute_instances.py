"""gcp.compute_instances"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import NUMBER, PROJECT, GcpEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.machines import (
    Machine,
    MachineAddresses,
    MachineForwarding,
    MachineIdentity,
    MachineMemory,
    MachineSignIn,
)
from collectors.gcp.compute_instances import COLLECTOR, INSTANCE
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
BASE = f"compute/compute/v1/projects/{PROJECT}"
LIST = f"{BASE}/aggregated/instances"
EMPTY = {"warning": {"code": "NO_RESULTS_ON_PAGE"}}
DEFAULT = f"{NUMBER}-compute@developer.gserviceaccount.com"
ALL = "https://www.googleapis.com/auth/cloud-platform"


def estate_of(estate: GcpEstate, *instances: dict[str, Any], **shared: str) -> None:
    """A project with these instances in one zone, and metadata that all of them share."""
    zones: dict[str, Any] = {"zones/us-east1-b": EMPTY}
    if instances:
        zones["zones/europe-west1-b"] = {"instances": list(instances)}
    estate.answers[LIST] = {"kind": "compute#instanceAggregatedList", "items": zones}
    estate.answers[BASE] = {"name": PROJECT, "commonInstanceMetadata": metadata(**shared)}


def metadata(**entries: str) -> dict[str, Any]:
    """Entries as Compute Engine lists them; an empty list is left out."""
    items = [{"key": key.replace("_", "-"), "value": value} for key, value in entries.items()]
    return {"kind": "compute#metadata", "fingerprint": "x", **({"items": items} if items else {})}


def instance(name: str = "web", **changed: Any) -> dict[str, Any]:
    """An instance with a private address and nothing else."""
    link = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b/instances/{name}"
    return {
        "name": name,
        "selfLink": link,
        "status": "RUNNING",
        "canIpForward": False,
        "networkInterfaces": [{"name": "nic0", "networkIP": "10.0.0.2"}],
        "metadata": metadata(),
        **changed,
    }


def test_a_project_without_instances_is_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Every zone says that it has none."""
    estate_of(estate)

    reading = read(COLLECTOR)

    assert reading.facts(Machine) == []
    assert reading.documents.complete(INSTANCE, "global") is None


def test_a_bare_instance(read: Read, estate: GcpEstate) -> None:
    """What nobody asked for is off."""
    estate_of(estate, instance())

    reading = read(COLLECTOR)
    machine = reading.fact(Machine, "web")

    assert machine.resource.uid == f"//compute.googleapis.com/projects/{PROJECT}/zones/europe-west1-b/instances/web"
    assert (machine.resource.region, machine.trusted_boot) == ("europe-west1-b", False)
    assert reading.fact(MachineAddresses, "web").public == ()
    assert reading.fact(MachineForwarding, "web").forwards is False
    assert reading.fact(MachineIdentity, "web").unlimited is False
    assert reading.fact(MachineMemory, "web").encrypted is False
    sign_in = reading.fact(MachineSignIn, "web")
    assert (sign_in.directory, sign_in.shared_keys, sign_in.console) == (False, True, False)


def test_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """Each setting is read and shaped."""
    body = instance(
        canIpForward=True,
        networkInterfaces=[
            {
                "name": "nic0",
                "accessConfigs": [{"type": "ONE_TO_ONE_NAT", "natIP": "203.0.113.7"}],
                "ipv6AccessConfigs": [{"externalIpv6": "2001:db8::7"}],
            },
            {"name": "nic1", "accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]},
        ],
        serviceAccounts=[{"email": DEFAULT, "scopes": [ALL]}],
        shieldedInstanceConfig={"enableSecureBoot": True, "enableVtpm": True},
        confidentialInstanceConfig={"confidentialInstanceType": "SEV_SNP"},
    )
    estate_of(estate, body)

    reading = read(COLLECTOR)

    assert reading.fact(Machine, "web").trusted_boot is True
    assert reading.fact(MachineAddresses, "web").public == ("203.0.113.7", "2001:db8::7", "ephemeral")
    assert reading.fact(MachineForwarding, "web").forwards is True
    assert reading.fact(MachineIdentity, "web").unlimited is True
    assert reading.fact(MachineMemory, "web").encrypted is True


@pytest.mark.parametrize(
    ("email", "scope"), [("robot@acme.iam.gserviceaccount.com", ALL), (DEFAULT, f"{ALL}.read-only"), (DEFAULT, "x")]
)
def test_an_account_of_its_own_or_a_scope_is_a_limit(read: Read, estate: GcpEstate, email: str, scope: str) -> None:
    """Only the default account with the scope of everything has none."""
    estate_of(estate, instance(serviceAccounts=[{"email": email, "scopes": [scope]}]))

    assert read(COLLECTOR).fact(MachineIdentity, "web").unlimited is False


@pytest.mark.parametrize(
    ("own", "shared", "directory", "shared_keys", "console"),
    [
        ({}, {"enable_oslogin": "TRUE"}, True, False, False),
        ({"enable_oslogin": "false"}, {"enable_oslogin": "TRUE"}, False, True, False),
        ({"enable_oslogin": "Y"}, {}, True, False, False),
        ({"block_project_ssh_keys": "true"}, {}, False, False, False),
        ({}, {"serial_port_enable": "1"}, False, True, True),
        ({"serial_port_enable": "0"}, {"serial_port_enable": "1"}, False, True, False),
    ],
)
def test_a_machine_decides_before_its_project(
    read: Read,
    estate: GcpEstate,
    own: dict[str, str],
    shared: dict[str, str],
    directory: bool,
    shared_keys: bool,
    console: bool,
) -> None:
    """What it does not say, the project says; keys of the project mean nothing where the directory decides."""
    estate_of(estate, instance(metadata=metadata(**own)), **shared)

    sign_in = read(COLLECTOR).fact(MachineSignIn, "web")

    assert (sign_in.directory, sign_in.shared_keys, sign_in.console) == (directory, shared_keys, console)


def test_scripts_and_keys_are_never_kept(read: Read, estate: GcpEstate) -> None:
    """Of entries that are no settings only the names stay."""
    secret = "hunter2hunter2"
    estate_of(estate, instance(metadata=metadata(startup_script=secret, enable_oslogin="TRUE")), ssh_keys=secret)

    reading = read(COLLECTOR)

    kept = json.dumps([dict(document.body) for document in reading.page.documents])
    assert secret not in kept
    assert "startup-script" in kept
    assert "ssh-keys" in kept
    assert reading.fact(MachineSignIn, "web").directory is True


def test_a_refused_project_leaves_unread_what_it_would_decide(read: Read, estate: GcpEstate) -> None:
    """What a machine says for itself is known all the same."""
    estate_of(estate, instance("own", metadata=metadata(enable_oslogin="TRUE")), instance("asks"))
    estate.faults.append(Fault(rf"/projects/{PROJECT}\?fields"))

    reading = read(COLLECTOR)

    assert reading.fact(MachineSignIn, "own").directory is True
    assert reading.fact(MachineSignIn, "own").shared_keys is False
    unread = reading.fact(MachineSignIn, "asks").shared_keys
    assert isinstance(unread, Unread)
    assert (unread.operation, unread.permission) == ("compute:projects.get", "compute.projects.get")
    assert reading.fact(MachineForwarding, "asks").forwards is False


def test_a_word_that_is_neither_is_unread(read: Read, estate: GcpEstate) -> None:
    """Nobody can tell what the machine makes of it."""
    estate_of(estate, instance(metadata=metadata(serial_port_enable="maybe")))

    assert isinstance(read(COLLECTOR).fact(MachineSignIn, "web").console, Unread)


def test_a_zone_that_was_not_reached_leaves_a_gap(read: Read, estate: GcpEstate) -> None:
    """A list with a warning lacks what is in that zone."""
    estate_of(estate, instance())
    estate.answers[LIST]["items"]["zones/us-east1-b"] = {"warning": {"code": "UNREACHABLE"}}

    reading = read(COLLECTOR)

    unread = reading.documents.complete(INSTANCE, "global")
    assert unread is not None
    assert unread.reason is Reason.PARTIAL_LISTING


def test_compute_engine_that_is_off_has_no_instances(read: Read, estate: GcpEstate) -> None:
    """Google turns it off only where nothing is left in it."""
    estate.disabled.add("compute")

    reading = read(COLLECTOR)

    assert reading.page.gaps == []
    assert reading.documents.complete(INSTANCE, "global") is None
