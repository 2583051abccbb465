/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

#ifndef DOCS_EXAMPLES_CALCULATOR_JOIN_H_
#define DOCS_EXAMPLES_CALCULATOR_JOIN_H_

#ifdef __cplusplus
extern "C" {
#endif

/* Makes this process one of those whose names are hosted at `endpoint`, by
 * `ringway names`. RW_EOK or an error of ringway/errors.h. */
long JoinNames(const char* endpoint);

#ifdef __cplusplus
}
#endif

#endif /* DOCS_EXAMPLES_CALCULATOR_JOIN_H_ */
