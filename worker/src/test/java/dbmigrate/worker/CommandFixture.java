package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationRequest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whole attempts at the commands other than migrate, and what their rows say then. */
final class CommandFixture implements AutoCloseable {
    final RunFixture run;

    CommandFixture(Path migrations) {
        this.run = new RunFixture(migrations);
    }

    CommandFixture file(String name, String sql) {
        run.file(name, sql);
        return this;
    }

    /** Migrates, and fails unless that went well. */
    void migrated() throws SQLException {
        Ending ending = run.attempt(run.claimed(), TimeLimit.none());
        if (!(ending instanceof Ending.Completed)) {
            throw new AssertionError(ending);
        }
    }

    MigrationProcess row(Command command) throws SQLException {
        return row(request(command, Optional.empty(), Optional.empty()));
    }

    MigrationProcess row(MigrationRequest request) throws SQLException {
        Claim.Claimed claimed = run.claimed(request);
        run.attempt(claimed, TimeLimit.none());
        return run.row(claimed);
    }

    MigrationProcess baseline(String version, String description) throws SQLException {
        return row(request(Command.BASELINE, Optional.of(version), Optional.of(description)));
    }

    MigrationRequest request(
            Command command, Optional<String> version, Optional<String> description) {
        return new MigrationRequest(
                command,
                run.database,
                Optional.empty(),
                false,
                Map.of(),
                version,
                description,
                Optional.empty());
    }

    static JsonObject result(MigrationProcess row) {
        try {
            return JsonObject.of(Json.read(row.result().orElseThrow()));
        } catch (MalformedJsonException e) {
            throw new AssertionError(e);
        }
    }

    static FailureCode code(MigrationProcess row) {
        return row.error().map(Failure::code).orElseThrow();
    }

    /** Two members of each object of a list of the result. */
    static List<String> pairs(MigrationProcess row, String list, String first, String second) {
        return result(row).objects(list).stream()
                .map(one -> one.members().get(first) + " " + one.members().get(second))
                .toList();
    }

    /** As a worker that died inside a migration leaves it. */
    void note(String script, boolean runsAgain) {
        run.postgres.execute(
                "postgres",
                """
                insert into db_migrate.unsettled
                    (database, history, script, runs_again, made, dropped, standing, copies)
                values ('%s', '"public"."flyway_schema_history"', '%s', %s, '{}', '{}', '{}', '{}')
                """
                        .formatted(run.database, script, runsAgain));
    }

    List<String> notes() {
        return run.postgres.query(
                "postgres",
                "select script from db_migrate.unsettled where database = '%s' order by 1"
                        .formatted(run.database));
    }

    void execute(String sql) {
        run.postgres.execute(run.database, sql);
    }

    List<String> query(String sql) {
        return run.postgres.query(run.database, sql);
    }

    /** Whether the database stands. */
    boolean stands() {
        return !run.postgres
                .query(
                        "postgres",
                        "select 1 from pg_database where datname = '" + run.database + "'")
                .isEmpty();
    }

    @Override
    public void close() throws SQLException {
        run.postgres.execute(
                "postgres",
                "delete from db_migrate.unsettled where database = '" + run.database + "'");
        run.close();
    }
}
