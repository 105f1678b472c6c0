package dbmigrate.credentials;

import dbmigrate.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The answer, as CloudFormation reads it (User Guide, "Custom resource response objects"). */
record ResourceAnswer(ResourceEvent event, Outcome outcome) {
    /** CloudFormation's limit. */
    static final int MOST_BYTES = 4096;

    /** The JSON in UTF-8, at most {@link #MOST_BYTES}; a reason that does not fit is cut. */
    byte[] bytes() {
        Optional<String> reason =
                switch (outcome) {
                    case Outcome.Success success -> success.note();
                    case Outcome.Failure failure -> Optional.of(failure.reason());
                };
        byte[] whole = bytes(reason);
        for (int length = reason.map(String::length).orElse(0);
                whole.length > MOST_BYTES && length > 0; ) {
            length = length * 9 / 10;
            int kept = length;
            whole = bytes(reason.map(text -> text.substring(0, kept) + "…"));
        }
        return whole;
    }

    private byte[] bytes(Optional<String> reason) {
        return Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringField(
                                    "Status",
                                    outcome instanceof Outcome.Success ? "SUCCESS" : "FAILED");
                            if (reason.isPresent()) {
                                json.writeStringField("Reason", reason.get());
                            }
                            json.writeStringField("PhysicalResourceId", event.physicalId());
                            json.writeStringField("StackId", event.stackId());
                            json.writeStringField("RequestId", event.requestId());
                            json.writeStringField("LogicalResourceId", event.logicalId());
                            if (outcome instanceof Outcome.Success success
                                    && success.credentials().isPresent()) {
                                ProvedCredentials credentials = success.credentials().get();
                                json.writeObjectFieldStart("Data");
                                json.writeStringField("SecretArn", credentials.secretArn());
                                json.writeStringField("Username", credentials.content().username());
                                json.writeStringField("DatabaseUrl", credentials.databaseUrl());
                                json.writeEndObject();
                            }
                            json.writeEndObject();
                        })
                .getBytes(StandardCharsets.UTF_8);
    }
}
