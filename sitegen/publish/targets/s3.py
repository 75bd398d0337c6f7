"""A bucket of an S3-compatible store: changed files only, assets before pages, deletions last.

The object `.sitegen/manifest.json` lists the managed files with their hashes. A file is added to it before it is
uploaded, so whatever happens, an object outside of the manifest is unmanaged.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import md5
from importlib import import_module
from itertools import groupby
from typing import Any, Final

from sitegen.config.targets import Target
from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.backend import PublishRequest, PublishUI, TargetBackend, publish_target
from sitegen.publish.command import redact
from sitegen.publish.plan import Plan, TargetFile, TargetState, check_conflicts
from sitegen.publish.releases import Manifest, decode_manifest, encode_manifest
from sitegen.publish.site_files import CACHE_CONTROL, PublishFile, file_class
from sitegen.util.media_types import content_type
from sitegen.yaml_source.reader import MappingReader

MANIFEST_KEY: Final = ".sitegen/manifest.json"
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_PREFIX: Final = re.compile(r"(?!/)(?!.*//)(?!(.*/)?\.{1,2}(/|$))[A-Za-z0-9._~!$&'()*+,;=:@/-]*")
_THREADS: Final = 8
_MAX_DELETE: Final = 1000
_DENIED: Final = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "403", "ExpiredToken", "InvalidToken"}
)


@publish_target("s3")
class S3Backend(TargetBackend):
    """Publishes to a bucket; boto3 finds the credentials."""

    def __init__(self, target: Target, request: PublishRequest, ui: PublishUI) -> None:
        super().__init__(target, request, ui)
        self._bucket, self._prefix = self.options["bucket"], self.options["prefix"]
        location = f"{self._bucket}/{self._prefix}" if self._prefix else self._bucket
        endpoint = self.options["endpoint"]  # None for Amazon S3
        self.description = f"the bucket {location}" + (f" at {endpoint}" if endpoint else "")
        self._client = self._connect()
        self.resources.callback(self._client.close)

    @classmethod
    def read_options(cls, reader: MappingReader) -> Mapping[str, Any]:
        """Read `bucket`, `prefix`, `endpoint`, `region` and `profile`."""
        bucket = reader.matching("bucket", _BUCKET, "the name of a bucket", "bucket: my-digest")
        prefix = reader.text("prefix") or ""
        if not _PREFIX.fullmatch(prefix):
            message = f"'prefix' is {prefix!r}; expected a path that does not start with a slash"
            reader.error("bad-prefix", reader.location_of("prefix"), message, hint="prefix: digest/")
        prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        others = {"endpoint": reader.url("endpoint")} | {key: reader.text(key) for key in ("region", "profile")}
        return {"bucket": bucket, "prefix": prefix, **others}

    def _connect(self) -> Any:
        try:
            boto3, botocore_config = import_module("boto3"), import_module("botocore.config")
        except ImportError as error:
            message = "a target of the kind s3 needs another package: pip install 'sitegen-digest[s3]'"
            raise UsageError(message) from error
        config = botocore_config.Config(
            connect_timeout=self.target.timeout,
            read_timeout=self.target.timeout,
            max_pool_connections=_THREADS,
            retries={"mode": "standard", "total_max_attempts": 3},
            # Many stores do not support trailing checksums; every upload has an MD5 instead.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if self.options["endpoint"] else {},
        )
        try:
            session = boto3.session.Session(profile_name=self.options["profile"])
            region = self.options["region"] or session.region_name or "us-east-1"
            return session.client("s3", endpoint_url=self.options["endpoint"], region_name=region, config=config)
        except (import_module("botocore.exceptions").BotoCoreError, ValueError) as error:
            raise UsageError(f"publish.{self.target.name}: {_one_line(error)}") from None

    def read_state(self) -> TargetState:
        """Read the manifest; if there is none, find out whether the bucket has files."""
        with self._errors():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + MANIFEST_KEY)
            except self._client.exceptions.NoSuchKey:
                listed = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
                return TargetState(is_first=True, has_unmanaged=bool(listed.get("Contents")))
            data = answer["Body"].read()
        manifest = decode_manifest(data, f"{self._prefix}{MANIFEST_KEY} in {self.description}")
        return TargetState(manifest.files, revision=str(answer.get("ETag")))

    def find_unmanaged(self, plan: Plan, state: TargetState) -> frozenset[str]:
        """List the bucket if new files could conflict with its objects."""
        if self.request.take_over or not plan.new or (state.is_first and not state.has_unmanaged):
            return frozenset()
        return self._conflicts(plan, self._list())

    def apply(self, plan: Plan, files: Mapping[str, PublishFile], state: TargetState) -> str:
        """Upload one class after the other, delete, then write the manifest."""
        del files
        objects = self._list() if plan.uploads else {}
        if not self.request.take_over:
            check_conflicts(plan, self._conflicts(plan, objects))
        uploads = [file for file in plan.uploads if not self._exists(file, objects)]
        revision = state.revision
        if plan.uploads:
            pending = {file.path: TargetFile("", file.size) for file in plan.uploads}
            revision = self._put_manifest({**state.files, **pending}, revision)
        with self._errors(), ThreadPoolExecutor(_THREADS) as pool:
            for _, group in groupby(uploads, key=lambda file: file_class(file.path)):
                list(pool.map(self._put, group))
        self._delete(plan.deleted)
        managed = {**plan.kept, **{file.path: TargetFile(file.sha256, file.size) for file in plan.uploads}}
        self._put_manifest(managed, revision)
        if len(uploads) < len(plan.uploads):
            self.notes.append(f"{len(plan.uploads) - len(uploads):,} files had been uploaded before")
        return f"{len(uploads):,} files sent, {len(plan.deleted):,} deleted"

    def _list(self) -> dict[str, str]:
        """Return the ETag of every object by its path."""
        etags = {}
        with self._errors():
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            ):
                for entry in page.get("Contents", ()):
                    etags[entry["Key"].removeprefix(self._prefix)] = entry["ETag"].strip('"')
        return etags

    def _exists(self, file: PublishFile, objects: Mapping[str, str]) -> bool:
        """Whether an object has the content of a file. An ETag is an MD5 unless the bucket encrypts with own keys."""
        return file.path in objects and objects[file.path] == _md5(file.read()).hex()

    def _conflicts(self, plan: Plan, objects: Mapping[str, str]) -> frozenset[str]:
        """Return the new files whose path has an object with other content."""
        return frozenset(file.path for file in plan.new if file.path in objects and not self._exists(file, objects))

    def _put(self, file: PublishFile) -> None:
        self._put_object(file.path, file.read(), content_type(file.path), CACHE_CONTROL[file_class(file.path)])
        self.ui.file_sent(file.path, file.size)

    def _put_object(self, path: str, data: bytes, media_type: str, cache_control: str) -> str:
        answer = self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + path,
            Body=data,
            ContentType=media_type,
            CacheControl=cache_control,
            ContentMD5=base64.b64encode(_md5(data)).decode(),
        )
        return str(answer.get("ETag"))

    def _put_manifest(self, files: Mapping[str, TargetFile], revision: str) -> str:
        """Write the manifest unless another publish wrote it after `revision`; return its new revision."""
        with self._errors():
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=self._prefix + MANIFEST_KEY)
            except self._client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] != "404":
                    raise
                answer = {"ETag": ""}
            if str(answer.get("ETag")) != revision:
                raise self.changed_error()
            data = encode_manifest(Manifest(files=files, published=self.request.now))
            return self._put_object(MANIFEST_KEY, data, "application/json", "no-store")

    def _delete(self, paths: Iterable[str]) -> None:
        keys = [{"Key": self._prefix + path} for path in sorted(paths)]
        for start in range(0, len(keys), _MAX_DELETE):
            batch = {"Objects": keys[start : start + _MAX_DELETE], "Quiet": True}
            with self._errors():
                answer = self._client.delete_objects(Bucket=self._bucket, Delete=batch)
            for error in answer.get("Errors", ()):
                raise ExternalError(f"cannot delete {error.get('Key')}: {_one_line(error.get('Message'))}")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise ExternalError for errors of boto3."""
        exceptions = import_module("botocore.exceptions")
        try:
            yield
        except exceptions.ClientError as error:
            details = error.response.get("Error", {})
            code, message = str(details.get("Code")), _one_line(details.get("Message"))
            if code == "NoSuchBucket":
                problem = f"there is no bucket {self._bucket!r}; create it or correct its name"
            elif code in _DENIED:
                problem = f"{self.description} rejects your credentials ({code}): {message}"
            else:
                problem = f"{self.description} returned {code}: {message}"
            raise ExternalError(problem) from None
        except exceptions.BotoCoreError as error:
            raise ExternalError(f"cannot publish to {self.description}: {_one_line(error)}") from None


def _md5(data: bytes) -> bytes:
    return md5(data, usedforsecurity=False).digest()


def _one_line(value: object) -> str:
    return redact(" ".join(str(value).split()))
