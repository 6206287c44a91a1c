"""Where this installation keeps its things, and the secrets of a connection."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Application", "PoolKind", "Secrets"]

PoolKind = Literal["process", "docker", "kubernetes"]


class Application(BaseSettings):
    """One installation, from environment variables that start CENTRA_VISMA_."""

    model_config = SettingsConfigDict(env_prefix="CENTRA_VISMA_", extra="ignore")

    home: Path = Field(
        default_factory=lambda: user_data_path("centra-visma"),
        description="Folder of the embedded database and the key file.",
    )
    connections: Path = Field(
        Path("connections"), description="Folder of the connection files."
    )
    ledger: SecretStr | None = Field(
        None,
        description=(
            "Address of the ledger's database, and of the PostgreSQL that Prefect "
            "uses too; empty is SQLite in the home folder, for both."
        ),
    )
    password: SecretStr | None = Field(
        None, description="Asked for by the Prefect server; demanded off this machine."
    )
    schedules: Literal["when_live", "by_hand"] = Field(
        "when_live",
        description="Whether schedules are switched on when their direction goes live.",
    )
    pool: PoolKind = Field(
        "process", description="In what runs are carried out: the kind of work pool."
    )
    docs: str | None = Field(
        None, description="Address of docs/ for links of the UI; empty is the folder."
    )

    receiver_host: str = Field(
        "127.0.0.1", description="Where the webhook receiver listens."
    )
    receiver_port: int = Field(
        4280, ge=0, le=65535, description="Its port; 0 takes a free one."
    )
    webhook_window_seconds: int = Field(
        300,
        ge=10,
        le=3600,
        description="How far the signed time of a webhook may be from ours, both ways.",
    )
    visma_signature_header: str | None = Field(
        None,
        description="Header of Visma.net's signature; empty looks at every header.",
    )
    keep_runs_days: int = Field(
        14,
        ge=2,
        le=40,
        description="Days that Prefect keeps ended runs, their logs and their results.",
    )
    alerts: SecretStr | None = Field(
        None, description="Where alerts go: Apprise addresses, separated by spaces."
    )
    alerts_solved: bool = Field(
        default=False, description="Whether the end of a cause is told, too."
    )
    alerts_again_hours: int | None = Field(
        None, ge=1, description="After how long a cause that lasts is told again."
    )
    database_limit_mb: int = Field(
        20_000, ge=1, description="How large ledger and Prefect's database may be."
    )

    @property
    def ledger_url(self) -> str:
        """The ledger's database address, embedded SQLite unless one is set."""
        named = self.ledger.get_secret_value() if self.ledger else ""
        return named or f"sqlite:///{self.home / 'ledger.db'}"


class Secrets(BaseSettings):
    """Secrets of one connection, from CENTRA_VISMA_<NAME>_..., never from a file."""

    model_config = SettingsConfigDict(extra="ignore")

    centra_token: SecretStr | None = None
    visma_client_id: str | None = None
    visma_client_secret: SecretStr | None = None
    centra_webhook_secret: SecretStr | None = None
    visma_webhook_secret: SecretStr | None = None

    @classmethod
    def of(cls, connection: str) -> Secrets:
        """Read the secrets of a connection from the environment."""
        prefix = f"CENTRA_VISMA_{connection.upper().replace('-', '_')}_"
        return cls(_env_prefix=prefix)
