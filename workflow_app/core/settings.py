"""Settings: read once from the environment and from secret files; a wrong value stops the start with a sentence."""

import secrets
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "WORKFLOW_APP_"


class SettingsWrong(Exception):
    """A setting that the product cannot start with; the message names it and says what to do."""


class Settings(BaseSettings):
    """Everything that an installation decides outside the database.

    Each is an environment variable with the prefix WORKFLOW_APP_, except DATABASE_URL and
    DATABASE_OWNER_URL. A secret may be given as a file: `WORKFLOW_APP_SECRET_KEY_FILE=/run/…`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=lambda: default_data_dir())  # noqa: PLW0108 - defined below
    database_url: Annotated[SecretStr | None, Field(validation_alias="DATABASE_URL")] = None
    database_owner_url: Annotated[SecretStr | None, Field(validation_alias="DATABASE_OWNER_URL")] = None
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None

    store: str | None = None
    store_access_key: SecretStr | None = None
    store_secret_key: SecretStr | None = None
    store_secret_key_file: Path | None = None

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    threads: Annotated[int, Field(ge=1, le=64)] = 16
    base_url: str | None = None
    secure_cookies: bool = False
    worker_concurrency: Annotated[int, Field(ge=1, le=32)] = 2
    session_idle_minutes: Annotated[int, Field(ge=5, le=240)] = 30
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    language: Literal["vi", "en"] = "vi"
    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_password_file: Path | None = None
    mail_from: str | None = None

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _one_dialect(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        url = value.get_secret_value()
        for given in ("postgres://", "postgresql://"):
            if url.startswith(given):
                return SecretStr("postgresql+psycopg://" + url.removeprefix(given))
        if not url.startswith("postgresql+psycopg://"):
            raise ValueError("phải là địa chỉ PostgreSQL, ví dụ postgresql://ten@may/giao_uoc")
        return value

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("secret_key", "store_secret_key", "smtp_password"):
            file = values.get(f"{name}_file")
            if file and not values.get(name):
                path = Path(str(file))
                if not path.is_file():
                    raise ValueError(f"{PREFIX}{name.upper()}_FILE: không đọc được tệp {path}")
                values[name] = path.read_text().strip()
        return values

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if (
            self.store
            and self.store.startswith("s3:")
            and not (self.store_access_key and self.store_secret_key)
        ):
            raise ValueError("kho s3:// cần WORKFLOW_APP_STORE_ACCESS_KEY và WORKFLOW_APP_STORE_SECRET_KEY")
        if self.smtp_host and not self.mail_from:
            raise ValueError("có WORKFLOW_APP_SMTP_HOST thì cần WORKFLOW_APP_MAIL_FROM")
        return self

    @property
    def embedded_database(self) -> bool:
        """True when the product brings its own PostgreSQL."""
        return self.database_url is None

    @property
    def objects(self) -> str:
        """Where document bytes are kept."""
        return self.store or f"file://{self.data_dir.resolve() / 'objects'}"

    def signing_key(self) -> str:
        """The key of cookies and tokens: given, or made once and kept in the data folder (mode 0600)."""
        if self.secret_key:
            return self.secret_key.get_secret_value()
        file = self.data_dir / "secret.key"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48))
        return file.read_text()


def load(**overrides: object) -> Settings:
    """The settings of this process; overrides come from the command line.

    Raises SettingsWrong, whose text is for the person who starts the program.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks the types
    except ValidationError as error:
        lines = [f"{_variable(item['loc'])}: {_sentence(item['msg'])}" for item in error.errors()]
        raise SettingsWrong(
            "Cấu hình sai, chưa khởi động. " + "; ".join(lines)
        ) from None  # the input may be a secret


def default_data_dir() -> Path:
    """Where an installation without settings keeps its data: never inside the source tree."""
    if sys.platform == "linux" and Path.home() == Path("/root"):
        return Path("/var/lib/giao-uoc")  # PostgreSQL runs as another user and must reach it
    return Path.home() / ".local" / "share" / "giao-uoc"


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "Settings"
    return name if name.isupper() else PREFIX + name.upper()


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
