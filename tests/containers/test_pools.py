"""Jobs of Docker and Kubernetes pools: Prefect fills them in, and no secret stands in them.

The packages of these workers are not installed: each server and worker would load them.
Their own classes take a job as Prefect's base class fills it in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from prefect.server.schemas.actions import validate_base_job_template
from prefect.workers.base import BaseJobConfiguration

ROOT = Path(__file__).parents[2]
KINDS = ("docker", "kubernetes")
SECRETS = {"CENTRA_VISMA_LEDGER", "CENTRA_VISMA_KEY", "CENTRA_VISMA_ALERTS"}
OWN = {
    "CENTRA_VISMA_HOME": "/var/lib/centra-visma",
    "CENTRA_VISMA_CONNECTIONS": "/etc/centra-visma/connections",
    "CENTRA_VISMA_PROJECT": "/opt/centra-visma",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}


class DockerJob(BaseJobConfiguration):
    """A job of a Docker worker, by the fields that its class has."""

    image: str
    image_pull_policy: str
    networks: list[str]
    volumes: list[str]
    auto_remove: bool
    stream_output: bool
    mem_limit: str
    memswap_limit: str
    container_create_kwargs: dict[str, Any]


class KubernetesJob(BaseJobConfiguration):
    """A job of a Kubernetes worker, by the fields that its class has."""

    annotations: dict[str, str]
    namespace: str
    job_manifest: dict[str, Any]
    job_watch_timeout_seconds: int | None = None
    pod_watch_timeout_seconds: int
    stream_output: bool


def template(kind: str) -> dict[str, Any]:
    """What the folder has for a kind of pool."""
    text = (ROOT / "pools" / f"{kind}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


async def filled(kind: str, **values: Any) -> Any:
    """A job as a worker makes it of the template; it asks no server."""
    job = {"docker": DockerJob, "kubernetes": KubernetesJob}[kind]
    nobody: Any = object()
    return await job.from_template_and_values(template(kind), values, client=nobody)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_takes_the_template(kind: str) -> None:
    """Each placeholder is a variable, each variable has a default that fits its type."""
    said = template(kind)

    assert validate_base_job_template(said) == said
    jsonschema.Draft202012Validator.check_schema(said["variables"])
    for name, one in said["variables"]["properties"].items():
        assert one["title"], name
        assert one["description"], name
        if "default" in one:
            jsonschema.validate(one["default"], one)


async def test_a_docker_job_gets_its_secrets_from_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The template holds their names alone; without rights, and with limits."""
    monkeypatch.setenv("CENTRA_VISMA_KEY", "the key")
    said = json.dumps(template("docker"))
    assert {one for one in SECRETS if f"{{{{ ${one} }}}}" in said} == SECRETS

    job = await filled("docker", env={"MORE": "1"})

    assert job.env["CENTRA_VISMA_KEY"] == "the key"
    assert OWN.items() <= job.env.items()
    assert job.env["MORE"] == "1"
    assert job.image == "centra-visma:latest"
    assert job.mem_limit == job.memswap_limit == "1g"
    assert job.container_create_kwargs["read_only"] is True
    assert job.container_create_kwargs["cap_drop"] == ["ALL"]


async def test_a_kubernetes_job_is_one_that_a_cluster_takes() -> None:
    """Valid by the schemas of Kubernetes; secrets by reference, no rights, limits."""
    job = await filled("kubernetes", image="registry/centra-visma:1", name="orders")
    manifest = job.job_manifest
    [container] = manifest["spec"]["template"]["spec"]["containers"]
    container["args"] = ["prefect", "flow-run", "execute"]  # as the worker adds it

    kubernetes_validate.validate(manifest, "1.33", strict=True)

    by_name = {one["name"]: one for one in container["env"]}
    for secret in SECRETS:
        assert by_name[secret]["valueFrom"]["secretKeyRef"]["name"] == "centra-visma"
        assert "value" not in by_name[secret]
    assert {name: by_name[name]["value"] for name in OWN} == OWN
    assert container["image"] == "registry/centra-visma:1"
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    pod = manifest["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    mounted = {one["name"] for one in container["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}
    assert manifest["spec"]["backoffLimit"] == 0
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(
            {**manifest, "spec": {"backoffLimit": "none"}}, "1.33", strict=True
        )
