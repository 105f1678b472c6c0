package dbmigrate.credentials;

import dbmigrate.database.Secret;
import dbmigrate.log.Log;
import java.util.Optional;

/**
 * Gives the database's master user a password of a secret, and proves it.
 *
 * <p>A password has an id, that of its version in the secret, which follows from the stack and the
 * property RotationId: whoever does a request again, wherever the attempt before ended, finds what
 * that one made. How a request is done:
 *
 * <ol>
 *   <li>An Update whose version exists and is not pending was done before, or was given up for
 *       another one. It sets no password where AWSCURRENT is this database's: a repeat, another
 *       property, or a roll-back, which cannot bring an old password back. It only makes current
 *       what the server takes (AWSCURRENT, AWSPENDING, this version), where the server can be
 *       asked. Where AWSCURRENT is another database's, as when the stack goes back to an earlier
 *       one, this one gets a new password, whose id follows from AWSCURRENT's, too.
 *   <li>The database is described, until it can be changed. What cannot be changed is refused
 *       before anything is written.
 *   <li>The secret is found, restored or made without a value.
 *   <li>The server is asked which password it has: AWSCURRENT's, else AWSPENDING's, which an
 *       attempt that died has set; that one is made AWSCURRENT. A Create adopts what the server
 *       takes: the same password becomes a version of its own, and nothing stays AWSPENDING. It is
 *       done.
 *   <li>A new password is written as AWSPENDING; one that an attempt before has written is taken,
 *       and is AWSPENDING again.
 *   <li>The server is asked to let it in. It refuses it, and so shows that it can be reached: where
 *       nobody answers nothing is changed.
 *   <li>RDS is told to set it, at once.
 *   <li>The server is asked until it lets it in; RDS sets it some seconds after it has said yes.
 *   <li>It is made AWSCURRENT.
 * </ol>
 *
 * <p>Whoever reads the secret for a login tries AWSPENDING after AWSCURRENT, so that an end between
 * any two steps leaves nobody outside.
 */
final class MasterCredentials {
    private final CredentialsSettings settings;
    private final RdsDatabase rds;
    private final DatabaseSecret secret;
    private final LoginProof proof;
    private final Log log;

    MasterCredentials(
            CredentialsSettings settings,
            RdsDatabase rds,
            DatabaseSecret secret,
            LoginProof proof,
            Log log) {
        this.settings = settings;
        this.rds = rds;
        this.secret = secret;
        this.proof = proof;
        this.log = log;
    }

    /** A version and what it holds. */
    private record Version(String id, SecretContent content) {}

    /** Makes credentials, or adopts those that are there. */
    ProvedCredentials create(String versionId) {
        return rotated(versionId, true);
    }

    /** Makes other credentials, unless this version was made before, and for this database. */
    ProvedCredentials update(String versionId) {
        return secret.find().filter(versions -> versions.isSettled(versionId)).isPresent()
                ? repeated(versionId)
                : rotated(versionId, false);
    }

    private ProvedCredentials repeated(String versionId) {
        MasterDatabase database = rds.located();
        SecretVersions versions = found();
        String currentId = versions.current().orElseThrow(() -> anotherShape(versions));
        SecretContent current = content(currentId).orElseThrow(() -> anotherShape(versions));
        if (current.isOf(database) || isAcceptedBy(rds.awaitReady(), current)) {
            return finished(versions, versionId, new Version(currentId, current), database);
        }
        log.info("the current password is another database's; this one gets a new one");
        return rotated(VersionId.of(versionId, currentId), false);
    }

    /** Somebody may have written a secret as RDS does, without an address, or with another one. */
    private boolean isAcceptedBy(MasterDatabase database, SecretContent content) {
        return proof.isAccepted(content.at(database, databaseName(database)));
    }

    private ProvedCredentials rotated(String versionId, boolean isNew) {
        MasterDatabase database = rds.awaitReady();
        String name = databaseName(database);
        SecretVersions versions = found();
        Optional<Version> current =
                versions.current().map(id -> version(versions, id, database, name));
        if (isNew) {
            current.ifPresent(version -> refuseAnother(versions, version, database));
        }
        Optional<Version> inUse = inUse(versions, current, database, name);
        if (inUse.isPresent() && (isNew || inUse.get().id().equals(versionId))) {
            return adopted(versions, inUse.get(), versionId, name);
        }
        Version pending = pending(versions, versionId, database, name);
        if (!proof.isAccepted(pending.content())) {
            log.info("RDS is told to set the new password");
            rds.setPassword(new MasterPassword(pending.content().password().reveal()));
            proof.await(pending.content());
        }
        secret.promote(versionId);
        log.info("the new password is proved, and current");
        return new ProvedCredentials(versions.arn(), pending.content(), name);
    }

    private SecretVersions found() {
        Optional<SecretVersions> versions = secret.restored();
        return versions.isPresent() ? versions.get() : secret.create(settings.kmsKey());
    }

    private Version version(
            SecretVersions versions, String id, MasterDatabase database, String databaseName) {
        return filled(id, database, databaseName).orElseThrow(() -> anotherShape(versions));
    }

    /** Empty where the version holds no credentials: it may be a rotation's that has only begun. */
    private Optional<Version> filled(String id, MasterDatabase database, String databaseName) {
        return content(id).map(known -> new Version(id, known.at(database, databaseName)));
    }

    private Optional<Version> pendingAlone(
            SecretVersions versions, MasterDatabase database, String databaseName) {
        return versions.pendingAlone().flatMap(id -> filled(id, database, databaseName));
    }

    private Optional<SecretContent> content(String id) {
        return secret.value(id).flatMap(SecretContent::parse);
    }

    private void refuseAnother(SecretVersions versions, Version current, MasterDatabase database) {
        if (!current.content().username().equals(database.masterUser())) {
            throw new CredentialsException(
                    "%s%s holds the credentials of user %s, and the master user of %s is %s; it is left as it is: delete it, or give the stack another name"
                            .formatted(
                                    secret,
                                    restored(versions),
                                    current.content().username(),
                                    database.name(),
                                    database.masterUser()));
        }
    }

    /** The version that the server lets in, which is AWSCURRENT afterwards. */
    private Optional<Version> inUse(
            SecretVersions versions,
            Optional<Version> current,
            MasterDatabase database,
            String name) {
        Optional<Version> known = current.flatMap(this::accepted);
        if (known.isPresent()) {
            return known;
        }
        Optional<Version> pending = pendingAlone(versions, database, name).flatMap(this::accepted);
        pending.ifPresent(version -> {
            log.info("an attempt before this one has set the pending password; it is made current");
            secret.promote(version.id());
        });
        return pending;
    }

    /**
     * What the server lets in has the id of this request from now on, so that a repeat finds it. No
     * label stays that would keep Secrets Manager from a rotation.
     */
    private ProvedCredentials adopted(
            SecretVersions versions, Version inUse, String versionId, String name) {
        if (!versions.has(versionId)) {
            secret.put(versionId, inUse.content(), SecretVersions.CURRENT);
        }
        secret.unstage();
        log.info("the secret's password is the database's");
        return new ProvedCredentials(versions.arn(), inUse.content(), name);
    }

    private Version pending(
            SecretVersions versions, String versionId, MasterDatabase database, String name) {
        if (!versions.has(versionId)) {
            SecretContent content =
                    SecretContent.of(database, new Secret(secret.newPassword().reveal()), name);
            if (secret.put(versionId, content, SecretVersions.PENDING)) {
                return new Version(versionId, content);
            }
            log.info("another call for this request has written the password; that one is taken");
        }
        secret.stage(versionId);
        return version(versions, versionId, database, name);
    }

    /**
     * Makes current what the server takes: AWSCURRENT, AWSPENDING, or this request's own version,
     * whose label a rotation may have taken. What cannot be asked now stays as it is.
     */
    private ProvedCredentials finished(
            SecretVersions versions, String versionId, Version known, MasterDatabase database) {
        String name = databaseName(database);
        Version current = new Version(known.id(), known.content().at(database, name));
        try {
            Optional<Version> taken =
                    accepted(current)
                            .or(() ->
                                    pendingAlone(versions, database, name).flatMap(this::accepted))
                            .or(() -> filled(versionId, database, name).flatMap(this::accepted));
            if (taken.isPresent()) {
                String id = taken.get().id();
                if (!versions.isCurrentAlone(id)) {
                    secret.promote(id);
                }
                return new ProvedCredentials(versions.arn(), taken.get().content(), name);
            }
            log.warn(
                    "the database takes no password of %s; deploy with another RotationId, and it gets a new one"
                            .formatted(secret));
        } catch (CredentialsException e) {
            log.warn("the database does not say which password it has; the labels stay", e);
        }
        return new ProvedCredentials(versions.arn(), current.content(), name);
    }

    private Optional<Version> accepted(Version version) {
        return proof.isAccepted(version.content()) ? Optional.of(version) : Optional.empty();
    }

    private CredentialsException anotherShape(SecretVersions versions) {
        return new CredentialsException(
                "%s%s holds something else than a database's credentials (a JSON object with username and password), and is left as it is; delete it, or give the stack another name"
                        .formatted(secret, restored(versions)));
    }

    /** It has to be, or nobody could read what it holds. */
    private static String restored(SecretVersions versions) {
        return versions.isMarked() ? ", which was marked for deletion and is restored," : "";
    }

    private String databaseName(MasterDatabase database) {
        return settings.databaseName().or(database::databaseName).orElse("postgres");
    }
}
