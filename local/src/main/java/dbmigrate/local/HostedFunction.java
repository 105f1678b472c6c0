package dbmigrate.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A function of the template made ready for child JVMs.
 *
 * @param taskRoot the unzipped package: the runtime client loads its classes and lib/*.jar from its
 *     working directory
 * @param environment all that a child sees, but for the address of its own Runtime API
 */
record HostedFunction(
        String name,
        String arn,
        Duration timeout,
        File taskRoot,
        List<String> command,
        Map<String, String> environment) {

    private static final String RUNTIME_CLIENT =
            "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
    private static final String NATIVE_CLIENT =
            "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

    /**
     * On-demand java25 stops at C1 and collects serially; the heap leaves room for the JVM itself.
     */
    static HostedFunction of(
            Template.Function function,
            Path taskRoot,
            RuntimeClient client,
            Map<String, String> handedOn)
            throws IOException {
        return new HostedFunction(
                function.name(),
                Arn.of("lambda", "function:" + function.name()),
                function.timeout(),
                taskRoot.toFile(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xms" + Math.max(8, function.memory() / 64) + "m",
                        "-Xmx" + function.memory() * 85 / 100 + "m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-D" + NATIVE_CLIENT + "=" + client.nativeLibrary(),
                        "-cp",
                        client.jars().stream()
                                .map(Path::toString)
                                .collect(Collectors.joining(File.pathSeparator)),
                        RUNTIME_CLIENT,
                        function.handler()),
                environment(function, taskRoot, handedOn));
    }

    /**
     * The same function under SnapStart: its runtime client runs the hooks of org.crac, and asks
     * for the restore before it asks for an event.
     */
    HostedFunction snapStarted() {
        var hooked = new ArrayList<>(command);
        hooked.add(1, "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac");
        var initialized = new HashMap<>(environment);
        initialized.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
        return new HostedFunction(name, arn, timeout, taskRoot, hooked, initialized);
    }

    private static Map<String, String> environment(
            Template.Function function, Path taskRoot, Map<String, String> handedOn) {
        var environment = new HashMap<>(function.environment());
        environment.putAll(handedOn);
        environment.keySet().removeAll(function.withheld());
        environment.putAll(
                Map.of(
                        "AWS_EXECUTION_ENV", "AWS_Lambda_java25",
                        "AWS_LAMBDA_FUNCTION_NAME", function.name(),
                        "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST",
                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memory()),
                        "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand",
                        "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name(),
                        "AWS_LAMBDA_LOG_STREAM_NAME", "local"));
        environment.putAll(
                Map.of(
                        "AWS_ACCESS_KEY_ID", "local",
                        "AWS_SECRET_ACCESS_KEY", "local",
                        "AWS_SESSION_TOKEN", "local",
                        "AWS_REGION", Arn.REGION,
                        "AWS_DEFAULT_REGION", Arn.REGION,
                        "LAMBDA_TASK_ROOT", taskRoot.toString(),
                        "_HANDLER", function.handler(),
                        // Lambda's is en_US.UTF-8, which is not on every machine.
                        "LANG", "C.UTF-8",
                        "PATH", "/usr/local/bin:/usr/bin:/bin",
                        "TZ", ":UTC"));
        return environment;
    }
}
