package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexStatementTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "create index concurrently i on t (a)~i~t",
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS My_Index ON ONLY s.t USING gin (a)~My_Index~s.t",
                "create index concurrently \"My \"\"I\" on \"S\".\"T x\"(a) where b~\"My \"\"I\"~\"S\".\"T x\"",
                "/* why */ create /* x */ index   concurrently i on t(a)~i~t",
            })
    void createdIndexAndItsTableAreRead(String sql, String index, String table) {
        assertEquals(
                Optional.of(new IndexStatement.Create(sql, index, table)),
                IndexStatement.parse(sql));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "drop index concurrently i",
                "DROP INDEX CONCURRENTLY IF EXISTS s.i RESTRICT;",
                "reindex index concurrently i",
                "reindex (verbose) table concurrently s.t",
                "reindex schema concurrently s",
                "vacuum (analyze) t",
                "analyze t (a)",
                "/* x */ ANALYZE"
            })
    void whatCanRunAgainIsKnown(String sql) {
        assertTrue(IndexStatement.parse(sql).isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create index i on t (a)",
                "create index concurrently on t (a)",
                "drop index i",
                "drop index concurrently i cascade",
                "alter type mood add value 'x'",
                "insert into t values (1)",
                "alter system set x = 1",
                "create database d",
                "analyzer t",
                "drop index concurrently i, j"
            })
    void whatCouldBeAppliedTwiceIsNot(String sql) {
        assertEquals(Optional.empty(), IndexStatement.parse(sql));
    }
}
