package dbmigrate.warnings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the rules say of rewriting and reading a table, compared with what PostgreSQL does: with
 * client_min_messages at debug1 it tells of each table that it rewrites or reads, and of each index
 * that it builds.
 */
@Tag("database")
class MeasuredRulesTest {
    private static final Pattern WORK =
            Pattern.compile(
                    "(rewriting table|verifying table|validating foreign key|building index)"
                            + " .*?\"(orders|things|items|part|parted|(orders|items|ranged)_\\w+)\".*");

    /** They say of themselves that rows are read or written; the tablespace is the same one. */
    private static final Pattern READS =
            Pattern.compile(
                    "(add-check|add-column-rewrite|add-foreign-key|add-unique|attach-partition"
                            + "|change-column-type|create-index|default-partition"
                            + "|rebuild-for-type|set-not-null"
                            + "|rewrite-table: .*unlogged|validate-with-add)\\b.*",
                    Pattern.DOTALL);

    private static final Pattern ALTERS =
            Pattern.compile("(set timezone.*;; )?alter table (orders|items) .*");

    /** They keep others off a table without reading it, or tell of no reading. */
    private static final Pattern LOCKS =
            Pattern.compile("(alter-domain|detach-partition|drop-index|lock-table): .*");

    /** What PostgreSQL has from 18 on. */
    private static final Pattern OF_18 =
            Pattern.compile(" not enforced| virtual$|add constraint \\w+ not null ");

    private static TestPostgres postgres;
    private static String database;
    private static Connection connection;

    @BeforeAll
    static void open() throws SQLException {
        postgres = TestPostgres.shared();
        database = postgres.newName("measured");
        postgres.execute("postgres", "create database " + database);
        postgres.execute(database, WarningsTest.TABLES);
        postgres.execute(database, "create unique index y on orders (id)");
        connection = postgres.connect(database);
        WarningsTest.inBerlin(connection);
        connection.setAutoCommit(false);
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
        postgres.execute("postgres", "drop database " + database + " with (force)");
    }

    /** The kinds of work that PostgreSQL tells of; everything is rolled back. */
    private static Set<String> work(String sql) throws SQLException {
        assumeTrue(
                connection.getMetaData().getDatabaseMajorVersion() >= 18
                        || !OF_18.matcher(sql).find(),
                "this server knows no such statement");
        Set<String> work = new TreeSet<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local client_min_messages = debug1");
            for (String one : sql.split(";;")) {
                statement.execute(one);
                for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                    Matcher matcher = WORK.matcher(w.getMessage());
                    if (matcher.matches()) {
                        work.add(matcher.group(1));
                    }
                }
                statement.clearWarnings();
            }
        } finally {
            connection.rollback();
        }
        return work;
    }

    static Stream<String> reading() {
        return WarningsTest.DANGEROUS.stream()
                .filter(line -> READS.matcher(line).matches())
                .map(line -> line.substring(line.indexOf(':') + 2));
    }

    static Stream<String> harmless() {
        return WarningsTest.HARMLESS.stream().filter(sql -> ALTERS.matcher(sql).matches());
    }

    @ParameterizedTest
    @MethodSource("reading")
    void whatIsWarnedOfReadsOrWritesTheTable(String sql) throws SQLException {
        try {
            assertEquals(false, work(sql).isEmpty());
        } catch (SQLException e) {
            // It has found a row that does not fit: it has read them.
            assertEquals("23", e.getSQLState().substring(0, 2), e.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void whatIsNotWarnedOfDoesNeither(String sql) throws SQLException {
        assertEquals(Set.of(), work(sql));
    }

    @ParameterizedTest
    @MethodSource("locking")
    void whatIsWarnedOfKeepsWritersOff(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            ResultSet locks =
                    statement.executeQuery(
                            """
                            select relname from pg_locks join pg_class c on c.oid = relation
                            where pid = pg_backend_pid() and relkind in ('r', 'p')
                              and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                           'AccessExclusiveLock')
                            """);
            assertEquals(true, locks.next());
        } finally {
            connection.rollback();
        }
    }

    static Stream<String> locking() {
        return WarningsTest.DANGEROUS.stream()
                .filter(line -> LOCKS.matcher(line).matches())
                .map(line -> line.substring(line.indexOf(':') + 2));
    }

    @ParameterizedTest
    @MethodSource("required")
    void requiredColumnWithoutADefaultIsRefused(String sql) {
        SQLException refused = assertThrows(SQLException.class, () -> work(sql));
        assertEquals("23502", refused.getSQLState());
    }

    static Stream<String> required() {
        return WarningsTest.DANGEROUS.stream()
                .filter(line -> line.startsWith("add-column-not-null"))
                .map(line -> line.substring(line.indexOf(':') + 2));
    }
}
