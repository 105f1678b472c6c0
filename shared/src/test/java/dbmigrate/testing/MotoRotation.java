package dbmigrate.testing;

import java.util.Map;
import java.util.UUID;

/**
 * Rotations of one secret in moto, each step of which somebody else has to take: moto calls a
 * function that it does not run, and leaves the secret as Secrets Manager does before the first.
 */
public final class MotoRotation {
    private static final String ROLE = "arn:aws:iam::123456789012:role/rotation";

    /** What moto calls. */
    public static final String FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:rotation";

    /** A zip without entries: moto wants one. */
    private static final String CODE = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

    private final MotoServer moto;
    private final String arn;

    private MotoRotation(MotoServer moto, String arn) {
        this.moto = moto;
        this.arn = arn;
    }

    /** The rotations of a secret; once for each server, {@link #allow} comes before. */
    public static MotoRotation of(MotoServer moto, String arn) {
        return new MotoRotation(moto, arn);
    }

    /** Makes the function that moto calls. */
    public static void allow(MotoServer moto) {
        moto.send(
                moto.request("/moto-api/config", "lambda", "{\"lambda\":{\"use_docker\":false}}")
                        .header("Content-Type", "application/json"));
        moto.iam(
                "Action=CreateRole&RoleName=rotation&AssumeRolePolicyDocument={}&Version=2010-05-08");
        String members =
                MotoServer.object(
                        Map.of(
                                "FunctionName", "rotation",
                                "Runtime", "java25",
                                "Role", ROLE,
                                "Handler", "none"));
        moto.send(
                moto.request(
                                "/2015-03-31/functions",
                                "lambda",
                                members.replaceFirst(
                                        "}$", ",\"Code\":{\"ZipFile\":\"" + CODE + "\"}}"))
                        .header("Content-Type", "application/json"));
    }

    /**
     * Begins one.
     *
     * @return the id of the version that it makes
     */
    public String begin() {
        String token = UUID.randomUUID().toString();
        String members =
                MotoServer.object(
                        Map.of(
                                "SecretId",
                                arn,
                                "ClientRequestToken",
                                token,
                                "RotationLambdaARN",
                                FUNCTION));
        moto.call(
                "RotateSecret",
                members.replaceFirst("}$", ",\"RotationRules\":{\"AutomaticallyAfterDays\":30}}"));
        return token;
    }

    /** Secrets Manager takes AWSPENDING away with the step that makes a version current. */
    public void ended(String token) {
        unstage(token, "AWSPENDING");
        moto.promoted(arn, token);
    }

    /** Takes a label from a version. */
    public void unstage(String version, String stage) {
        moto.call(
                "UpdateSecretVersionStage",
                MotoServer.object(
                        Map.of(
                                "SecretId", arn,
                                "VersionStage", stage,
                                "RemoveFromVersionId", version)));
    }

    /** Nobody is to rotate it any more. */
    public void disable() {
        moto.call("CancelRotateSecret", MotoServer.object(Map.of("SecretId", arn)));
    }
}
