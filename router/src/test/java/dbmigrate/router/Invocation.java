package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** An invocation of a handler as Lambda makes it: an event of JSON in, an answer of JSON out. */
record Invocation() implements Context {
    /** What a handler answers to an event. */
    static JsonObject answer(RequestStreamHandler handler, String event)
            throws IOException, MalformedJsonException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        handler.handleRequest(
                new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
                output,
                new Invocation());
        return JsonObject.of(Json.read(output.toString(StandardCharsets.UTF_8)));
    }

    /** The body of the router's answer, which is JSON. */
    static JsonObject body(JsonObject answer) throws MalformedJsonException {
        return JsonObject.of(Json.read(answer.string("body").orElseThrow()));
    }

    @Override
    public String getAwsRequestId() {
        return "invocation";
    }

    @Override
    public String getLogGroupName() {
        return "/aws/lambda/function";
    }

    @Override
    public String getLogStreamName() {
        return "stream";
    }

    @Override
    public String getFunctionName() {
        return "function";
    }

    @Override
    public String getFunctionVersion() {
        return "1";
    }

    @Override
    public String getInvokedFunctionArn() {
        return "arn:aws:lambda:eu-west-1:123456789012:function:function";
    }

    @Override
    public CognitoIdentity getIdentity() {
        throw new UnsupportedOperationException("no caller of ours has one");
    }

    @Override
    public ClientContext getClientContext() {
        throw new UnsupportedOperationException("no caller of ours has one");
    }

    @Override
    public int getRemainingTimeInMillis() {
        return 30_000;
    }

    @Override
    public int getMemoryLimitInMB() {
        return 512;
    }

    @Override
    public LambdaLogger getLogger() {
        throw new UnsupportedOperationException("the functions write to standard output");
    }
}
