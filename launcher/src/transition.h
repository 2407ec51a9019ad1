/* SPDX-License-Identifier: Apache-2.0 */
/* Where an exec will lead: asked of the kernel beforehand, since afterwards the program runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the kernel, when this process in the context `own` executes `file`, takes it to another domain or
 * executes nothing. False otherwise, with the reason for a log in `why`; also when that cannot be told, as
 * without SELinux, where `own` is empty. The kernel's own rules are those of selinux_bprm_creds_for_exec() in
 * security/selinux/hooks.c.
 */
bool transition_certain(const char *own, const char *file, char *why, size_t size);
