// SPDX-License-Identifier: Apache-2.0
// Something to look at before requests are served.
package io.github.tomcatselinux.preflight;

import java.util.List;

/** Looks at one thing, changes nothing, and never throws: what cannot be found out is a finding, too. */
public interface Check {

    /** What there is to say, also if all is well. */
    List<Finding> findings();
}
