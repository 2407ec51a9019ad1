// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium without a window, and axe in it.
package io.github.tomcatselinux.status;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Sends the administrator's credentials with every request. */
final class Browser implements AutoCloseable {
    private static final Path FOLDER = Path.of(System.getProperty("screenshots"));
    private static final File CHROMIUM = new File("/usr/bin/chromium");
    private static final File DRIVER = new File("/usr/bin/chromedriver");

    /** Far longer than anything takes that happens at all. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ChromeDriver driver;

    /** With its own profile in a new folder. */
    Browser(boolean runsScripts) throws IOException {
        if (!CHROMIUM.canExecute() || !DRIVER.canExecute()) {
            throw new IllegalStateException(CHROMIUM + " or " + DRIVER + " is missing: run scripts/setup first");
        }
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM);
        // Root has no sandbox of Chromium's; it visits nothing but our own page.
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run");
        if (!runsScripts) {
            options.setExperimentalOption("prefs", Map.of("profile.managed_default_content_settings.javascript", 2));
        }
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER)
                        .usingAnyFreePort()
                        .build(),
                options);
        driver.manage().timeouts().scriptTimeout(PATIENCE).pageLoadTimeout(PATIENCE);
        command("Network.enable", Map.of());
        command(
                "Network.setExtraHTTPHeaders",
                Map.of("headers", Map.of("Authorization", StatusServer.credentials(StatusServer.ADMIN))));
    }

    void go(URI page) {
        driver.get(page.toString());
    }

    /** A window of that width, in points, whose owner prefers dark or light colours. */
    void look(int width, boolean dark) {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
        command(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** The whole page as it looks, to a file. */
    void photograph(String name) throws IOException {
        Number height = (Number) run("return document.documentElement.scrollHeight");
        Number width = (Number) run("return window.innerWidth");
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        Files.createDirectories(FOLDER);
        Files.write(FOLDER.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    Object run(String script) {
        return driver.executeScript(script);
    }

    /** What axe finds wrong, each as its rule and the elements; everything that it knows is looked for. */
    List<?> findings() throws IOException {
        try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
            driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
        }
        return (List<?>) driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run(document, {resultTypes: ["violations"]}).then(
                    results => done(results.violations.map(
                        one => one.id + ": " + one.nodes.map(node => node.target + " " + node.failureSummary).join("; "))),
                    failed => done([String(failed)]));
                """);
    }

    void type(String field, String text) {
        driver.findElement(By.id(field)).sendKeys(text);
    }

    /** Sends the form whose button says that, and waits until the page that asked has gone. */
    void send(String button) {
        WebElement form = driver.findElement(By.xpath("//button[normalize-space()='" + button + "']"));
        form.click();
        new WebDriverWait(driver, PATIENCE).until(ExpectedConditions.stalenessOf(form));
    }

    /** Waits until the page says that; it may be loading still. */
    void awaitText(String text) {
        new WebDriverWait(driver, PATIENCE)
                .ignoring(StaleElementReferenceException.class)
                .until(ExpectedConditions.textToBePresentInElementLocated(By.tagName("body"), text));
    }

    /** What stands there to be read. */
    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    String title() {
        return driver.getTitle();
    }

    private void command(String name, Map<String, Object> parameters) {
        driver.executeCdpCommand(name, parameters);
    }

    @Override
    public void close() {
        driver.quit();
    }
}
