"""Checks the locked packages for known vulnerabilities, and reports what could not be checked.

Exit code 1 for a finding, 2 if something could not be checked, 0 if everything was checked without a finding.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

FINDING, UNASKED = 1, 2

LOCKS = (
    "requirements.lock",
    *(f"requirements-{group}.lock" for group in ("cluster", "deploy", "docs", "flink", "models")),
)


def main() -> int:
    """Check both registries; the worse result counts."""
    found = [*(audit_python(lock) for lock in LOCKS), audit_npm()]
    return FINDING if FINDING in found else max(found)


def audit_python(lock: str) -> int:
    """Check the packages of a lock file with PyPI."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off"]
    answer = ask([*command, "--format", "json", "-r", lock])
    if answer is None:
        return say("Python", "PyPI did not answer; nothing was audited.", UNASKED)
    packages = answer["dependencies"]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    bad = [each for each in packages if each.get("vulns")]
    for each in bad:
        ids = ", ".join(known["id"] for known in each["vulns"])
        say("Python", f"{each['name']} {each['version']}: {ids}", FINDING)
    if skipped:
        what = f"{len(skipped)} of {len(packages)} packages"
        say("Python", f"The registry says nothing about {what}; these were not audited.", UNASKED)
    if bad or skipped:
        return FINDING if bad else UNASKED
    return say("Python", f"{len(packages)} packages, no known vulnerability.", 0)


def audit_npm() -> int:
    """Check package-lock.json with npm."""
    answer = ask(["npm", "audit", "--json"])
    if answer is None or "metadata" not in answer:
        return say("npm", "The registry did not answer; nothing was audited.", UNASKED)
    bad = answer["vulnerabilities"]
    for name, known in bad.items():
        say("npm", f"{name}: {known['severity']}", FINDING)
    return FINDING if bad else say("npm", "No known vulnerability.", 0)


def ask(command: list[str]) -> dict[str, Any] | None:
    """The JSON that a command prints, whatever its exit code; None if it is not JSON."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def say(where: str, sentence: str, code: int) -> int:
    """Print a line; returns ``code``."""
    sys.stdout.write(f"{where}: {sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
