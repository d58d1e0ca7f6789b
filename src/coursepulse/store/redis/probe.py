"""What ``coursepulse doctor`` says of a Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.store.redis.address import RedisAddress, connect, failures

if TYPE_CHECKING:
    from coursepulse.store.redis.address import RedisClient

#: Sharded publish and subscribe came with it.
_OLDEST = 7


def ask_redis(address: RedisAddress) -> str:
    """How many nodes have keys, which version they run, and what they do when memory is full.

    :raises StoreUnavailable: when one of them does not answer
    :raises SettingError: when one of them is too old
    """
    try:
        client = connect(address)
        try:
            facts = _read(client)
        finally:
            client.close()
    except failures() as error:
        raise StoreUnavailable(f"Redis does not answer: {error}") from None
    return _judge(facts)


def _read(client: RedisClient) -> list[Mapping[str, Any]]:
    """The facts of each node that has keys."""
    from redis.cluster import RedisCluster  # noqa: PLC0415

    if not isinstance(client, RedisCluster):
        return [client.info()]
    told: Mapping[str, Mapping[str, Any]] = client.info(target_nodes=RedisCluster.PRIMARIES)
    return list(told.values()) if all(isinstance(each, dict) for each in told.values()) else [told]


def _judge(nodes: list[Mapping[str, Any]]) -> str:
    version = str(min((each["redis_version"] for each in nodes), key=_number))
    if _number(version)[0] < _OLDEST:
        raise SettingError(f"Redis {version} is too old: 7.0 or newer is needed.")
    number = "one node" if len(nodes) == 1 else f"{len(nodes)} masters"
    return f"{number}, version {version}{_warn_of_memory(nodes)}"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _warn_of_memory(nodes: list[Mapping[str, Any]]) -> str:
    if all(each.get("maxmemory") and each.get("maxmemory_policy") != "noeviction" for each in nodes):
        return ""
    return "; set maxmemory, and maxmemory-policy allkeys-lru, or its memory has no bound"
