// SPDX-License-Identifier: Apache-2.0
// An application of Spring Boot whose users Spring Security knows, each served in a context of their own.
package io.github.tomcatselinux.spring;

import static org.springframework.security.config.Customizer.withDefaults;

import io.github.tomcatselinux.SelinuxFilter;
import io.github.tomcatselinux.SelinuxValve;
import org.apache.catalina.webresources.StandardRoot;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The properties {@code selinux.*} are the valve's attributes. */
@SpringBootApplication
public class Application {

    /** Starts it. */
    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments);
    }

    /** Puts the valve before all of the embedded Tomcat's application. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> selinuxValve(Environment environment) {
        SelinuxValve valve = new SelinuxValve();
        Binder.get(environment)
                .bind("selinux", Bindable.mapOf(String.class, String.class))
                .orElseThrow(() -> new IllegalStateException("the properties selinux.* are missing"))
                .forEach(valve::setProperty);
        return factory -> {
            factory.addEngineValves(valve);
            // Spring Boot's own hides its loader in an executable WAR; the valve confines none but Tomcat's.
            factory.addContextCustomizers(context -> context.setResources(new StandardRoot(context)));
        };
    }

    /** Form login, and login by whatever provider {@code spring.security.oauth2.client} names. */
    @Bean
    SecurityFilterChain security(HttpSecurity http) {
        return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .formLogin(withDefaults())
                .oauth2Login(withDefaults())
                .build();
    }

    /** Comes after Spring Security, whose order is -100. */
    @Bean
    FilterRegistrationBean<SelinuxFilter> selinuxFilter() {
        return new FilterRegistrationBean<>(new SelinuxFilter());
    }
}
