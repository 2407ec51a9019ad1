// SPDX-License-Identifier: Apache-2.0
// One of Tomcat's own resource sets behind one of ours.
package io.github.tomcatselinux.files;

import java.net.URL;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.WebResourceSet;
import org.apache.catalina.util.LifecycleBase;

/** Lives and is configured as the set behind it; who may look into that is up to the subclass. */
abstract class DelegatingResourceSet extends LifecycleBase implements WebResourceSet {
    private final WebResourceSet direct;

    DelegatingResourceSet(WebResourceSet direct) {
        this.direct = direct;
    }

    /** The set that the server itself reads. */
    final WebResourceSet direct() {
        return direct;
    }

    @Override
    public void setRoot(WebResourceRoot webResourceRoot) {
        direct.setRoot(webResourceRoot);
    }

    @Override
    public boolean getClassLoaderOnly() {
        return direct.getClassLoaderOnly();
    }

    @Override
    public void setClassLoaderOnly(boolean classLoaderOnly) {
        direct.setClassLoaderOnly(classLoaderOnly);
    }

    @Override
    public boolean getStaticOnly() {
        return direct.getStaticOnly();
    }

    @Override
    public void setStaticOnly(boolean staticOnly) {
        direct.setStaticOnly(staticOnly);
    }

    @Override
    public URL getBaseUrl() {
        return direct.getBaseUrl();
    }

    @Override
    public void setReadOnly(boolean readOnly) {
        direct.setReadOnly(readOnly);
    }

    @Override
    public boolean isReadOnly() {
        return direct.isReadOnly();
    }

    @Override
    public void gc() {
        direct.gc();
    }

    @Override
    public void setAllowLinking(boolean allowLinking) {
        direct.setAllowLinking(allowLinking);
    }

    @Override
    public boolean getAllowLinking() {
        return direct.getAllowLinking();
    }

    @Override
    protected void initInternal() throws LifecycleException {
        if (direct.getState() == LifecycleState.NEW) {
            direct.init();
        }
    }

    @Override
    protected void startInternal() throws LifecycleException {
        // Made while the application starts, it has started by itself.
        if (!direct.getState().isAvailable()) {
            direct.start();
        }
        setState(LifecycleState.STARTING);
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        setState(LifecycleState.STOPPING);
        direct.stop();
    }

    @Override
    protected void destroyInternal() throws LifecycleException {
        direct.destroy();
    }
}
