/* SPDX-License-Identifier: Apache-2.0 */
/* What CONFINE asks for, the one frame that is read before the confinement: pure functions over memory. */
#include "confine.h"

#include "accounts.h"
#include "folder.h"
#include "protocol.h"

static bool request_id_valid(const struct text *id)
{
    if (id->length < 1 || id->length > REQUEST_ID_MAX)
        return false;
    for (size_t i = 0; i < id->length; i++) {
        char c = id->octets[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                     c == '_' || c == '-';
        if (!plain)
            return false;
    }
    return true;
}

static bool next(struct confine_list *list)
{
    if (list->count == 0 || list->octets.bad)
        return false;
    list->count--;
    return true;
}

bool confine_next_capability(struct confine_list *capabilities, struct text *name)
{
    if (!next(capabilities))
        return false;
    *name = take_string(&capabilities->octets);
    return !capabilities->octets.bad;
}

bool confine_next_root(struct confine_list *roots, struct confine_root *root)
{
    if (!next(roots))
        return false;
    root->mount = take_string(&roots->octets);
    root->folder = take_string(&roots->octets);
    root->flags = take_u16(&roots->octets);
    return !roots->octets.bad;
}

/* Goes over the names, so that the reader stands behind them. */
static const char *take_capabilities(struct reader *r, struct confine *out)
{
    struct text name;

    out->capabilities.count = take_u16(r);
    if (out->capabilities.count > CAPABILITIES_MAX)
        return "at most 64 capabilities can be named";
    out->capabilities.octets = *r;
    struct confine_list list = out->capabilities;
    while (confine_next_capability(&list, &name))
        if (name.length < 1 || name.length > CAPABILITY_NAME_MAX)
            return "the name of a capability must have 1 to 64 octets";
    *r = list.octets;
    return NULL;
}

static const char *root_wrong(const struct confine_root *root)
{
    if (root->folder.length < 1 || root->folder.length > PATH_OCTETS_MAX || root->folder.octets[0] != '/')
        return "the root folder must be an absolute path of at most 4095 octets";
    if (root->mount.length > 0 &&
        (root->mount.length == 1 || !folder_is_plain(root->mount.octets, root->mount.length)))
        return "the mount of a root must be empty or a path such as /a/b";
    return NULL;
}

static const char *take_roots(struct reader *r, struct confine *out)
{
    struct confine_root root;

    out->roots.count = take_u16(r);
    if (out->roots.count > ROOTS_MAX)
        return "CONFINE can name at most 64 roots";
    out->roots.octets = *r;
    struct confine_list list = out->roots;
    while (confine_next_root(&list, &root)) {
        const char *why = root_wrong(&root);
        if (why != NULL)
            return why;
    }
    *r = list.octets;
    return NULL;
}

static const char *roots_refused(const struct confine *c)
{
    struct confine_list roots = c->roots;
    struct confine_root root;

    while (confine_next_root(&roots, &root)) {
        if ((root.flags & ~(PROTOCOL_ROOT_READ_ONLY | PROTOCOL_ROOT_ARCHIVE)) != 0)
            return "the flags of a root say what this helper does not know";
        if (root.flags == PROTOCOL_ROOT_ARCHIVE)
            return "an archive is served read-only: bit 0 of its flags must be set";
        if (c->way == PROTOCOL_WAY_PROGRAMS &&
            (c->roots.count != 1 || root.mount.length != 0 || root.flags != PROTOCOL_ROOT_READ_ONLY))
            return "programs have one root, which is a folder and mounted nowhere";
    }
    return NULL;
}

int confine_parse(uint8_t *payload, size_t length, struct confine *out, const char **why)
{
    struct reader r = {.at = payload, .left = length};

    /* Another version may have other fields, so nothing behind the number is looked at. */
    if (take_u16(&r) != PROTOCOL_VERSION) {
        *why = r.bad ? "CONFINE is cut short" : "this helper speaks version 1 of the protocol only";
        return FAILED_MALFORMED;
    }
    out->way = take_u16(&r);
    out->progress_timeout = take_u32(&r);
    out->total_timeout = take_u32(&r);
    out->context = take_string(&r);
    out->request_id = take_string(&r);
    out->user = take_string(&r);
    out->group = take_string(&r);
    *why = take_capabilities(&r, out);
    if (*why != NULL)
        return FAILED_MALFORMED;
    out->limits.memory = take_u64(&r);
    out->limits.cpu_time = take_u32(&r);
    out->limits.file_size = take_u64(&r);
    out->limits.open_files = take_u16(&r);
    out->limits.processes = take_u16(&r);
    *why = take_roots(&r, out);
    if (*why != NULL)
        return FAILED_MALFORMED;

    if (!reader_complete(&r))
        *why = "CONFINE does not have exactly its fields";
    else if (out->context.length < 1 || out->context.length > CONTEXT_MAX)
        *why = "the context must have 1 to 1024 octets";
    else if (!request_id_valid(&out->request_id))
        *why = "the request id must be 1 to 64 of A-Z a-z 0-9 . _ -";
    else if (out->user.length > ACCOUNT_NAME_MAX || out->group.length > ACCOUNT_NAME_MAX)
        *why = "the name of a user or group must have at most 256 octets";
    if (*why != NULL)
        return FAILED_MALFORMED;

    if (out->way != PROTOCOL_WAY_FILES && out->way != PROTOCOL_WAY_PROGRAMS)
        *why = "this helper knows way 1 (files) and way 2 (programs) only";
    else if (out->progress_timeout == 0)
        *why = "a progress timeout of 0 would let a helper wait for ever";
    else if (out->way == PROTOCOL_WAY_FILES && out->limits.processes != 0)
        *why = "a helper for files starts no processes, so there is no limit to them: processes must be 0";
    else if (accounts_is_root(out->user.octets, out->user.length) ||
             accounts_is_root(out->group.octets, out->group.length))
        *why = "no helper is ever root's user, or in root's group";
    else
        *why = roots_refused(out);
    return *why == NULL ? 0 : FAILED_NOT_ALLOWED;
}
