from __future__ import annotations

import pytest

from coursepulse.alerts.delivery.signature import REPLAY_WINDOW, is_signed, make_secret, sign
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.kit.clock import SECOND

#: The example of the Standard Webhooks specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330 * SECOND
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_is_the_one_that_other_libraries_make() -> None:
    headers = sign(SECRET, MESSAGE, AT, BODY)
    assert headers == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }
    assert is_signed(SECRET, headers, BODY, AT)
    assert is_signed(SECRET, headers | {"webhook-signature": f"v1,other {SIGNATURE}"}, BODY, AT)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": "v1,"},
        {"webhook-signature": ""},
    ],
)
def test_whatever_is_changed_is_noticed(change: dict[str, str]) -> None:
    assert not is_signed(SECRET, sign(SECRET, MESSAGE, AT, BODY) | change, BODY, AT)


def test_another_body_and_another_secret_are_noticed() -> None:
    headers = sign(SECRET, MESSAGE, AT, BODY)
    assert not is_signed(SECRET, headers, BODY + b" ", AT)
    assert not is_signed(make_secret(b"key", bytes(16), b"salt"), headers, BODY, AT)


def test_an_old_message_is_not_taken_again() -> None:
    headers = sign(SECRET, MESSAGE, AT, BODY)
    assert is_signed(SECRET, headers, BODY, AT + REPLAY_WINDOW)
    assert not is_signed(SECRET, headers, BODY, AT + REPLAY_WINDOW + SECOND)
    assert not is_signed(SECRET, headers, BODY, AT - REPLAY_WINDOW - SECOND)


def test_every_webhook_has_its_own_secret_and_a_new_salt_gives_a_new_one() -> None:
    secrets = {
        make_secret(key, webhook, salt)
        for key in (b"k1", b"k2")
        for webhook in (bytes(16), bytes([1] * 16))
        for salt in (b"s1", b"s2")
    }
    assert len(secrets) == 8


ACCOUNT = "018f3a52-9c41-7c1e-8a44-0a6b7f6f2d10"


def test_an_unsubscribe_token_names_its_account_and_nobody_can_make_one() -> None:
    tokens = UnsubscribeTokens(b"key")
    token = tokens.sign(ACCOUNT)
    assert tokens.read(token) == ACCOUNT
    assert UnsubscribeTokens(b"other").read(token) is None
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(42)]
    assert {tokens.read(each) for each in [*changed, "", "=", "é", token + "A", token[:-2]]} == {None}
