/* SPDX-License-Identifier: Apache-2.0 */
/* The time that a helper has, after which the kernel kills it. */
#pragma once

/* From now on; 0: as long as it takes. A helper whose deadline cannot be set ends. */
void deadline_set(unsigned milliseconds);
