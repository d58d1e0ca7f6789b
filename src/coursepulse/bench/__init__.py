"""Benchmarks: our figure beside a limit measured in the same run, on the embedded shape in a scratch folder."""
