"""aws.rds_clusters"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.rds_clusters import CLUSTER, COLLECTOR, copies_tags
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.stores import Database
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def create(rds: Any, name: str, **settings: Any) -> None:
    """An Aurora cluster, unless the settings say otherwise."""
    rds.create_db_cluster(
        **{
            "DBClusterIdentifier": name,
            "Engine": "aurora-postgresql",
            "MasterUsername": "app",
            "MasterUserPassword": "not-a-secret-1",
            **settings,
        }
    )


def test_a_well_kept_cluster(read: Read, client: Client) -> None:
    """Each setting that is on is a fact that is true, and a cluster is not its own member."""
    create(
        client("rds"),
        "kept",
        StorageEncrypted=True,
        KmsKeyId=KEY,
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        EnableCloudwatchLogsExports=["postgresql"],
    )

    kept = read(COLLECTOR).fact(Database, "kept")

    assert (kept.engine, kept.clustered) == ("aurora-postgresql", False)
    assert (kept.encrypted_at_rest, kept.customer_key) == (True, KEY)
    assert kept.public is False
    assert (kept.backup_days, kept.point_in_time) == (14, True)
    assert kept.deletion_protected is True
    assert kept.multi_zone is False
    assert kept.exported_logs == ("postgresql",)
    assert kept.copies_tags_to_snapshots is True


def test_a_careless_cluster(read: Read, client: Client) -> None:
    """Each setting that is off is a fact that is false, read as such."""
    create(client("rds"), "careless", StorageEncrypted=False)

    careless = read(COLLECTOR).fact(Database, "careless")

    assert (careless.encrypted_at_rest, careless.customer_key) == (False, None)
    assert careless.deletion_protected is False
    assert careless.exported_logs == ()
    assert careless.copies_tags_to_snapshots is False


def test_neptune_answers_here_too(read: Read, client: Client) -> None:
    """Clusters of the sister services keep the name of their engine."""
    client("neptune").create_db_cluster(DBClusterIdentifier="graph", Engine="neptune")

    assert read(COLLECTOR).fact(Database, "graph").engine == "neptune"


def test_no_clusters_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    documents = read(COLLECTOR).documents

    assert list(COLLECTOR.shape(documents)) == []
    assert documents.complete(CLUSTER, REGION) is None


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """No cluster is known, and that is said."""
    create(client("rds"), "c")
    getattr(faults, fault).add("rds:DescribeDBClusters")

    unlisted = read(COLLECTOR).documents.complete(CLUSTER, REGION)

    assert unlisted is not None
    assert unlisted.operation == "rds:DescribeDBClusters"


def shaped(body: dict[str, Any]) -> Database:
    """The fact about one cluster with this body."""
    document = Document(CLUSTER.name, "arn:aws:rds:us-east-1:1:cluster:c", REGION, body)
    documents = Documents(COLLECTOR, Identity("aws", "1", "me", "aws"), (REGION,), [document])
    return next(each for each in COLLECTOR.shape(documents) if isinstance(each, Database))


def test_every_field_that_aws_left_out_is_unread() -> None:
    """A bare answer proves no setting, on or off."""
    fact = shaped({})

    for value in (
        fact.encrypted_at_rest,
        fact.customer_key,
        fact.backup_days,
        fact.point_in_time,
        fact.deletion_protected,
        fact.multi_zone,
        fact.copies_tags_to_snapshots,
    ):
        assert isinstance(value, Unread)


def test_a_multi_zone_cluster_can_be_public() -> None:
    """Where the cluster itself has an address, AWS says whether it is public."""
    assert shaped({"PubliclyAccessible": True}).public is True


def test_documentdb_has_no_tags_to_copy() -> None:
    """A setting that the engine lacks is neither on nor off."""
    assert copies_tags({"Engine": "docdb", "CopyTagsToSnapshot": False}) is None
    assert copies_tags({"Engine": "neptune", "CopyTagsToSnapshot": False}) is False
