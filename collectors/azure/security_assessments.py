"""What Defender for Cloud found out about machines and images, for the questions that some check asks."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.detection import Assessment

TYPE = "Microsoft.Security/assessments"
VERSION = "2021-06-01"
ASSESSMENT = of_subscription(
    "azure.security.assessment",
    TYPE,
    VERSION,
    volatile=("properties.additionalData",),
)

ENDPOINT, SCANNER, IMAGES, UPDATES = (
    "endpoint_protection",
    "vulnerability_scanner",
    "image_vulnerabilities",
    "system_updates",
)
TOPICS = {
    "83f577bd-a1b6-b7e1-0891-12ca19d1e6df": ENDPOINT,  # virtual machines, retired by Azure in 2024
    "21300918-b2e3-0346-785f-c77ff57d243b": ENDPOINT,  # scale sets
    "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c": ENDPOINT,  # detection and response on virtual machines
    "ffff0522-1e88-47fc-8382-2a80ba848f5d": SCANNER,
    "c609cf0f-71ab-41e9-a3c6-9a1f7fe1b8d5": IMAGES,  # running
    "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5": IMAGES,  # in registries
    "4ab6e3c5-74dd-8b35-9ab9-f61b30875b27": UPDATES,  # found by the log agent, retired by Azure in 2024
    "e1145ab1-eb4f-43d8-911b-36ddf771d13f": UPDATES,  # found by the update manager
    "90386950-71ca-4357-a12e-486d1679427c": UPDATES,  # whether machines look for them at all
}
"""Azure's keys of questions, from its list of security recommendations, and the topics that they belong to."""
STATES = {"healthy": "healthy", "unhealthy": "unhealthy", "notapplicable": "exempt"}
SWITCHED_OFF = "offbypolicy"
"""The cause of a status that says only that nobody looked."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every assessment, of which those are kept that some check asks for: there are dozens for each resource."""
    for assessment in azure.listing(ASSESSMENT):
        if key_of(assessment) in TOPICS:
            yield azure.document(ASSESSMENT, uid_of(assessment), assessment)


def key_of(assessment: Body) -> str:
    """Azure's key of the question."""
    return str(assessment["name"]).lower()


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per resource and question."""
    for assessment in docs.of(ASSESSMENT):
        uid = assessment.uid
        about = uid.partition(f"/providers/{TYPE.lower()}/")[0]
        yield Assessment(
            resource=docs.resource("assessment", uid, about.rpartition("/")[2], "global"),
            documents=docs.about(uid),
            topic=TOPICS[key_of(assessment.body)],
            status=_status(docs, assessment),
            because=docs.field(ASSESSMENT, assessment, cause),
        )


def _status(docs: Documents, assessment: Document) -> str | Unread:
    """A question that a policy switched off was not asked."""
    if str(docs.field(ASSESSMENT, assessment, cause)).lower() == SWITCHED_OFF:
        said = "the question is switched off by policy"
        return Unread(Reason.EXCLUDED_BY_CONFIG, ASSESSMENT.call, ASSESSMENT.needs, said)
    return docs.field(ASSESSMENT, assessment, lambda body: STATES[str(properties(body)["status"]["code"]).lower()])


def cause(assessment: Body) -> str:
    """Azure's word for why; it needs none where the status speaks for itself."""
    return str(properties(assessment)["status"].get("cause") or "")


COLLECTOR = Collector(
    id="azure.security_assessments",
    title="Assessments of Defender for Cloud",
    scope="global",
    kinds=(ASSESSMENT,),
    emits={Assessment: ASSESSMENT},
    source=f"Microsoft Defender for Cloud assessments {VERSION}",
    fetch=fetch,
    shape=shape,
)
