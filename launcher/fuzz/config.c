/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the parser of the launcher's own file, and asks the table that comes out of it. */
#include "allow.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static struct config config;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static void count(void *context, unsigned line, const char *word, const char *expected)
{
    (void)line;
    if (strlen(word) + strlen(expected) == 0)
        abort();
    ++*(unsigned *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct peer peer = {.uid = 1, .context = "u:r:a_t:s0"};
    char context[] = "u:r:x_t:s0:c1";
    char outside[] = "/srv/../etc";
    unsigned reports = 0;

    if (size > CONFIG_OCTETS_MAX)
        return 0;
    if (size > 0)
        memcpy(config.text, data, size);
    bool good = config_parse(&config, size, count, &reports);
    if (good != (reports == 0) || config.client_count > CONFIG_CLIENTS_MAX ||
        config.rule_count > CONFIG_RULES_MAX)
        abort();
    if (!good)
        return 0;
    if (config.client_count == 0 || config.rule_count < config.client_count)
        abort();
    for (unsigned i = 0; i < config.rule_count; i++)
        if (config.rules[i].client >= config.client_count || config.rules[i].root[0] != '/')
            abort();
    struct confine asked = {.context = {.octets = context, .length = sizeof context - 1}};
    struct confine_root root = {.folder = {.octets = outside, .length = sizeof outside - 1}, .flags = 1};
    struct identity identity;
    if (allow_root(&config, &peer, &asked, &root, &identity) == 0)
        abort();
    return 0;
}
