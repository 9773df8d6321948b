"""Texts full of made-up secrets, what of them must never arrive, and what must."""

SECRETS = [b"ann.smith@example.com", b"536-22-8741", b"4111 1111 1111 1111", b"AKIAQ3EGRIJ5KZT7XW2M"]
PLAIN = ["nothing to hide".encode(), "naïve café 😀".encode(), b"", b"42"]
FULL = [b"mail " + SECRETS[0] + b" at once", b"ssn " + SECRETS[1] + b", card " + SECRETS[2] + b".", b"key " + SECRETS[3]]
LONG = b" ".join(FULL + PLAIN) + b" the end"


class Checks:
    """Counts what holds and says what does not."""

    def __init__(self):
        self.passed = self.failed = 0

    def that(self, what, holds):
        self.passed += bool(holds)
        self.failed += not holds
        if not holds:
            print(f"not so: {what}")

    def masked(self, what, sent, received):
        """Every secret is gone, what is around them is there, and texts without any are as they were."""
        self.that(f"{what}: as many strings", len(sent) == len(received))
        for before, after in zip(sent, received):
            self.that(f"{what}: no secret in {after!r}", not any(secret in after for secret in SECRETS))
            around = not any(secret in before for secret in SECRETS)
            self.that(f"{what}: {after!r} is {'as it was' if around else 'labelled'}", after == before if around else b"[" in after and after[:4] == before[:4])

    def close(self, name):
        print(f"{name}: {self.passed} passed, {self.failed} failed")
        raise SystemExit(self.failed > 0)
