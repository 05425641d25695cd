"""
What ``import mqlkit`` costs: processor time over a bare interpreter, and which modules cost most.

    python benchmarks/import_time.py [--runs N] [--modules N]

Each run is a fresh interpreter; a bare one and one that imports take turns, so that a busy
machine disturbs both alike. The medians are compared.
"""

import argparse
import statistics
import subprocess
import sys

AIM_MS, MOST_MS = 60, 80
CLOCK = "import time; print(time.process_time())"


def processor_ms(program: str) -> float:
    """Milliseconds of processor time of a fresh interpreter, start included."""
    command = [sys.executable, "-I", "-c", f"{program}; {CLOCK}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout) * 1e3


def own_times(program: str) -> list[tuple[str, float]]:
    """Each imported module with its own milliseconds, the dearest first."""
    command = [sys.executable, "-I", "-X", "importtime", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.removeprefix("import time:").split("|") for line in done.stderr.splitlines()]
    own = [(name.strip(), int(us) / 1e3) for us, _, name in rows if us.strip().isdigit()]
    return sorted(own, key=lambda row: -row[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="What `import mqlkit` costs.")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--modules", type=int, default=15)
    given = parser.parse_args()

    processor_ms("import mqlkit")  # writes the byte code where it is missing
    pairs = [(processor_ms("pass"), processor_ms("import mqlkit")) for _ in range(given.runs)]
    bare, importing = (statistics.median(column) for column in zip(*pairs, strict=True))
    cost = importing - bare
    if cost <= AIM_MS:
        verdict = "within the aim"
    else:
        verdict = "over the aim" if cost <= MOST_MS else "too much"
    print(f"import mqlkit: {cost:.1f} ms over a bare interpreter's {bare:.1f} ms: {verdict}")
    print(f"(aim {AIM_MS} ms, at most {MOST_MS} ms; medians of {given.runs} runs)")

    bare_modules = {name for name, _ in own_times("pass")}
    rows = [row for row in own_times("import mqlkit") if row[0] not in bare_modules]
    print(f"{len(rows)} modules; the dearest by their own time, ms:")
    for name, own in rows[: given.modules]:
        print(f"  {own:6.2f}  {name}")


if __name__ == "__main__":
    main()
