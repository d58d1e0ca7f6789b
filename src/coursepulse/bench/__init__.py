"""Benchmarks: our figure beside a limit measured in the same run, on the embedded databases in a scratch folder."""
