/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzzer, or replay.c in its place, calls. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
