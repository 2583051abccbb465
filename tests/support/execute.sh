#!/usr/bin/env bash
# The test that is one binary, run with this test's environment and arguments.
exec "$@"
