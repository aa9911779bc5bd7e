"""The S3 of the tests checks signatures and hashes, honours conditions, and keeps what it got."""

import base64
import hashlib
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from tests.backends import swift as backend
from tests.backends.fixtures import S3Bucket


@pytest.fixture
def client(s3: S3Bucket) -> Any:
    return s3.client()


def status(error: pytest.ExceptionInfo[ClientError]) -> int:
    code: int = error.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return code


def test_gives_back_what_it_got(s3: S3Bucket, client: Any) -> None:
    client.put_object(Bucket=s3.bucket, Key="a/photo", Body=b"body", ContentType="image/jpeg")
    answer = client.get_object(Bucket=s3.bucket, Key="a/photo")
    assert answer["Body"].read() == b"body"
    assert answer["ContentType"] == "image/jpeg"


def test_refuses_a_wrong_secret(s3: S3Bucket) -> None:
    stranger = boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        region_name=s3.region,
        aws_access_key_id=s3.access_key,
        aws_secret_access_key="wrong",
    )
    with pytest.raises(ClientError) as error:
        stranger.put_object(Bucket=s3.bucket, Key="stranger", Body=b"body")
    assert error.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_refuses_a_wrong_checksum(s3: S3Bucket, client: Any) -> None:
    wrong = base64.b64encode(hashlib.sha256(b"another body").digest()).decode()
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket=s3.bucket, Key="wrong", Body=b"body", ChecksumSHA256=wrong)
    assert status(error) == 400
    with pytest.raises(ClientError) as error:
        client.head_object(Bucket=s3.bucket, Key="wrong")
    assert status(error) == 404


def test_if_none_match_refuses_what_exists(s3: S3Bucket, client: Any) -> None:
    target = {"Bucket": s3.bucket, "Key": "once", "IfNoneMatch": "*"}
    client.put_object(**target, Body=b"first")
    with pytest.raises(ClientError) as error:
        client.put_object(**target, Body=b"second")
    assert status(error) == 412
    assert client.get_object(Bucket=s3.bucket, Key="once")["Body"].read() == b"first"


def test_a_signed_link_reads_and_a_changed_one_does_not(s3: S3Bucket, client: Any) -> None:
    client.put_object(Bucket=s3.bucket, Key="linked", Body=b"body")
    link = client.generate_presigned_url(
        "get_object", Params={"Bucket": s3.bucket, "Key": "linked"}, ExpiresIn=300
    )
    assert requests.get(link, timeout=30).content == b"body"
    assert requests.get(link.replace("linked", "other"), timeout=30).status_code == 403


def test_multipart_in_any_order(s3: S3Bucket, client: Any) -> None:
    target = {"Bucket": s3.bucket, "Key": "parts"}
    upload = client.create_multipart_upload(**target)["UploadId"]
    bodies = {1: b"a" * 5 * 2**20, 2: b"b"}
    parts = [
        {
            "PartNumber": number,
            "ETag": client.upload_part(
                **target, UploadId=upload, PartNumber=number, Body=bodies[number]
            )["ETag"],
        }
        for number in (2, 1)
    ]
    client.complete_multipart_upload(
        **target, UploadId=upload, MultipartUpload={"Parts": parts[::-1]}
    )
    assert client.get_object(**target)["Body"].read() == bodies[1] + bodies[2]


def test_data_outlive_stop_and_kill() -> None:
    with backend.start() as server:
        keys = server.s3
        own = S3Bucket(keys.endpoint, keys.access_key, keys.secret_key, keys.region, "kept")
        own.client().create_bucket(Bucket="kept")
        own.client().put_object(Bucket="kept", Key="photo", Body=b"body")
        server.restart()
        server.kill()
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url, timeout=5)
        server.start()
        assert own.client().get_object(Bucket="kept", Key="photo")["Body"].read() == b"body"
