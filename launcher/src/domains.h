/* SPDX-License-Identifier: Apache-2.0 */
/* The SELinux types that this program is built for; they are declared in selinux-policy/. */
#pragma once

#define LAUNCHER_DOMAIN       "tomcat_launcher_t"
#define DEFAULT_CLIENT_DOMAIN "tomcat_t"
