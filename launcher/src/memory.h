/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that outlives the launcher's stack in a helper, and memory that no helper has. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Memory that no child gets, or NULL. That a helper cannot read it is one reason; the other is that each page
 * which both have costs whoever writes to it first a fault and a copy. All of it, 256 KiB at most, is one
 * mapping with what memory_behind() returns, since each mapping costs every fork its time.
 */
void *memory_alone(size_t size);

/*
 * Memory that each child gets, or NULL; to be asked for once. A child that goes beyond its beginning finds no
 * memory there, for 64 KiB at least.
 */
void *memory_behind(size_t size);

/* Memory that a process and its children have in common, or NULL. */
void *memory_common(size_t size);

/* Keeps such memory from the children that this process makes from now on. Returns 0 or a negative errno. */
int memory_keep(void *memory, size_t size);

/* Copies the arguments to where every helper has them: what the options say points into them. False when
 * there is too much of them. */
bool memory_arguments(int argc, char **argv);
