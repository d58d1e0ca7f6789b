"""Where Redis is: the URL of a setting as a value, and the clients for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

from coursepulse.kit.errors import SettingError

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis
    from redis.asyncio.cluster import RedisCluster as AsyncRedisCluster
    from redis.cluster import RedisCluster

    RedisClient: TypeAlias = Redis | RedisCluster
    AsyncRedisClient: TypeAlias = AsyncRedis | AsyncRedisCluster

#: Seconds that a command may take: nothing that is kept here is worth a longer wait.
PATIENCE = 0.5

_PORT = 6379

#: By scheme: whether it is a cluster, and whether it is reached over TLS.
_SCHEMES = {
    "redis": (False, False),
    "rediss": (False, True),
    "redis+cluster": (True, False),
    "rediss+cluster": (True, True),
}

_FORM = "redis://host:6379/0, rediss://… over TLS, or redis+cluster://host:port,host:port with some nodes of a cluster"


class RedisAddress(NamedTuple):
    """One Redis, or a cluster by some of its nodes.

    :param nodes: host and port of each
    """

    nodes: tuple[tuple[str, int], ...]
    cluster: bool = False
    tls: bool = False
    user: str | None = None
    password: str | None = None
    database: int = 0


def is_redis(url: str) -> bool:
    """Whether a setting names a Redis."""
    return urlsplit(url).scheme in _SCHEMES


def parse_address(setting: str, url: str) -> RedisAddress:
    """The Redis of a URL.

    :param setting: the name of the setting, for the error
    :raises SettingError: when the URL names none
    """
    try:
        return _parse(url)
    except (ValueError, KeyError):
        # Without the URL itself, which may hold a password.
        raise SettingError(f"{setting}: not the address of a Redis. It looks like {_FORM}.") from None


def _parse(url: str) -> RedisAddress:
    parts = urlsplit(url)
    cluster, tls = _SCHEMES[parts.scheme]
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    nodes = tuple(map(_read_node, places.split(",")))
    database = int(parts.path.strip("/") or 0)
    # A cluster has one database, and only a cluster has several nodes.
    if database if cluster else len(nodes) > 1:
        raise ValueError
    return RedisAddress(nodes, cluster, tls, unquote(user) or None, unquote(password) or None, database)


def _read_node(place: str) -> tuple[str, int]:
    parts = urlsplit(f"//{place}")
    if not parts.hostname:
        raise ValueError
    return parts.hostname, parts.port or _PORT


def check_client() -> None:
    """Whether the client of Redis is installed.

    :raises SettingError: when it is not
    """
    try:
        import redis  # noqa: F401, PLC0415 - a server without Redis does without its client
    except ImportError:
        raise SettingError(
            "A setting names a Redis, and its client is not installed: pip install 'coursepulse[cluster]'."
        ) from None


def connect(address: RedisAddress) -> RedisClient:
    """A client for threads. One of a cluster asks it at once who its nodes are.

    :raises redis.RedisError: when the cluster does not answer
    """
    from redis import Redis  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.cluster import ClusterNode, RedisCluster  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    options = _options(address) | {"retry": Retry(NoBackoff(), 1)}
    if address.cluster:
        nodes = [ClusterNode(host, port) for host, port in address.nodes]  # type: ignore[no-untyped-call]
        return RedisCluster(startup_nodes=nodes, **options)
    (host, port), *_ = address.nodes
    return Redis(host, port, address.database, **options)


def connect_async(address: RedisAddress) -> AsyncRedisClient:
    """A client for a loop."""
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.asyncio.cluster import ClusterNode, RedisCluster  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    options = _options(address) | {"retry": Retry(NoBackoff(), 1)}
    if address.cluster:
        return RedisCluster(startup_nodes=[ClusterNode(*node) for node in address.nodes], **options)
    (host, port), *_ = address.nodes
    return Redis(host=host, port=port, db=address.database, **options)


def failures() -> tuple[type[Exception], ...]:
    """What the client raises when Redis does not answer, or not as it should."""
    from redis import RedisError  # noqa: PLC0415
    from redis.exceptions import RedisClusterException  # noqa: PLC0415

    # The second is not one of the first: no node of the cluster can be reached, or slots have nobody.
    return (RedisError, RedisClusterException, OSError)


def _options(address: RedisAddress) -> dict[str, Any]:
    return {
        "username": address.user,
        "password": address.password,
        "ssl": address.tls,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        # The third version begins each connection with questions that nothing here needs.
        "protocol": 2,
    }
