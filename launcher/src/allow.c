/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the table that was made of the launcher's own file. */
#include "allow.h"

#include <stddef.h>
#include <string.h>

#include "capability.h"
#include "context.h"
#include "folder.h"
#include "protocol.h"

const char *const allow_refusals[] = {
    [ALLOW_WRONG_CONTEXT] = "this domain",
    [ALLOW_WRONG_RANGE] = "this domain at this range",
    [ALLOW_WRONG_ROOT] = "this domain at this range with this root",
    [ALLOW_WRONG_WRITE] = "writing to this root",
    [ALLOW_WRONG_USER] = "this user with the rest",
    [ALLOW_WRONG_GROUP] = "this group with the rest",
    [ALLOW_WRONG_CAPABILITY] = "these capabilities with the rest",
};

/* The same for all lines. */
struct question {
    const struct confine *asked;
    const struct confine_root *root;
    struct range range;
    bool range_known;
    bool root_plain;
    uint64_t capabilities;
    bool capabilities_known;
};

/* An empty name is the launcher's own. */
static bool chooses_user(const struct config *c, const struct choice *from, const struct text *name,
                         const struct account **user)
{
    *user = NULL;
    if (name->length == 0)
        return from->own;
    for (unsigned i = from->first; i < from->first + from->count; i++)
        if (accounts_is(c->users[i].name, c->users[i].uid, name->octets, name->length)) {
            *user = &c->users[i];
            return true;
        }
    return false;
}

static bool chooses_group(const struct config *c, const struct choice *from, const struct text *name,
                          const struct group_account **group)
{
    *group = NULL;
    if (name->length == 0)
        return from->own;
    for (unsigned i = from->first; i < from->first + from->count; i++)
        if (accounts_is(c->groups[i].name, c->groups[i].gid, name->octets, name->length)) {
            *group = &c->groups[i];
            return true;
        }
    return false;
}

static bool context_is(const struct text *context, const char *word)
{
    size_t length = strlen(word);

    if (strchr(word, ':') == NULL)
        return context_type_is(context->octets, context->length, word);
    return context->length > length && memcmp(context->octets, word, length) == 0 &&
           context->octets[length] == ':';
}

static int ask_rule(const struct config *c, const struct rule *r, const struct question *q,
                    struct identity *identity)
{
    const struct account *user;
    const struct group_account *group;

    if (!context_is(&q->asked->context, r->context))
        return ALLOW_WRONG_CONTEXT;
    if (!q->range_known || !range_within(&q->range, &r->range))
        return ALLOW_WRONG_RANGE;
    if (q->root != NULL) {
        if (!q->root_plain || !folder_within(q->root->folder.octets, q->root->folder.length, r->root))
            return ALLOW_WRONG_ROOT;
        if ((q->root->flags & PROTOCOL_ROOT_READ_ONLY) == 0 && !r->write)
            return ALLOW_WRONG_WRITE;
    }
    if (!chooses_user(c, &r->users, &q->asked->user, &user))
        return ALLOW_WRONG_USER;
    if (!chooses_group(c, &r->groups, &q->asked->group, &group))
        return ALLOW_WRONG_GROUP;
    if (!q->capabilities_known || (q->capabilities & ~r->capabilities) != 0)
        return ALLOW_WRONG_CAPABILITY;
    *identity = (struct identity){
        .user = user != NULL,
        .group = user != NULL || group != NULL,
        .uid = user != NULL ? user->uid : 0,
        .gid = group != NULL  ? group->gid
               : user != NULL ? user->gid
                              : 0,
        .groups = user != NULL ? user->groups : NULL,
        .group_count = user != NULL ? user->group_count : 0,
        .capabilities = q->capabilities,
    };
    return 0;
}

static bool take_capabilities(struct confine_list names, uint64_t *capabilities)
{
    struct text name;

    *capabilities = 0;
    while (confine_next_capability(&names, &name)) {
        uint64_t bit = capability_of(name.octets, name.length);
        if (bit == 0)
            return false;
        *capabilities |= bit;
    }
    return true;
}

int allow_root(const struct config *c, const struct peer *peer, const struct confine *asked,
               const struct confine_root *root, struct identity *identity)
{
    const struct text *context = &asked->context;
    struct question q = {.asked = asked, .root = root};
    int refusal = ALLOW_WRONG_CONTEXT;

    size_t at = context_range_at(context->octets, context->length);
    q.range_known = range_parse(context->octets + at, context->length - at, &q.range);
    q.root_plain = root != NULL && folder_is_plain(root->folder.octets, root->folder.length);
    q.capabilities_known = take_capabilities(asked->capabilities, &q.capabilities);
    for (unsigned i = 0; i < c->rule_count; i++) {
        const struct rule *r = &c->rules[i];
        if (!peer_is(peer, &c->clients[r->client]))
            continue;
        int further = ask_rule(c, r, &q, identity);
        if (further == 0)
            return 0;
        if (further > refusal)
            refusal = further;
    }
    return refusal;
}
