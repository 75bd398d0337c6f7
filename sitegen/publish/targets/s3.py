"""A bucket of any S3-compatible store: changed files only, assets before pages, deletions last.

An object `.sitegen/manifest.json` says what is ours, with digests; so a publish asks for one object and compares. Every
object of ours carries its digest, too: what an interrupted publish had sent is found by asking for those that differ.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import md5
from itertools import groupby
from typing import Any, Final

from sitegen.config.targets import S3Target
from sitegen.errors import ExternalError, UsageError
from sitegen.publish import releases
from sitegen.publish.context import Job, Outcome
from sitegen.publish.plan import Plan, Row, Standing, check_foreign
from sitegen.publish.process import scrubbed
from sitegen.publish.site_files import CACHE, Item
from sitegen.util.frozen import dataclass
from sitegen.util.media_types import content_type

MANIFEST: Final = ".sitegen/manifest.json"
DIGEST: Final = "sitegen-sha256"
_THREADS: Final = 8
_ASK_SINGLY: Final = 50
"""Up to so many objects are asked for one by one; for more, the bucket is listed, a thousand in one answer."""

_DELETED_AT_ONCE: Final = 1000
_SKEW: Final = timedelta(minutes=15)
_SHORT: Final = 512
_INSTALL: Final = "a target of the kind s3 needs one more package: pip install 'sitegen-digest[s3]'"


@dataclass(frozen=True, slots=True)
class _Found:
    """An object at the target: our digest where it has one, and what the store says of its content."""

    digest: str
    size: int
    tag: str


class S3:
    """Publishes to a bucket. Use `open_s3`."""

    def __init__(self, target: S3Target, job: Job, client: Any) -> None:
        self._target = target
        self._job = job
        self._client = client
        self._at_end: dict[str, int] = {}
        location = f"{target.bucket}/{target.prefix}" if target.prefix else target.bucket
        self.where = f"the bucket {location}" + (f" at {target.endpoint}" if target.endpoint else "")

    def identity(self, item: Item) -> str:
        """Return the digest that the manifest holds."""
        return item.digest

    def inspect(self) -> Standing:
        """Ask for the manifest; only where there is none, whether the bucket has files."""
        found = self._get_manifest()
        if found is None:
            listed = self._call(
                "list_objects_v2", Bucket=self._target.bucket, Prefix=self._target.prefix, MaxKeys=_SHORT
            )
            keys = {entry["Key"].removeprefix(self._target.prefix) for entry in listed.get("Contents", ())}
            return Standing(first=True, crowded=bool(keys))
        manifest, tag = found
        return Standing(manifest.rows, published=manifest.published, seen=tag)

    def foreign(self, plan: Plan, standing: Standing) -> frozenset[str]:
        """Ask what stands at the paths of new files, unless nothing can."""
        if self._job.take_over or (standing.first and not standing.crowded):
            return frozenset()
        return self._not_ours(plan.new, self._standing_at(plan.new))

    def carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        """Send what differs, class by class, then delete, then write the manifest."""
        del items
        there = self._standing_at(plan.uploads)
        if not self._job.take_over:
            check_foreign(plan, self._not_ours(plan.new, there))
        rows = {**plan.kept, **{item.path: Row(item.digest, item.size) for item in plan.uploads}}
        tag = standing.seen
        if plan.uploads:
            # What is about to be sent is named first, without a digest: whatever happens in between, it is ours, and
            # nobody takes it for what it was.
            pending = {item.path: Row("", item.size) for item in plan.uploads}
            tag = self._put_manifest({**standing.rows, **pending}, tag)
        finished = 0
        with ThreadPoolExecutor(_THREADS) as pool:
            for _, group in groupby(plan.uploads, key=lambda item: item.kind):
                batch = [item for item in group if not self._is_there(item, there.get(item.path))]
                finished += len(batch)
                _all(pool, self._put, batch)
        self._delete(plan.deleted)
        self._put_manifest(rows, tag)
        notes = (f"{len(plan.uploads) - finished:,} had been sent before",) if finished < len(plan.uploads) else ()
        return Outcome(f"{finished:,} files sent, {len(plan.deleted):,} deleted", notes)

    # --- what is there ------------------------------------------------------------------------------------------------

    def _get_manifest(self) -> tuple[releases.Manifest, str] | None:
        key = self._key(MANIFEST)
        try:
            answer = self._call("get_object", Bucket=self._target.bucket, Key=key)
        except _MissingError:
            return None
        self._check_clock(answer)
        text = self._guarded(self._need(answer, "Body").read)
        return releases.load_manifest(text, f"{key} in {self.where}"), str(self._need(answer, "ETag"))

    def _check_clock(self, answer: Mapping[str, Any]) -> None:
        """Refuse a clock that is off: the wrong articles would be out, and a signature is soon refused."""
        stamp = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        theirs = _instant(stamp) if stamp else None
        ours = datetime.now(UTC)
        if theirs is not None and abs(ours - theirs) > _SKEW:
            message = f"the clock here says {ours:%Y-%m-%d %H:%M} UTC, that of the store {theirs:%Y-%m-%d %H:%M} UTC"
            raise ExternalError(message)

    def _standing_at(self, items: Iterable[Item]) -> dict[str, _Found]:
        """Return what stands at the paths of files."""
        paths = [item.path for item in items]
        if len(paths) > _ASK_SINGLY:
            return self._listed(set(paths))
        with ThreadPoolExecutor(_THREADS) as pool:
            found = zip(paths, pool.map(self._head, paths), strict=True)
            return {path: state for path, state in found if state is not None}

    def _head(self, path: str) -> _Found | None:
        try:
            answer = self._call("head_object", Bucket=self._target.bucket, Key=self._key(path))
        except _MissingError:
            return None
        digest = answer.get("Metadata", {}).get(DIGEST, "")
        return _Found(digest, int(self._need(answer, "ContentLength")), str(self._need(answer, "ETag")).strip('"'))

    def _listed(self, paths: set[str]) -> dict[str, _Found]:
        found: dict[str, _Found] = {}
        more: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Bucket=self._target.bucket, Prefix=self._target.prefix, **more)
            for entry in answer.get("Contents", ()):
                path = entry["Key"].removeprefix(self._target.prefix)
                if path in paths:
                    found[path] = _Found("", int(entry["Size"]), str(entry["ETag"]).strip('"'))
            if not answer.get("IsTruncated"):
                return found
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def _is_there(self, item: Item, found: _Found | None) -> bool:
        """Whether the very bytes stand there: by our digest, else by the store's, which mostly is an MD5."""
        if found is None or found.size != item.size:
            return False
        return found.digest == item.digest if found.digest else found.tag == _md5(item.read()).hex()

    def _not_ours(self, new: Iterable[Item], there: Mapping[str, _Found]) -> frozenset[str]:
        """Return where a new file would replace one that we did not send. The same bytes do nobody harm."""
        taken = []
        for item in new:
            found = there.get(item.path)
            if found is None or self._is_there(item, found):
                continue
            if not found.digest:
                found = self._head(item.path)
            if found is not None and not found.digest:
                taken.append(item.path)
        return frozenset(taken)

    # --- changes ------------------------------------------------------------------------------------------------------

    def _put(self, item: Item) -> None:
        data = item.read()
        answer = self._call(
            "put_object",
            Bucket=self._target.bucket,
            Key=self._key(item.path),
            Body=data,
            ContentType=content_type(item.path),
            CacheControl=CACHE[item.kind],
            ContentMD5=base64.b64encode(_md5(data)).decode(),
            Metadata={DIGEST: item.digest},
        )
        self._need(answer, "ETag")
        self._job.progress(item.path, item.size)

    def _put_manifest(self, rows: Mapping[str, Row], seen: str) -> str:
        """Write the manifest, unless another publish has written it since it was `seen`; return its tag."""
        key = self._key(MANIFEST)
        try:
            answer = self._call("head_object", Bucket=self._target.bucket, Key=key)
            now = str(self._need(answer, "ETag"))
        except _MissingError:
            now = ""
        if now != seen:
            raise ExternalError(f"another publish to {self.where} is at work; publish again")
        manifest = releases.Manifest(rows, self._job.now.isoformat(), "")
        data = releases.dump_manifest(manifest).encode()
        answer = self._call(
            "put_object",
            Bucket=self._target.bucket,
            Key=key,
            Body=data,
            ContentType="application/json",
            CacheControl="no-store",
            ContentMD5=base64.b64encode(_md5(data)).decode(),
        )
        return str(self._need(answer, "ETag"))

    def _delete(self, paths: Iterable[str]) -> None:
        keys = [{"Key": self._key(path)} for path in sorted(paths)]
        for start in range(0, len(keys), _DELETED_AT_ONCE):
            batch = {"Objects": keys[start : start + _DELETED_AT_ONCE], "Quiet": True}
            answer = self._call("delete_objects", Bucket=self._target.bucket, Delete=batch)
            errors = answer.get("Errors", ())
            if errors:
                first = errors[0]
                raise ExternalError(f"cannot delete {first.get('Key')}: {scrubbed(str(first.get('Message')))}")

    def _key(self, path: str) -> str:
        return self._target.prefix + path

    def _need(self, answer: Mapping[str, Any], key: str) -> Any:
        """Return a part of an answer; one without it was cut short on its way."""
        if key not in answer:
            raise ExternalError(f"{self.where} gave half an answer (no {key})")
        return answer[key]

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._guarded(lambda: getattr(self._client, operation)(**arguments))
        return answer

    def _guarded(self, action: Callable[[], Any]) -> Any:
        """Do something at the store; raise SurroundingsError with one sentence for what it or the line refuses."""
        from botocore.exceptions import (  # noqa: PLC0415 - an extra
            BotoCoreError,
            ClientError,
            ConnectionError,  # noqa: A004 - botocore's own
            HTTPClientError,
            IncompleteReadError,
        )

        try:
            return action()
        except ClientError as error:
            raise self._refusal(error.response) from None
        except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
            raise ExternalError(f"cannot reach {self.where}: {scrubbed(_one_line(error))}") from None
        except BotoCoreError as error:
            raise ExternalError(f"cannot publish to {self.where}: {scrubbed(_one_line(error))}") from None

    def _refusal(self, response: Mapping[str, Any]) -> ExternalError:
        error = response.get("Error", {})
        code, message = str(error.get("Code", "")), scrubbed(_one_line(error.get("Message", "")))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code == "NoSuchBucket":
            return ExternalError(f"there is no bucket {self._target.bucket!r}; make it, or mend its name")
        if code in {"NoSuchKey", "404", "NotFound"}:
            return _MissingError(f"{self.where} answered 404: there is no such place")
        if code in {"RequestTimeTooSkewed", "RequestExpired"}:
            return ExternalError(f"the clock of this machine is off; the store refuses its signature ({code})")
        if code in {
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "AccessDenied",
            "403",
            "ExpiredToken",
            "InvalidToken",
        }:
            return ExternalError(f"{self.where} does not accept your credentials ({code}): {message}")
        return ExternalError(f"{self.where} answered {code or status}: {message}")


class _MissingError(ExternalError):
    """There is no such object."""


def _all(pool: ThreadPoolExecutor, action: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Do something to all items at once; with the first that fails no further one is begun."""
    futures = [pool.submit(action, item) for item in items]
    try:
        for future in as_completed(futures):
            future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _instant(stamp: str) -> datetime | None:
    """Return the time of a Date header (RFC 9110, section 5.6.7); None for what is no date."""
    try:
        found = parsedate_to_datetime(stamp)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _md5(data: bytes) -> bytes:
    return md5(data, usedforsecurity=False).digest()


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


@contextmanager
def open_s3(target: S3Target, job: Job) -> Iterator[S3]:
    """Yield a publisher of a bucket; credentials come from where boto3 looks for them.

    Raises UsageError where boto3 is not installed or the profile is not there.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(_INSTALL) from error
    patience = Config(
        connect_timeout=target.timeout,
        read_timeout=target.timeout,
        max_pool_connections=_THREADS,
        retries={"mode": "standard", "total_max_attempts": 3},
        # Other stores than Amazon's know no trailing checksums; every upload has its MD5 instead.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if target.endpoint else {},
    )
    try:
        session = boto3.session.Session(profile_name=target.profile)
        region = target.region or session.region_name or "us-east-1"
        client = session.client("s3", endpoint_url=target.endpoint, region_name=region, config=patience)
    except (BotoCoreError, ValueError) as error:
        raise UsageError(f"publish.{target.name}: {scrubbed(_one_line(error))}") from None
    try:
        yield S3(target, job, client)
    finally:
        client.close()
