// SPDX-License-Identifier: Apache-2.0
// A server of one's own with Tomcat inside: documents, one servlet, two users, each request in a context of its user's.
package io.github.tomcatselinux.embedded;

import io.github.tomcatselinux.SelinuxValve;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;

/** Serves until it is ended. */
public final class Server {
    private Server() {}

    /** Takes the folder in which Tomcat works, with {@code conf/selinux.map}, and the one with the documents. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected two folders: the server's own, and that of the documents");
        }
        Path base = Path.of(arguments[0]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(8080);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        for (String user : new String[] {"alice", "bob"}) {
            tomcat.addUser(user, user);
        }
        documents(tomcat, arguments[1]);
        tomcat.getHost().getPipeline().addValve(confinement());
        tomcat.start();
        System.out.println("serving");
        tomcat.getServer().await();
    }

    private static SelinuxValve confinement() {
        SelinuxValve valve = new SelinuxValve();
        valve.setProperty("mappingFile", "conf/selinux.map");
        valve.setProperty("onNoMatch", "deny");
        return valve;
    }

    /** An application for whoever has logged in. */
    private static void documents(Tomcat tomcat, String folder) {
        Context application = tomcat.addContext("", folder);
        Tomcat.addServlet(application, "files", DefaultServlet.class.getName());
        application.addServletMappingDecoded("/", "files");
        Tomcat.addServlet(application, "who", new WhoServlet());
        application.addServletMappingDecoded("/who", "who");
        application.setLoginConfig(new LoginConfig("BASIC", "documents", null, null));
        application.getPipeline().addValve(new BasicAuthenticator());
        SecurityCollection everything = new SecurityCollection();
        everything.addPatternDecoded("/*");
        SecurityConstraint anybody = new SecurityConstraint();
        anybody.addAuthRole(SecurityConstraint.ROLE_ALL_AUTHENTICATED_USERS);
        anybody.addCollection(everything);
        application.addConstraint(anybody);
    }
}
