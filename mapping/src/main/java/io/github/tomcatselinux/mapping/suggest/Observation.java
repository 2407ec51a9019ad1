// SPDX-License-Identifier: Apache-2.0
// What one event of a dry run tells.
package io.github.tomcatselinux.mapping.suggest;

import io.github.tomcatselinux.mapping.IpAddress;
import java.util.List;
import java.util.Optional;

/**
 * A request that would have been refused, or one thing of it.
 *
 * @param user empty for an anonymous request
 * @param address empty where it has none
 * @param context {@code domain:range} if a rule of a mapping file named it, and it was no default
 * @param denied what the policy would have denied, if it was the policy
 */
public record Observation(
        String host,
        Optional<String> user,
        List<String> roles,
        Optional<IpAddress> address,
        Optional<String> context,
        Optional<Denied> denied) {

    /**
     * As the kernel would name it.
     *
     * @param root the folder that the application's files come from
     * @param object whole path
     * @param label the object's context
     * @param objectClass such as {@code file}
     */
    public record Denied(String root, String object, String label, String objectClass, List<String> permissions) {}
}
