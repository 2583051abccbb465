"""Mistakes that the ring's headers can be built with, and a test for each that it is caught."""

load("@rules_cc//cc:defs.bzl", "cc_test")

# In ring/lane_writer.h and ring/lane_reader.h.
LANE_MUTANTS = [
    "RW_MUTANT_EARLY_PUBLISH",
    "RW_MUTANT_EARLY_RECLAIM",
    "RW_MUTANT_NO_ACQUIRE",
    "RW_MUTANT_NO_RELEASE",
    "RW_MUTANT_NO_RESERVE",
    "RW_MUTANT_NO_ZERO_NEXT",
    "RW_MUTANT_STALE_HEADER",
]

# In ring/wake.h and ring/publisher_fence.h.
WAKE_MUTANTS = [
    "RW_MUTANT_ARM_RELAXED",
    "RW_MUTANT_BOOLEAN",
    "RW_MUTANT_DISARM_RELAXED",
    "RW_MUTANT_FENCES_AGAIN_RELAXED",
    "RW_MUTANT_OMITS_UNFENCED",
    "RW_MUTANT_SETTLE_EARLY",
]

def mutant_tests(name, mutants, **kwargs):
    """For each mutant a cc_test with it; RW_MUTANT_NAME is its name.

    Args:
      name: prefix of the tests' names.
      mutants: macros to define.
      **kwargs: as for cc_test.
    """
    for mutant in mutants:
        cc_test(
            name = name + mutant[len("RW_MUTANT"):].lower() + "_test",
            local_defines = [mutant, 'RW_MUTANT_NAME=\\"%s\\"' % mutant],
            **kwargs
        )
