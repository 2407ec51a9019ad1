/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups of this machine: names become numbers at start, never in a helper. */
#include "accounts.h"

#include <stdint.h>
#include <string.h>

#define NEVER_ROOT "expected another: nothing ever runs as root"

struct field {
    const char *octets;
    size_t length;
};

static bool all_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > 0;
}

/* The highest id of all means `leave it alone` to the kernel, so it names nobody. */
static bool id_of(const char *text, size_t length, unsigned *id)
{
    uint64_t value = 0;

    if (!all_digits(text, length))
        return false;
    for (size_t i = 0; i < length; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
        if (value >= UINT32_MAX)
            return false;
    }
    *id = (unsigned)value;
    return true;
}

bool accounts_is(const char *name, unsigned number, const char *text, size_t length)
{
    unsigned id = 0;

    if (all_digits(text, length))
        return id_of(text, length, &id) && id == number;
    return length > 0 && strlen(name) == length && memcmp(name, text, length) == 0;
}

bool accounts_is_root(const char *text, size_t length)
{
    unsigned id = 1;

    return (id_of(text, length, &id) && id == 0) || (length == 4 && memcmp(text, "root", 4) == 0);
}

/* Takes the next line; false behind the last. */
static bool next_line(struct account_file *file, struct field *line)
{
    if (file->length == 0)
        return false;
    const char *feed = memchr(file->octets, '\n', file->length);
    line->octets = file->octets;
    line->length = feed == NULL ? file->length : (size_t)(feed - file->octets);
    size_t taken = line->length + (feed == NULL ? 0U : 1U);
    file->octets += taken;
    file->length -= taken;
    return true;
}

/* Takes what comes before the next separator, which it takes along. */
static struct field next_field(struct field *rest, char separator)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->octets, separator, rest->length);
    struct field field = {rest->octets, end == NULL ? rest->length : (size_t)(end - rest->octets)};
    size_t taken = field.length + (end == NULL ? 0U : 1U);

    rest->octets += taken;
    rest->length -= taken;
    return field;
}

/* name:password:id:what follows */
static bool take_entry(struct field *line, struct field *name, unsigned *id)
{
    *name = next_field(line, ':');
    next_field(line, ':');
    struct field number = next_field(line, ':');

    return name->length > 0 && id_of(number.octets, number.length, id);
}

static bool means(const char *wanted, const struct field *name, unsigned id)
{
    unsigned number = 0;

    if (id_of(wanted, strlen(wanted), &number))
        return number == id;
    return strlen(wanted) == name->length && memcmp(wanted, name->octets, name->length) == 0;
}

static bool is_member(struct field members, const struct field *name)
{
    while (members.length > 0) {
        struct field member = next_field(&members, ',');
        if (member.length == name->length && memcmp(member.octets, name->octets, name->length) == 0)
            return true;
    }
    return false;
}

static const char *find_further_groups(struct account_file file, const struct field *login,
                                       struct account *user)
{
    struct field line;
    struct field name;
    unsigned gid;

    user->group_count = 0;
    while (next_line(&file, &line)) {
        if (!take_entry(&line, &name, &gid) || !is_member(line, login) || gid == user->gid)
            continue;
        if (gid == 0)
            return "expected a user who is no member of root's group";
        if (user->group_count == ACCOUNT_GROUPS_MAX)
            return "expected a user who is a member of at most 32 further groups";
        user->groups[user->group_count++] = gid;
    }
    return NULL;
}

const char *accounts_find_user(const struct account_file *passwd, const struct account_file *group,
                               uid_t min_uid, struct account *user)
{
    struct account_file file = *passwd;
    struct field line;
    struct field login;
    unsigned uid;

    while (next_line(&file, &line)) {
        if (!take_entry(&line, &login, &uid) || !means(user->name, &login, uid))
            continue;
        struct field own_group = next_field(&line, ':');
        if (!id_of(own_group.octets, own_group.length, &user->gid))
            continue;
        user->uid = uid;
        if (uid == 0)
            return NEVER_ROOT;
        if (uid < min_uid)
            return "expected a user id that is not below the client's min-uid= (1000 if not given)";
        if (user->gid == 0)
            return "expected a user whose own group is not root's";
        return find_further_groups(*group, &login, user);
    }
    return "expected a user that /etc/passwd lists";
}

const char *accounts_find_group(const struct account_file *group, struct group_account *account)
{
    struct account_file file = *group;
    struct field line;
    struct field name;

    while (next_line(&file, &line)) {
        if (!take_entry(&line, &name, &account->gid) || !means(account->name, &name, account->gid))
            continue;
        return account->gid == 0 ? NEVER_ROOT : NULL;
    }
    return "expected a group that /etc/group lists";
}
