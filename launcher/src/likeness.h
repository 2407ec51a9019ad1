/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a new file may stand in an old one's place: label, owner, group, mode and ACL. */
#pragma once

#include <stdbool.h>

/* Gives the new file the old one's group, mode and ACL, as far as it may. The label and the owner are the
 * kernel's to give. */
void likeness_make(int new, int old);

/* True when nobody gains or loses a right to the file; false also when that cannot be told. */
bool likeness_holds(int new, int old);
