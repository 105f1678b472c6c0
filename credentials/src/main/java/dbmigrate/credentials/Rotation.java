package dbmigrate.credentials;

import dbmigrate.log.Log;
import java.util.List;
import java.util.Optional;

/**
 * A rotation's four steps, each of which may be called again, whatever it did before it died.
 *
 * <ol>
 *   <li>Only the one secret is rotated, and of it only the version that Secrets Manager has staged
 *       as AWSPENDING for this rotation. One that is current already needs nothing.
 *   <li>createSecret writes a new password into that version, unless it has one.
 *   <li>setSecret gives it to the server, unless that takes it already.
 *   <li>testSecret opens a session as the functions do.
 *   <li>finishSecret proves the same once more, and makes the version current.
 * </ol>
 *
 * <p>Source: AWS Secrets Manager, User Guide, "Rotation by Lambda function".
 */
record Rotation(RotationSettings settings, RotatedSecret secret, RotatedServer server, Log log) {
    /**
     * Takes a step.
     *
     * @throws CredentialsException that says why it was not taken
     */
    void take(RotationEvent event) {
        RotatedSecret.Versions versions = secret.versions();
        if (!event.secretId().equals(versions.arn())) {
            throw new CredentialsException(
                    "this function rotates the secret of DATABASE_SECRET_ARN and no other; it was called for "
                            + event.secretId());
        }
        if (isDone(event, versions)) {
            log.info("the version is current already; nothing is to be done");
            return;
        }
        switch (event.step()) {
            case CREATE_SECRET -> create(event.token());
            case SET_SECRET -> set(event.token());
            case TEST_SECRET -> server.prove(pending(event.token()).login());
            case FINISH_SECRET -> finish(event.token(), versions);
        }
    }

    private boolean isDone(RotationEvent event, RotatedSecret.Versions versions) {
        if (!versions.isRotated()) {
            throw new CredentialsException(
                    "rotation is not enabled for the secret; enable it with secretsmanager:RotateSecret");
        }
        List<String> stages = versions.of(event.token());
        if (stages.contains("AWSCURRENT")) {
            return true;
        }
        if (!stages.contains("AWSPENDING")) {
            throw new CredentialsException(
                    "the version %s of the secret is not staged as AWSPENDING: another rotation has begun since, or somebody moved the label; rotate anew"
                            .formatted(event.token()));
        }
        return false;
    }

    private void create(String token) {
        RotatedValue current = current();
        String next = nextUser(current);
        if (secret.pending(token).isPresent()) {
            log.info("the version holds a password already");
            return;
        }
        MasterPassword password = secret.newPassword();
        secret.put(token, current.with(next, password), password);
    }

    private void set(String token) {
        RotatedValue pending = pending(token);
        RotatedValue current = current();
        if (!pending.user().equals(nextUser(current))) {
            throw new CredentialsException(
                    "AWSPENDING is of user %s, where user %s is next: the secret or this function's variables were changed during the rotation; rotate anew"
                            .formatted(pending.user(), nextUser(current)));
        }
        if (server.accepts(pending.login())) {
            log.info("the server takes the password already");
        } else if (settings.alternates()) {
            server.setOther(current.login(), pending.login());
        } else {
            server.setOwn(earlier(current), pending.login());
        }
    }

    /** Somebody may take the steps by hand: what nobody can log in with never becomes current. */
    private void finish(String token, RotatedSecret.Versions versions) {
        server.prove(pending(token).login());
        secret.promote(token, versions.current().orElseThrow(Rotation::noCurrent));
    }

    /**
     * What the user may have now: a rotation that went wrong can leave the one before. Where the
     * secret has gone to another database since, that one is the former database's: there it would
     * let in, while AWSCURRENT is no longer about it.
     */
    private List<RotatedValue> earlier(RotatedValue current) {
        Optional<RotatedValue> previous =
                secret.labelled("AWSPREVIOUS").filter(value -> value.isOfTheSame(current));
        return previous.map(value -> List.of(current, value)).orElseGet(() -> List.of(current));
    }

    private String nextUser(RotatedValue current) {
        if (settings.alternates()) {
            return AlternateUser.of(current.user());
        }
        if (current.namesAMaster()) {
            throw new CredentialsException(
                    "masterarn in the secret says that two users take turns; then neither could change what the other made, unless DATABASE_OWNER_ROLE names a role that both act as. Set it and ROTATION_MASTER_SECRET_ARN, and let an administrator run: "
                            + AlternateUser.grants(settings.owner(), current.user())
                            + " Or take masterarn out of the secret, and its one user gets a new password");
        }
        return current.user();
    }

    private RotatedValue current() {
        return secret.labelled("AWSCURRENT").orElseThrow(Rotation::noCurrent);
    }

    private RotatedValue pending(String token) {
        return secret.pending(token)
                .orElseThrow(() ->
                        new CredentialsException(
                                "the version %s of the secret holds no password yet: createSecret comes first"
                                        .formatted(token)));
    }

    private static CredentialsException noCurrent() {
        return new CredentialsException(
                "no version of the secret is AWSCURRENT; store user and password in it, and rotate anew");
    }
}
