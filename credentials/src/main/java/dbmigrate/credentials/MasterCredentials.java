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
 *   <li>An Update whose version was proved before changes nothing where AWSCURRENT is this
 *       database's: a repeat, another property, or a roll-back, which cannot bring an old password
 *       back. It only finishes what an attempt has left (step 4), where it can. Where AWSCURRENT is
 *       another database's, as when the stack goes back to an earlier one, this one gets a new
 *       password, whose id follows from AWSCURRENT's, too.
 *   <li>The database is described, until it can be changed. What cannot be changed is refused
 *       before anything is written.
 *   <li>The secret is found, restored or made without a value.
 *   <li>The server is asked which password it has: AWSCURRENT's, else AWSPENDING's, which an
 *       attempt that died has set; that one is made AWSCURRENT. A Create adopts what the server
 *       takes: the same password becomes a version of its own. It is done.
 *   <li>A new password is written as AWSPENDING; one that an attempt before has written is taken.
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
        Optional<SecretVersions> versions = secret.restored();
        return versions.isPresent() && versions.get().isProved(versionId)
                ? repeated(versions.get(), versionId)
                : rotated(versionId, false);
    }

    private ProvedCredentials repeated(SecretVersions versions, String versionId) {
        MasterDatabase database = rds.located();
        String currentId = versions.current().orElseThrow(this::anotherShape);
        SecretContent current = content(currentId).orElseThrow(this::anotherShape);
        if (current.isOf(database) || isAcceptedBy(rds.awaitReady(), current)) {
            return finished(versions, current, database);
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
        Optional<Version> current = version(versions.current(), database, name);
        if (isNew) {
            current.ifPresent(version -> refuseAnother(version, database));
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

    private Optional<Version> version(
            Optional<String> id, MasterDatabase database, String databaseName) {
        return id.map(known ->
                new Version(
                        known,
                        content(known).orElseThrow(this::anotherShape).at(database, databaseName)));
    }

    /** What holds no credentials is skipped: it may be a rotation's that has only begun. */
    private Optional<Version> pendingAlone(
            SecretVersions versions, MasterDatabase database, String databaseName) {
        return versions.pendingAlone()
                .flatMap(id ->
                        content(id)
                                .map(known -> new Version(id, known.at(database, databaseName))));
    }

    private Optional<SecretContent> content(String id) {
        return secret.value(id).flatMap(SecretContent::parse);
    }

    private void refuseAnother(Version current, MasterDatabase database) {
        if (!current.content().username().equals(database.masterUser())) {
            throw new CredentialsException(
                    "%s holds the credentials of user %s, and the master user of %s is %s; it is left as it is: delete it, or give the stack another name"
                            .formatted(
                                    secret,
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
        if (current.isPresent() && proof.isAccepted(current.get().content())) {
            return current;
        }
        Optional<Version> pending =
                pendingAlone(versions, database, name)
                        .filter(version -> proof.isAccepted(version.content()));
        pending.ifPresent(version -> {
            log.info("an attempt before this one has set the pending password; it is made current");
            secret.promote(version.id());
        });
        return pending;
    }

    /**
     * What the server lets in has the id of this request from now on, so that a repeat finds it.
     */
    private ProvedCredentials adopted(
            SecretVersions versions, Version inUse, String versionId, String name) {
        if (inUse.id().equals(versionId)) {
            secret.promote(versionId);
        } else if (!versions.has(versionId)) {
            secret.put(versionId, inUse.content(), SecretVersions.CURRENT);
        }
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
        return version(Optional.of(versionId), database, name).orElseThrow();
    }

    /** What cannot be asked now stays as it is: both labels are tried by those who log in. */
    private ProvedCredentials finished(
            SecretVersions versions, SecretContent known, MasterDatabase database) {
        String name = databaseName(database);
        SecretContent current = known.at(database, name);
        Optional<Version> pending = pendingAlone(versions, database, name);
        if (pending.isPresent()) {
            SecretContent other = pending.get().content();
            try {
                if (!proof.isAccepted(current) && proof.isAccepted(other)) {
                    secret.promote(pending.get().id());
                    return new ProvedCredentials(versions.arn(), other, name);
                }
            } catch (CredentialsException e) {
                log.warn("the database does not say which password it has; both are kept", e);
            }
        }
        return new ProvedCredentials(versions.arn(), current, name);
    }

    private CredentialsException anotherShape() {
        return new CredentialsException(
                "%s holds something else than a database's credentials (a JSON object with username and password), and is left as it is; delete it, or give the stack another name"
                        .formatted(secret));
    }

    private String databaseName(MasterDatabase database) {
        return settings.databaseName().or(database::databaseName).orElse("postgres");
    }
}
