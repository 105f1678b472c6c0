package dbmigrate.worker;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A deferred constraint trigger on a temporary table, which makes a commit of its transaction fail;
 * and that transaction's number, by which another one is known.
 */
final class CommitGuard {
    /** invalid_transaction_termination */
    static final String TERMINATION = "2D000";

    /** It stands aside while SET CONSTRAINTS fires it, and nowhere else. */
    private static final String GUARD =
            """
            create temporary table db_migrate_rehearsal (guarded boolean) on commit drop;
            create function pg_temp.db_migrate_refuse() returns trigger language plpgsql as $$
            begin
                if current_setting('db_migrate.rehearsal', true) = 'aside' then
                    return null;
                end if;
                raise exception using errcode = '%s', message =
                    'a rehearsal commits nothing: the transaction is rolled back';
            end $$;
            create constraint trigger db_migrate_rehearsal
                after insert on pg_temp.db_migrate_rehearsal deferrable initially deferred
                for each row execute function pg_temp.db_migrate_refuse();
            alter table pg_temp.db_migrate_rehearsal enable always trigger db_migrate_rehearsal;
            -- A script may have taken another role on by then.
            grant insert on pg_temp.db_migrate_rehearsal to public;
            insert into pg_temp.db_migrate_rehearsal values (true);
            """
                    .formatted(TERMINATION);

    private static final String ARM_AGAIN =
            """
            select set_config('db_migrate.rehearsal', '', true);
            set constraints pg_temp.db_migrate_rehearsal deferred;
            insert into pg_temp.db_migrate_rehearsal values (true);
            """;

    private final Connection connection;
    private long transaction;

    CommitGuard(Connection connection) {
        this.connection = connection;
    }

    /** Takes its place in the transaction that is open. */
    void stand() throws SQLException {
        execute(GUARD);
        transaction = current();
    }

    /** Whether the transaction that is open is the one in which it stands. */
    boolean isOfThisTransaction() throws SQLException {
        return current() == transaction;
    }

    /** Lets itself be fired by the statement that follows. */
    void aside() throws SQLException {
        execute("select set_config('db_migrate.rehearsal', 'aside', true)");
    }

    /** Waits for a commit again. */
    void armAgain() throws SQLException {
        execute(ARM_AGAIN);
    }

    private long current() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "select coalesce(pg_catalog.txid_current_if_assigned(), 0)")) {
            row.next();
            return row.getLong(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
