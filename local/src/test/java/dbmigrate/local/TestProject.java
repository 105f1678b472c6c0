package dbmigrate.local;

import dbmigrate.local.handler.ObedientHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A project like db-migrate, whose functions are obedient ones. */
record TestProject(Path home) {
    static final String TEMPLATE =
            """
            Parameters:
              DatabaseUrl: {Type: String}
            Globals:
              Function:
                Environment:
                  Variables:
                    DATABASE_URL: !Ref DatabaseUrl
            Resources:
              ObedientFunction:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: dbmigrate.local.handler.ObedientHandler::handleRequest
                  CodeUri: function.zip
                  Timeout: 20
                  MemorySize: 256
                  Environment:
                    Variables:
                      NOTES: NOTES_FOLDER
              Integration:
                Type: AWS::ApiGatewayV2::Integration
                Properties: {IntegrationUri: !GetAtt ObedientFunction.Arn}
              Everything:
                Type: AWS::ApiGatewayV2::Route
                Properties:
                  RouteKey: $default
                  AuthorizationType: AWS_IAM
                  Target: !Sub "integrations/${Integration}"
              Mapping:
                Type: AWS::Lambda::EventSourceMapping
                Properties:
                  EventSourceArn: !GetAtt Orders.Arn
                  FunctionName: !Ref ObedientFunction
                  BatchSize: 10
                  FunctionResponseTypes: [ReportBatchItemFailures]
                  ScalingConfig: {MaximumConcurrency: 2}
              Orders:
                Type: AWS::SQS::Queue
                Properties:
                  FifoQueue: true
                  VisibilityTimeout: 8
                  RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
              Dead:
                Type: AWS::SQS::Queue
                Properties: {FifoQueue: true}
            """;

    static TestProject in(Path folder) throws IOException {
        Files.writeString(
                folder.resolve("template.yaml"),
                TEMPLATE.replace(
                        "NOTES_FOLDER", Files.createDirectory(folder.resolve("notes")).toString()));
        String name = ObedientHandler.class.getName().replace('.', '/') + ".class";
        try (var zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("function.zip")));
                var bytes = ObedientHandler.class.getResourceAsStream("/" + name)) {
            zip.putNextEntry(new ZipEntry(name));
            bytes.transferTo(zip);
            lib(zip);
        }
        return new TestProject(folder);
    }

    /** The dependency travels as lib/*.jar, as those of a real package do. */
    private static void lib(ZipOutputStream zip) throws IOException {
        zip.putNextEntry(new ZipEntry("lib/core.jar"));
        try (var jars = Files.list(Main.target().resolve("runtime-client"))) {
            Files.copy(
                    jars.filter(jar -> jar.toString().contains("-core-")).findFirst().orElseThrow(),
                    zip);
        }
    }

    Path notes() {
        return home.resolve("notes");
    }

    /** The function, unpacked into {@code workspace}. */
    HostedFunction function(Path workspace, Duration timeout, Map<String, String> handedOn)
            throws IOException {
        return HostedFunction.of(
                new Template.Function(
                        "ObedientFunction",
                        ObedientHandler.class.getName() + "::handleRequest",
                        "function.zip",
                        timeout,
                        256,
                        Map.of("NOTES", notes().toString()),
                        Set.of(),
                        Optional.empty()),
                Zip.unpack(home.resolve("function.zip"), workspace.resolve("function")),
                RuntimeClient.unpack(Main.target().resolve("runtime-client"), workspace),
                handedOn);
    }
}
